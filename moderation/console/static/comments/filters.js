// The search field, the filters as chips, the panel where they are set, and the order.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { openDialog } from "../shared/dialogs.js";
import { at, el, icon } from "../shared/dom.js";
import { date, languageName, t } from "../shared/texts.js";
import * as wording from "../shared/wording.js";
import { defaultOrder, deskOf, FILTERS, go } from "./address.js";
import { state } from "./state.js";

const EMAIL = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/;
const IN_PANEL = FILTERS.filter((name) => !["text", "author_of", "author_record"].includes(name));
const WRITTEN = {
  label: wording.label,
  reason: wording.reasonName,
  language: languageName,
  from: date,
  to: date,
  first_time: (value) => (value === "true" ? t("comments.yes") : t("comments.no")),
  decided_by: (value) => (value === "automatically" ? t("comments.automatically") : value),
};
const names = new Map(); // id of an author's record → name, as far as it is known

const fields = () => at("filter-form").elements;

function chipText(name, value) {
  if (name === "author_record") return t("comments.chip.author_record", { value: names.get(value) ?? `#${value}` });
  if (name === "author_of") return t("comments.chip.author_of");
  return t(`comments.chip.${name}`, { value: WRITTEN[name]?.(value) ?? value });
}

function without(name) {
  const { [name]: removed, ...query } = state.query;
  if (name === "label") for (const own of ["min_score", "max_score"]) delete query[own];
  return query;
}

function chipOf(name) {
  const text = chipText(name, state.query[name]);
  const button = el("button.chip.accent", { type: "button", "aria-label": t("comments.remove_filter", { filter: text }) });
  button.append(el("bdi", {}, text), icon("cross"));
  button.addEventListener("click", () => {
    go(without(name));
    at("search").focus();
  });
  return el("li", {}, button);
}

// Shows what is asked for: in the field, as chips, and in the panel.
export function showFilters() {
  const { query } = state;
  at("search").value = query.text ?? "";
  const shown = FILTERS.filter((name) => name in query && name !== "text");
  at("chips").replaceChildren(...shown.map(chipOf));
  at("chips").hidden = !shown.length;
  for (const name of IN_PANEL) if (fields()[name]) fields()[name].value = query[name] ?? "";
  for (const option of at("order").options) {
    const isOfPending = ["due", "uncertainty"].includes(option.value);
    option.hidden = option.disabled = isOfPending && query.status !== "pending";
  }
  at("order").value = query.order ?? defaultOrder(query.status);
  const desk = deskOf(query);
  at("to-desk").hidden = !desk;
  if (desk) at("to-desk").href = desk;
  if (query.author_record && !names.has(query.author_record)) nameAuthor(query.author_record);
}

async function nameAuthor(id) {
  const author = await call("GET", `/authors/${id}`).catch(() => null);
  names.set(id, author?.name ?? `#${id}`);
  showFilters();
}

function readPanel() {
  const { text, author_of: authorOf, author_record: record, status, order } = state.query;
  const query = { status, text, author_of: authorOf, author_record: record, order };
  for (const name of IN_PANEL) query[name] = fields()[name]?.value.trim() || undefined;
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

function apply(event) {
  event.preventDefault();
  at("filter-panel").close();
  go(readPanel());
}

// An email address never gets into the address of a page: whose it is, is asked for by
// POST, and what is found stands there as a number.
async function findByEmail(email) {
  const main = document.querySelector("main");
  const sites = state.query.site ?? main.dataset.site;
  const siteNames = sites ? [sites] : main.dataset.sites.split(" ");
  const answers = await Promise.all(siteNames.map((site) => call("POST", "/authors/lookup", { site, email })));
  return answers.flatMap(({ authors }) => authors);
}

async function search(event) {
  event?.preventDefault();
  const text = at("search").value.trim();
  if (!EMAIL.test(text)) {
    const { text: before, ...query } = state.query;
    if (text !== (before ?? "")) go(text ? { ...query, text } : query);
    // So that the next key is about what was found.
    if (event) at("rows-title").focus();
    return;
  }
  at("search").value = "";
  try {
    const authors = await findByEmail(text);
    const total = ({ pending, approved, rejected }) => pending + approved + rejected;
    const [author] = authors.sort((first, second) => total(second) - total(first));
    if (!author) {
      warn(t("comments.no_such_address"));
      return;
    }
    names.set(String(author.id), author.name);
    go({ status: "all", author_record: String(author.id) });
    if (authors.length > 1) warn(t("comments.several_records", { count: authors.length }), { details: [linksTo(authors)] });
  } catch (error) {
    fail(error);
  }
}

const linksTo = (authors) =>
  el("ul.row", {}, ...authors.map(({ id, name, site }) => el("li", {}, el("a", { href: `/console/authors/${id}` }, el("bdi", {}, name)), ` · ${site}`)));

at("search-form").addEventListener("submit", search);
at("search").addEventListener("search", () => at("search").value || search()); // its own ×
at("filter-form").addEventListener("submit", apply);
at("filter-clear").addEventListener("click", () => {
  at("filter-panel").close();
  go({ status: state.query.status });
});
at("none-clear").addEventListener("click", () => go({ status: state.query.status }));
at("order").addEventListener("change", () => {
  const order = at("order").value;
  if (order === "score" && !state.query.label) {
    at("order").value = state.query.order ?? defaultOrder(state.query.status);
    openDialog("filter-panel");
    fields().label.focus();
    return;
  }
  go({ ...state.query, order });
});
for (const name of ["min_score", "max_score"]) {
  fields()[name].addEventListener("input", () => {
    fields().label.required = Boolean(fields().min_score.value || fields().max_score.value);
  });
}
