// Leads anywhere by its name: pages, what the page offers, authors, comments.

import { openDialog } from "./dialogs.js";
import { at, el, icon } from "./dom.js";
import { t } from "./texts.js";

const TYPING_MS = 250; // a pause in typing, before the service is asked
const MIN_LETTERS = 2; // that the service is asked for
const MAX_RESULTS = 5; // of each kind

const state = {
  options: [], // {text, detail, run}
  chosen: 0,
  timer: 0,
  request: 0, // an older answer comes too late
  sources: [], // {heading, find(text) → promise of options}
};

// Adds a source of results that the service is asked for. `find(text)` returns options:
// `{text, detail, href}` or `{text, detail, run}`.
export function addSource(heading, find) {
  state.sources.push({ heading, find });
}

const contains = (text, query) => text.toLowerCase().includes(query.toLowerCase());

// Links of the navigation, and of the tabs of this page.
function pages(query) {
  const links = document.querySelectorAll(".nav .nav-link, .tabs a, #account-menu a");
  return [...links].map((link) => ({
    text: link.firstElementChild?.nextSibling?.textContent.trim() || link.textContent.trim(),
    href: link.href,
    detail: link.dataset.go ? `G ${link.dataset.go.toUpperCase()}` : "",
  })).filter(({ text }) => contains(text, query));
}

// Buttons of the header, and whatever the page names with `data-action`.
function actions(query) {
  const buttons = document.querySelectorAll(".head-actions :is(button, a.button), [data-action]");
  return [...buttons]
    .filter((button) => !button.disabled && button.checkVisibility())
    .map((button) => ({
      text: button.dataset.action || button.textContent.trim() || button.getAttribute("aria-label"),
      detail: "",
      run: () => button.click(),
    }))
    .filter(({ text }) => text && contains(text, query));
}

function group(heading, options) {
  if (!options.length) return null;
  const id = `palette-${state.options.length}`;
  const items = options.map((option) => {
    const item = el(
      "div",
      { role: "option", id: `option-${state.options.length}`, "aria-selected": "false" },
      icon("next"),
      el("bdi", {}, option.text),
      option.detail ? el("span.small", { dir: "auto" }, option.detail) : null,
    );
    item.addEventListener("click", () => run(option));
    state.options.push(option);
    return item;
  });
  return el("div", { role: "group", "aria-labelledby": id }, el("p.palette-heading", { id, role: "presentation" }, heading), ...items);
}

function choose(index) {
  const items = [...at("palette-list").querySelectorAll("[role=option]")];
  state.chosen = items.length ? (index + items.length) % items.length : 0;
  items.forEach((item, place) => item.setAttribute("aria-selected", String(place === state.chosen)));
  items[state.chosen]?.scrollIntoView({ block: "nearest" });
  at("palette-input").setAttribute("aria-activedescendant", items[state.chosen]?.id ?? "");
}

function run({ href, run: act }) {
  at("palette").close();
  if (href) location.assign(href);
  else act();
}

function show(groups) {
  at("palette-list").replaceChildren(...groups.filter(Boolean));
  at("palette-none").hidden = state.options.length > 0;
  at("palette-list").hidden = !state.options.length;
  choose(0);
}

function showLocal(query) {
  state.options = [];
  show([group(t("palette.pages"), pages(query)), group(t("palette.actions"), actions(query))]);
}

async function ask(query) {
  const request = ++state.request;
  for (const { heading, find } of state.sources) {
    const options = await find(query).catch(() => []); // the rest of the palette works
    if (request !== state.request || !at("palette").open) return;
    const added = group(heading, options.slice(0, MAX_RESULTS));
    if (added) at("palette-list").append(added);
    at("palette-none").hidden = state.options.length > 0;
    at("palette-list").hidden = !state.options.length;
    choose(state.chosen);
  }
}

function onInput() {
  const query = at("palette-input").value.trim();
  state.request += 1;
  clearTimeout(state.timer);
  showLocal(query);
  if (query.length >= MIN_LETTERS) state.timer = setTimeout(ask, TYPING_MS, query);
}

function onKey(event) {
  if (event.key === "ArrowDown") choose(state.chosen + 1);
  else if (event.key === "ArrowUp") choose(state.chosen - 1);
  else if (event.key === "Enter" && state.options.length) run(state.options[state.chosen]);
  else return;
  event.preventDefault();
}

export function openPalette() {
  if (at("palette").open) return;
  at("palette-input").value = "";
  showLocal("");
  openDialog("palette");
  at("palette-input").focus();
}

at("palette-input").addEventListener("input", onInput);
at("palette-input").addEventListener("keydown", onKey);
