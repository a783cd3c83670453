// What changes meanwhile: the counts of the tabs, new comments, and colleagues' work.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { showConnection } from "../shared/badges.js";
import { at } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { counted } from "../shared/wording.js";
import { addressOf, parametersOf, TABS } from "./address.js";
import { loadList, PAGE_SIZE, readPage, redraw } from "./list.js";
import { forgetCard, showPane } from "./pane.js";
import { showSelection } from "./selection.js";
import { state } from "./state.js";

const POLL_MS = 12_000;

// Fills in the tabs: links with the same filters, and how many comments match in each.
export function showTabs() {
  for (const tab of TABS) {
    const link = document.querySelector(`[data-tab="${tab}"]`);
    link.href = addressOf({ ...state.query, status: tab });
    if (tab === state.query.status) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    const count = state.counts[tab];
    link.querySelector(".badge").textContent = count ? counted(count.number, !count.is_exact) : "";
  }
}

export async function count() {
  const request = state.request;
  const parameters = parametersOf(state.query);
  for (const name of ["order", "status"]) parameters.delete(name);
  try {
    const answer = await call("GET", `/comments/counts?${parameters}`);
    if (request !== state.request) return;
    Object.assign(state, { counts: answer.counts, asOf: answer.as_of });
    showTabs();
    showSelection();
  } catch (error) {
    leaveIfLoggedOut(error);
  }
}

function showNews(comments) {
  const number = comments.filter(({ id }) => !state.items.has(id) && !state.decided.has(id)).length;
  at("news").hidden = number === 0;
  at("news").textContent = t("comments.news", { count: number });
}

// Whether a row is as it was: the text that was read, and who may decide about it.
const isSame = (row, now) =>
  row.version === now.version && row.status === now.status && row.claimed_by === now.claimed_by;

// Brings rows up to date in their places: none is added, and none moves.
function refresh(comments, isWhole) {
  const now = new Map(comments.map((row) => [row.id, row]));
  const lastPlace = state.rows.findLastIndex(({ id }) => now.has(id));
  const changed = [];
  state.rows.forEach((row, place) => {
    const current = now.get(row.id);
    if (current && !isSame(row, current)) {
      if (row.version !== current.version) forgetCard(row.id);
      Object.assign(row, current);
      changed.push(row);
    } else if (!current && (isWhole || place < lastPlace) && !state.gone.has(row.id)) {
      state.gone.add(row.id);
      changed.push(row);
    }
  });
  const lost = changed.filter(({ id }) => state.selected.delete(id));
  for (const { id } of changed) redraw(id);
  if (lost.length) say(t("comments.unselected", { count: lost.length }));
  if (changed.length) {
    showSelection();
    showPane();
  }
}

async function readNews() {
  const { request } = state;
  if (state.isLoading !== null) return;
  const parameters = parametersOf(state.query);
  parameters.set("limit", PAGE_SIZE);
  const page = await readPage(parameters);
  if (request !== state.request || state.isLoading !== null) return;
  refresh(page.comments, !page.next);
  showNews(page.comments);
}

async function poll() {
  if (document.hidden || !at("bulk-progress").hidden) return;
  try {
    await Promise.all([readNews(), count()]);
    showConnection(true);
  } catch (error) {
    leaveIfLoggedOut(error);
    showConnection(error instanceof Refused);
  }
}

at("news").addEventListener("click", async () => {
  await Promise.all([loadList(), count()]);
  scrollTo(0, 0);
});
setInterval(poll, POLL_MS);
document.addEventListener("visibilitychange", poll);
