// Brakes that hold new comments, and those that have ended, the newest first.

import { call, leaveIfLoggedOut } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import * as brakes from "../shared/brakes.js";
import { at, el } from "../shared/dom.js";
import { isFree, keyOf } from "../shared/keys.js";
import { t } from "../shared/texts.js";
import { attempt, brakeCard } from "./brake_card.js";
import { walk } from "./walk.js";

const PAGE_SIZE = 20;
const POLL_MS = 10_000;

const { site, page } = at("campaigns").dataset;
const rows = new Map(); // {item, brake} by the brake's id
let nextCursor = null;

function holdButton(brake) {
  const button = el("button", { type: "button" }, t("brake.hold", { count: brake.published }));
  button.addEventListener("click", async () => {
    button.disabled = true;
    await attempt(() => brakes.holdPublished(brake, { onEnd: refresh }));
    button.disabled = false;
  });
  return el("p", {}, button);
}

function contents(brake) {
  const { id, campaign, published } = brake;
  const href = campaign && `${page}/${campaign}`;
  return brakeCard(brake, {
    headingId: `brake-title-${id}`,
    onChange: refresh,
    hold: published ? holdButton(brake) : null,
    link: el("p", {}, href ? el("a", { href }, t("campaigns.open_campaign")) : ""),
  });
}

const stops = (item) => [item, ...item.querySelectorAll("a, button, select")];

// Redraws a card where something has changed. The focus stays where it was, and so does
// a choice that a person is making.
function draw(brake) {
  const row = rows.get(brake.id);
  const { as_of: asOf, ...told } = brake;
  const now = JSON.stringify(told);
  if (!row) {
    const item = el("li.card.brake-card", { id: `brake-${brake.id}`, tabindex: "-1" }, ...contents(brake));
    rows.set(brake.id, { item, brake, now });
    return item;
  }
  row.brake = brake;
  if (now === row.now || row.item.querySelector("select:focus")) return row.item;
  const focused = stops(row.item).indexOf(document.activeElement);
  row.now = now;
  row.item.replaceChildren(...contents(brake));
  if (focused >= 0) (stops(row.item)[focused] ?? row.item).focus();
  return row.item;
}

async function read(cursor) {
  const query = new URLSearchParams({ limit: PAGE_SIZE, ...(site ? { site } : {}), ...(cursor ? { cursor } : {}) });
  return call("GET", `/brakes?${query}`);
}

async function load() {
  try {
    const answer = await read(nextCursor);
    at("list").append(...answer.brakes.map(draw));
    nextCursor = answer.next;
    at("older").hidden = !nextCursor;
    warn("");
  } catch (error) {
    fail(error, { retry: load });
  }
  at("loading").hidden = true;
  at("none").hidden = rows.size > 0;
}

async function refresh() {
  try {
    const added = (await read()).brakes.filter((brake) => {
      const isNew = !rows.has(brake.id);
      if (!isNew) draw(brake);
      return isNew;
    });
    at("list").prepend(...added.map(draw));
    at("none").hidden = rows.size > 0;
  } catch (error) {
    leaveIfLoggedOut(error); // anything else: the next time
  }
}

async function hold() {
  const first = [...rows.values()].find(({ brake }) => brake.state === "holding" && brake.published);
  if (first) await brakes.holdPublished(first.brake, { onEnd: refresh });
}

const ACTIONS = {
  j: () => walk(at("list"), ".brake-card", 1),
  k: () => walk(at("list"), ".brake-card", -1),
  b: () => attempt(hold),
};

addEventListener("keydown", (event) => {
  const act = isFree(event) && ACTIONS[keyOf(event)];
  if (!act) return;
  event.preventDefault();
  act();
});
at("older").addEventListener("click", load);
setInterval(() => document.hidden || refresh(), POLL_MS);
await load();
if (location.hash.startsWith("#brake-")) at(location.hash.slice(1))?.focus();
