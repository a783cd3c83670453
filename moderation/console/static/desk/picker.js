// The saved views of the queue that a moderator may work through.

import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { counted } from "../shared/wording.js";

const REFRESH_MS = 30_000;
export const TEACH = "teach"; // an order, not a saved view

// Offers the views with how much waits in each, now and from time to time.
export async function readViews(chosen) {
  await offer(chosen);
  setInterval(() => {
    const isInUse = document.hidden || document.activeElement === at("view");
    if (!isInUse) offer(at("view").value);
  }, REFRESH_MS);
}

async function offer(chosen) {
  let views = [];
  try {
    ({ views } = await call("GET", "/views"));
  } catch {
    if (at("view").options.length) return; // without views there is the whole queue
  }
  const options = views.map(({ id, name, counts, is_assigned_to_you: isYours }) => {
    const about = { name, number: counted(counts.pending, counts.is_partial) };
    const told = isYours ? t("desk.view_yours", about) : t("desk.view_with", about);
    return el("option", { value: String(id) }, told);
  });
  at("view").replaceChildren(
    el("option", { value: "" }, t("desk.view_all")),
    el("option", { value: TEACH }, t("desk.view_teach")),
    ...options,
  );
  at("view").value = chosen ?? "";
  at("views").hidden = false;
}

// What the service is asked for to have the part of the queue that was chosen.
export function partOf(chosen) {
  if (!chosen) return {};
  return chosen === TEACH ? { order: TEACH } : { view: Number(chosen) };
}
