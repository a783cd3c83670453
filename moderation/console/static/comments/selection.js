// Which comments are selected: one by one, as a range, or all that match the filters.

import { at } from "../shared/dom.js";
import { number, t } from "../shared/texts.js";
import { counted } from "../shared/wording.js";
import { filtersOf } from "./address.js";
import { showPane } from "./pane.js";
import { isFree, isSelected, rowOf, state } from "./state.js";

const MAX_LISTED = 500; // comments in one bulk decision that names them

export const hasSelection = () => state.everything !== null || state.selected.size > 0;

const countOf = ({ number: count, is_exact: isExact }, excluded = 0) =>
  counted(Math.max(0, count - excluded), !isExact);

// How many comments are selected, as it is shown.
export const selectionCount = () =>
  state.everything ? countOf(state.everything.count, state.excluded.size) : number(state.selected.size);

export function toggle(id) {
  const row = rowOf(id);
  if (!row || !isFree(row)) return;
  set(id, !isSelected(id));
  state.anchorId = id;
  showSelection();
}

function set(id, isOn) {
  const set = state.everything ? state.excluded : state.selected;
  const isAdded = state.everything ? !isOn : isOn;
  if (isAdded) set.add(id);
  else set.delete(id);
}

// Selects from the row that was ticked last up to this one.
export function selectUpTo(id) {
  const places = [state.anchorId ?? state.rows[0]?.id, id].map((each) => state.rows.findIndex((row) => row.id === each));
  const [first, last] = [Math.min(...places), Math.max(...places)];
  for (const row of state.rows.slice(Math.max(0, first), last + 1)) if (isFree(row)) set(row.id, true);
  state.anchorId = id;
  showSelection();
}

// Selects all that match, loaded or not, as they were when the counts were read.
export function selectEverything() {
  const count = state.counts[state.query.status];
  if (!count || !state.asOf) return;
  state.everything = { count, asOf: state.asOf };
  state.excluded.clear();
  state.selected.clear();
  showSelection();
}

export function clearSelection() {
  state.everything = null;
  state.selected.clear();
  state.excluded.clear();
  showSelection();
}

export function showSelection() {
  for (const [id, item] of state.items) item.querySelector("input").checked = isSelected(id);
  at("bulk").hidden = !hasSelection();
  at("selected-count").textContent = t("comments.selected", { number: selectionCount() });
  const count = state.counts[state.query.status];
  at("select-all").hidden = state.everything !== null || !count;
  if (count) at("select-all").textContent = t("comments.select_all", { number: countOf(count) });
  const rows = [...state.selected].map(rowOf);
  at("bulk-approve").hidden = state.query.status === "approved";
  at("bulk-reject").hidden = state.query.status === "rejected";
  at("bulk-hold").hidden = state.query.status === "pending" || (rows.length > 0 && rows.every((row) => row?.status === "pending"));
  at("main").classList.toggle("is-selecting", hasSelection());
  showPane();
}

function* chunks(items) {
  for (let start = 0; start < items.length; start += MAX_LISTED) yield items.slice(start, start + MAX_LISTED);
}

// The bodies of the bulk decisions that decide the selection: at least one for a site.
export function bodiesOf(verdict, { reasons, basis }) {
  const decision = { verdict, reasons, basis };
  const main = document.querySelector("main");
  if (state.everything) {
    const { site } = state.query;
    const sites = site || main.dataset.site ? [site ?? main.dataset.site] : main.dataset.sites.split(" ");
    const rest = { filter: filtersOf(state.query), excluded: [...state.excluded], as_of: state.everything.asOf };
    return sites.map((name) => ({ ...decision, site: name, ...rest }));
  }
  const rows = [...state.selected].map(rowOf).filter(Boolean);
  const sites = [...new Set(rows.map((row) => row.site))];
  return sites.flatMap((site) => {
    const comments = rows.filter((row) => row.site === site).map(({ id, version }) => ({ id, version }));
    return [...chunks(comments)].map((part) => ({ ...decision, site, comments: part }));
  });
}
