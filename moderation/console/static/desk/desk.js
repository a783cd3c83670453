// The desk: one comment at a time, with the next ones reserved ahead.

import { call, leaveIfLoggedOut } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { showDue } from "./card.js";
import "./keyboard.js";
import { changeView, count, fill } from "./reservations.js";
import { offerViews } from "./saved_views.js";
import { showConnection, showUndo } from "./screen.js";
import { CLAIM_MS, state } from "./state.js";

const SECOND_MS = 1000;
const COUNT_MS = 10_000;
const RENEWALS = 3; // in the life of a claim

at("view").addEventListener("change", () => changeView(at("view").value || null));

addEventListener("pagehide", () => {
  call("DELETE", "/hand", undefined, { keepalive: true }).catch(() => {});
});
addEventListener("pageshow", (event) => {
  if (event.persisted) fill();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) fill().then(count);
});
addEventListener("offline", () => showConnection("network"));
addEventListener("online", () => fill());

setInterval(count, COUNT_MS);
setInterval(() => {
  showUndo();
  if (state.shown) showDue(state.shown);
}, SECOND_MS);
setInterval(() => {
  if (!document.hidden) fill();
}, CLAIM_MS / RENEWALS);

await state.outbox.flush().catch(leaveIfLoggedOut);
await fill();
await count();
await offerViews(state.view);
