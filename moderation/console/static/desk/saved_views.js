// The saved views of the queue that a moderator may work through.

import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { counted } from "../shared/wording.js";
import { state } from "./state.js";

const REFRESH_MS = 30_000;
export const TEACH = "teach"; // an order, not a saved view
export const FILTERED = "filtered"; // what the address of the page asks for

// Offers the views with how many comments wait in each, now and from time to time.
export async function offerViews(chosen) {
  await refresh(chosen);
  setInterval(() => {
    const isInUse = document.hidden || document.activeElement === at("view");
    if (!isInUse) refresh(at("view").value);
  }, REFRESH_MS);
}

async function refresh(chosen) {
  let views = [];
  try {
    ({ views } = await call("GET", "/views"));
  } catch {
    if (at("view").options.length) return; // without views there is the whole queue
  }
  const isOfQueue = ({ filters }) => (filters.status ?? "pending") === "pending";
  const options = views.filter(isOfQueue).map(({ id, name, counts, is_assigned_to_you: isAssigned }) => {
    const values = { name, number: counted(counts.pending, counts.is_partial) };
    const text = isAssigned ? t("desk.view_yours", values) : t("desk.view_with", values);
    return el("option", { value: String(id) }, text);
  });
  at("view").replaceChildren(
    el("option", { value: "" }, t("desk.view_all")),
    el("option", { value: TEACH }, t("desk.view_teach")),
    ...(state.filters ? [el("option", { value: FILTERED }, t("desk.view_filtered"))] : []),
    ...options,
  );
  at("view").value = chosen ?? "";
  at("views").hidden = false;
}

// The query for the part of the queue that was chosen.
export function partOf(view) {
  const { site } = at("desk").dataset;
  if (!view) return site ? { site } : {};
  if (view === FILTERED) return state.filters;
  return view === TEACH ? { order: TEACH } : { view: Number(view) };
}
