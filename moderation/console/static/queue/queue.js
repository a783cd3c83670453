// The queue: pending comments by filters, in an order, or by a saved view.
// The address of the page says what is shown, so that it can be kept and gone back to.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { at, copyOf, el, linkToArticle } from "../shared/dom.js";
import { longText } from "../shared/long_text.js";
import { score, t, time } from "../shared/texts.js";
import * as wording from "../shared/wording.js";
import { filledIn, fillIn, form, toFilters } from "./filters.js";
import { showPlace, showViews } from "./views.js";

const PAGE_SIZE = 25;
const COUNT_MS = 20_000;
const MAX_COUNTED = 10_000;

const state = {
  view: null, // the saved view that is shown
  nextCursor: null,
  countTimer: null,
};

// -- the comments ----------------------------------------------------------------

function itemOf(entry) {
  const { claimed_by: holder, claimed_until: until } = entry;
  const item = copyOf("entry", {
    site: entry.site,
    section: entry.article_section ?? "",
    due: wording.due(entry.due_at),
    author: entry.author_name,
    holder: holder ? t("queue.held", { who: holder, time: time(until) }) : "",
  });
  longText(item.querySelector(".text"), entry.body);
  linkToArticle(item.querySelector(".article"), entry);
  item.querySelector(".due").classList.toggle("late", entry.is_overdue);
  item.querySelector(".why").replaceChildren(...reasonLines(entry).map((line) => el("li", {}, line)));
  return item;
}

function reasonLines(entry) {
  const lines = entry.reasons.map((reason) => wording.reason(reason, entry.verdict));
  const { label } = toFilters().filters;
  if (label && entry.scores?.[label] !== undefined) {
    const values = { label: wording.label(label), score: score(entry.scores[label]) };
    lines.push(t("queue.score_of", values));
  }
  if (entry.report_weight > 0) {
    lines.push(t("queue.reported", { weight: score(entry.report_weight) }));
  }
  return lines;
}

// A view that is shared is about its site, whatever the form says.
function query(parameters = {}) {
  const part = state.view ? { view: state.view.id } : filledIn();
  return new URLSearchParams({ ...part, ...parameters });
}

async function load() {
  const { nextCursor } = state;
  try {
    const place = nextCursor ? { limit: PAGE_SIZE, cursor: nextCursor } : { limit: PAGE_SIZE };
    const page = await call("GET", `/queue?${query(place)}`);
    const items = page.comments.map(itemOf);
    at("list").append(...items);
    if (nextCursor) focusOn(items[0]);
    state.nextCursor = page.next;
    at("older").hidden = !page.next;
    at("none").hidden = at("list").children.length > 0;
    warn("");
  } catch (error) {
    if (!at("list").children.length) at("found").textContent = "";
    fail(error);
  }
}

function focusOn(item) {
  if (!item) return;
  item.tabIndex = -1;
  item.focus();
}

// -- counts ----------------------------------------------------------------------

function showCounts({ pending, overdue, is_partial: isPartial }) {
  const values = { count: pending, late: wording.counted(overdue, isPartial) };
  const text = isPartial ? t("queue.found_some", values) : t("queue.found", values);
  const isOver = pending >= MAX_COUNTED;
  at("found").textContent = isOver ? t("queue.found_over", { ...values, count: MAX_COUNTED - 1 }) : text;
}

async function count() {
  const [{ views }, counts] = await Promise.all([
    call("GET", "/views"),
    call("GET", `/queue/counts?${query()}`),
  ]);
  showViews(views, state.view);
  showCounts(counts);
}

async function countRegularly() {
  clearTimeout(state.countTimer);
  try {
    if (document.visibilityState === "visible") {
      await count();
      warn("");
    }
  } catch (error) {
    fail(error);
  }
  clearTimeout(state.countTimer); // two that ran at once leave one behind
  state.countTimer = setTimeout(countRegularly, COUNT_MS);
}

// -- the page --------------------------------------------------------------------

async function save(event) {
  event.preventDefault();
  const body = { name: at("name").value, ...toFilters(), shared_with: at("share")?.value || null };
  try {
    const view = await call("POST", "/views", body);
    location.assign(`?view=${view.id}`);
  } catch (error) {
    fail(error);
  }
}

async function remove() {
  try {
    await call("DELETE", `/views/${state.view.id}`);
    location.assign(location.pathname);
  } catch (error) {
    fail(error);
  }
}

// Fills the form in from the address: a saved view, or filters.
async function readAddress() {
  const parameters = new URLSearchParams(location.search);
  const id = parameters.get("view");
  if (!id) {
    fillIn(Object.fromEntries(parameters));
    return;
  }
  state.view = await call("GET", `/views/${encodeURIComponent(id)}`);
  const { filters, order, shared_with: site } = state.view;
  fillIn({ ...filters, ...(site ? { site } : {}), order });
}

at("older").addEventListener("click", load);
at("save").addEventListener("submit", save);
at("remove").addEventListener("click", remove);
try {
  await readAddress();
  showPlace(state.view, { order: form.elements.order.value, filled: filledIn() });
  await Promise.all([load(), count()]);
} catch (error) {
  at("found").textContent = "";
  fail(error);
}
state.countTimer = setTimeout(countRegularly, COUNT_MS);
addEventListener("online", countRegularly);
