// The list: loaded page by page, with one row current, and more as one scrolls.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { at } from "../shared/dom.js";
import { hasFilters, parametersOf } from "./address.js";
import { showPane } from "./pane.js";
import { itemOf } from "./rows.js";
import { showSelection } from "./selection.js";
import { isFree, rowOf, state } from "./state.js";

export const PAGE_SIZE = 50;
const MAX_EMPTY_PAGES = 400; // in a row: a rare filter in a large archive is read in steps
const WIDE = matchMedia("(min-width: 75rem)");

export const isWide = () => WIDE.matches;

export const readPage = (parameters) => call("GET", `/comments?${parameters}`);

// Reads the list from its start. The comment that was current stays so, if it is there.
export async function loadList() {
  const request = ++state.request;
  Object.assign(state, { rows: [], next: null, everything: null, anchorId: null });
  for (const set of [state.selected, state.excluded, state.gone, state.decided]) set.clear();
  state.items.clear();
  at("rows").replaceChildren();
  at("news").hidden = true;
  at("none").hidden = true;
  showSelection();
  await loadMore(request);
}

// Loads on until there is a page's worth of new rows, or the list ends.
export async function loadMore(request = state.request) {
  if (state.isLoading === request) return;
  state.isLoading = request;
  at("loading").hidden = state.rows.length > 0;
  at("more").hidden = true;
  const wanted = state.rows.length + PAGE_SIZE;
  try {
    for (let pages = 0; pages < MAX_EMPTY_PAGES && state.rows.length < wanted; pages += 1) {
      const parameters = parametersOf(state.query);
      parameters.set("limit", PAGE_SIZE);
      if (state.next) parameters.set("cursor", state.next);
      const page = await readPage(parameters);
      if (request !== state.request) return;
      append(page.comments);
      state.next = page.next;
      at("partial").hidden = page.is_search_complete;
      at("searching").hidden = !page.next || state.rows.length >= wanted;
      if (!page.next) break;
    }
    warn("");
    showEnd();
  } catch (error) {
    if (request === state.request) fail(error, { retry: () => loadMore() });
  } finally {
    if (request === state.request) {
      at("loading").hidden = true;
      at("searching").hidden = true;
      state.isLoading = null;
    }
  }
}

function showEnd() {
  at("more").hidden = !state.next;
  at("none").hidden = state.rows.length > 0 || Boolean(state.next);
  at("none-clear").hidden = !hasFilters(state.query);
}

function append(comments) {
  const fresh = comments.filter(({ id }) => !state.items.has(id) && !state.decided.has(id));
  state.rows.push(...fresh);
  at("rows").append(...fresh.map(makeItem));
  const isCurrentThere = rowOf(state.currentId) !== null;
  const first = state.rows.find(isFree) ?? state.rows[0];
  if (!isCurrentThere && isWide() && first) setCurrent(first.id, { isFocused: false });
  else if (isCurrentThere) markCurrent();
}

function makeItem(row) {
  const item = itemOf(row);
  state.items.set(row.id, item);
  setTabStops(item, row.id === state.currentId);
  return item;
}

// Only the current row is stopped at by Tab; J, K and the arrows lead to the others.
function setTabStops(item, isCurrent) {
  for (const element of item.querySelectorAll("a, button, input")) element.tabIndex = isCurrent ? 0 : -1;
}

function markCurrent() {
  const isKnown = state.items.has(state.currentId);
  for (const [id, item] of state.items) {
    const isCurrent = id === state.currentId;
    item.toggleAttribute("aria-current", isCurrent);
    if (isCurrent) item.setAttribute("aria-current", "true");
    setTabStops(item, isCurrent || (!isKnown && id === state.rows[0]?.id));
  }
}

export function setCurrent(id, { isFocused = true } = {}) {
  state.currentId = id;
  markCurrent();
  const item = state.items.get(id);
  if (isFocused && item) item.querySelector(".item-link").focus();
  showPane();
}

// Makes the row after, or before, the current one current.
export function step(by) {
  const index = state.rows.findIndex(({ id }) => id === state.currentId);
  const row = state.rows[index < 0 ? 0 : index + by];
  if (row) setCurrent(row.id);
  if (state.next && index + by > state.rows.length - 5) loadMore();
}

// Draws a row again, after it has changed.
export function redraw(id) {
  const before = state.items.get(id);
  if (!before) return;
  const hadFocus = before.contains(document.activeElement);
  const item = makeItem(rowOf(id));
  before.replaceWith(item);
  if (id === state.currentId) item.setAttribute("aria-current", "true");
  if (hadFocus) item.querySelector(".item-link").focus({ preventScroll: true });
}

// Takes a row out; the one that follows is current then. Returns how to put it back.
export function takeOut(id) {
  const index = state.rows.findIndex((row) => row.id === id);
  const [row] = state.rows.splice(index, 1);
  const item = state.items.get(id);
  const hadFocus = item.contains(document.activeElement) || document.activeElement === document.body;
  state.items.delete(id);
  state.selected.delete(id);
  state.decided.add(id);
  const following = state.rows[index] ?? state.rows[index - 1] ?? null;
  if (state.currentId === id) setCurrent(following?.id ?? null, { isFocused: hadFocus });
  item.remove();
  if (!following) at("rows-title").focus();
  if (!state.rows.length && state.next) loadMore();
  else showEnd();
  return (changed = row) => putBack(index, changed);
}

function putBack(index, row) {
  if (state.items.has(row.id)) return;
  state.decided.delete(row.id);
  const place = state.items.get(state.rows[index]?.id) ?? null;
  state.rows.splice(index, 0, row);
  at("rows").insertBefore(makeItem(row), place);
  showEnd();
  setCurrent(row.id);
}

new IntersectionObserver(([entry]) => {
  if (entry.isIntersecting && state.next) loadMore();
}).observe(at("more"));
at("more").addEventListener("click", () => loadMore());
