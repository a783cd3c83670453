// The queue: what waits, by filters, in an order, or by a saved view.
// The address of the page says what is shown, so that it can be kept and gone back to.

import { call, Refused } from "../shared/api.js";
import { linkTo } from "../desk/card.js";
import { refusal, score, t, time } from "../shared/texts.js";
import * as wording from "../shared/wording.js";

const PAGE = 25;
const COUNT_MS = 20_000;
const MOST_COUNTED = 10_000;
const LONGEST_TEXT = 600; // characters; the desk shows the whole
const NUMBERS = ["min_score", "max_score", "rule", "campaign"];

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const form = at("filters");
let view = null; // the saved view that is shown
let next = null;
let timer = null; // of the next count

function warn(message) {
  at("banner").textContent = message;
  at("banner").hidden = !message;
}

function fail(error) {
  if (error instanceof Refused && error.status === 401) {
    location.assign(document.documentElement.dataset.loginPage);
  }
  warn(error instanceof Refused ? refusal(error) : t("page.unreachable"));
}

// -- filters ---------------------------------------------------------------------

// Returns the fields that are filled in, as they stand in the form.
function given() {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
}

function asFilters() {
  const { order, ...filters } = given();
  for (const name of NUMBERS) if (filters[name]) filters[name] = Number(filters[name]);
  if (filters.first_time) filters.first_time = filters.first_time === "true";
  return { order, filters };
}

function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = String(value);
  }
  const folded = [...at("more").querySelectorAll("input, select")];
  at("more").open = folded.some((field) => field.value);
  askWhose();
}

// Scores are somebody's: an order or a range by them needs a label.
function askWhose() {
  const { order, min_score: least, max_score: most } = form.elements;
  form.elements.label.required = order.value === "score" || Boolean(least.value || most.value);
  if (form.elements.label.required && !form.elements.label.value) at("more").open = true;
}

form.addEventListener("change", askWhose);
form.addEventListener("submit", () => {
  // What is empty has no place in the address.
  for (const field of form.elements) if (field.name && !field.value.trim()) field.disabled = true;
});
addEventListener("pageshow", () => {
  for (const field of form.elements) field.disabled = false;
});

// -- the comments ----------------------------------------------------------------

function shown(entry) {
  const item = at("entry").content.firstElementChild.cloneNode(true);
  const put = (name, text) => {
    item.querySelector(`.${name}`).textContent = text;
  };
  put("site", entry.site);
  put("section", entry.article_section ?? "");
  linkTo(item.querySelector(".article"), entry);
  put("due", wording.due(entry.due_at));
  item.querySelector(".due").classList.toggle("late", entry.is_overdue);
  item.querySelector(".why").replaceChildren(
    ...why(entry).map((line) => {
      const row = document.createElement("li");
      row.textContent = line;
      return row;
    }),
  );
  put("author", entry.author_name);
  const { claimed_by: who, claimed_until: until } = entry;
  put("holder", who ? t("queue.held", { who, time: time(until) }) : "");
  const cut = entry.body.length > LONGEST_TEXT;
  put("text", cut ? `${entry.body.slice(0, LONGEST_TEXT)} …` : entry.body);
  return item;
}

function why(entry) {
  const lines = entry.reasons.map((each) => wording.reason(each, entry.verdict));
  const { label } = asFilters().filters;
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
function query(more = {}) {
  const part = view ? { view: view.id } : given();
  return new URLSearchParams({ ...part, ...more });
}

async function load() {
  try {
    const place = next ? { limit: PAGE, cursor: next } : { limit: PAGE };
    const page = await call("GET", `/queue?${query(place)}`);
    const items = page.comments.map(shown);
    at("list").append(...items);
    if (next) focusOn(items[0]);
    next = page.next;
    at("older").hidden = !next;
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

at("older").addEventListener("click", load);

// -- counts and views ------------------------------------------------------------

function showFound({ pending, overdue, is_partial: isPartial }) {
  const values = { count: pending, late: wording.counted(overdue, isPartial) };
  const found = isPartial ? t("queue.found_some", values) : t("queue.found", values);
  const isOver = pending >= MOST_COUNTED;
  at("found").textContent = isOver
    ? t("queue.found_over", { ...values, count: MOST_COUNTED - 1 })
    : found;
}

function link(each) {
  const item = document.createElement("li");
  const anchor = document.createElement("a");
  anchor.href = `?view=${each.id}`;
  if (each.id === view?.id) anchor.setAttribute("aria-current", "true");
  const name = document.createElement("span");
  name.textContent = each.name;
  name.dir = "auto";
  anchor.append(name);
  if (!each.is_yours) {
    const owner = document.createElement("span");
    owner.className = "small";
    owner.textContent = t("queue.shared_by", { who: each.owner });
    anchor.append(" ", owner);
  }
  anchor.append(" ", badge(each.counts));
  item.append(anchor);
  return item;
}

function badge({ pending, overdue, is_partial: isPartial }) {
  const badge = document.createElement("span");
  badge.className = overdue ? "badge late" : "badge";
  badge.textContent = wording.counted(pending, isPartial);
  const values = {
    pending: wording.counted(pending, isPartial),
    overdue: wording.counted(overdue, isPartial),
  };
  badge.title = t("queue.view_counts", values);
  return badge;
}

async function count() {
  const [{ views }, counts] = await Promise.all([
    call("GET", "/views"),
    call("GET", `/queue/counts?${query()}`),
  ]);
  const all = at("all").parentElement;
  at("views").replaceChildren(all, ...views.map(link));
  showFound(counts);
}

function showPlace() {
  const isWhole = !view && !Object.keys(given()).some((name) => name !== "order");
  if (isWhole) at("all").setAttribute("aria-current", "true");
  at("clear").hidden = isWhole;
  at("work").hidden = !view && !isWhole;
  at("work-link").textContent = view ? t("queue.work") : t("queue.work_on_all");
  at("work-link").href = at("queue").dataset.desk + (view ? `?view=${view.id}` : "");
  at("saving").hidden = Boolean(view) || (isWhole && form.elements.order.value === "due");
  at("removing").hidden = !view?.is_yours;
  if (view) at("remove").textContent = t("queue.remove", { name: view.name });
}

at("save").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { name: at("name").value, ...asFilters(), shared_with: at("share")?.value || null };
  try {
    const made = await call("POST", "/views", body);
    location.assign(`?view=${made.id}`);
  } catch (error) {
    fail(error);
  }
});

at("remove").addEventListener("click", async () => {
  try {
    await call("DELETE", `/views/${view.id}`);
    location.assign(location.pathname);
  } catch (error) {
    fail(error);
  }
});

async function countAgain() {
  clearTimeout(timer);
  try {
    if (document.visibilityState === "visible") {
      await count();
      warn("");
    }
  } catch (error) {
    fail(error);
  }
  clearTimeout(timer); // two that ran at once leave one behind
  timer = setTimeout(countAgain, COUNT_MS);
}

try {
  const number = asked.get("view");
  if (number) {
    view = await call("GET", `/views/${encodeURIComponent(number)}`);
    const site = view.shared_with ? { site: view.shared_with } : {};
    fill({ ...view.filters, ...site, order: view.order });
  } else {
    fill(Object.fromEntries(asked));
  }
  showPlace();
  await Promise.all([load(), count()]);
} catch (error) {
  at("found").textContent = "";
  fail(error);
}
timer = setTimeout(countAgain, COUNT_MS);
addEventListener("online", countAgain);
