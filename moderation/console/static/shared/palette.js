// Leads anywhere by its name: what needs attention, pages, actions, authors, comments.

import { openDialog } from "./dialogs.js";
import { at, el, icon } from "./dom.js";
import { t } from "./texts.js";

const TYPING_MS = 250; // a pause in typing, before the service is asked
const MAX_RESULTS = 5; // of each kind

const state = {
  groups: [], // {heading, options}, in their order
  options: [], // of all groups: {text, detail, href}, with `run`, or with `pick`
  chosen: null, // an option
  isMoved: false, // by the person, away from the first one
  timer: 0,
  request: 0, // an older answer comes too late
  pick: null, // the one source that is asked, for an action about one of its results
};

const sources = []; // in the order of their groups

// Adds a source of results. `find(text)` returns a promise of options: `{text, detail,
// href}`, `{text, detail, run}`, or `{text, detail, pick}`, which asks for one of the
// results of another source, `{heading, placeholder, find}`. The service isn't asked for
// fewer than `minLetters`. With `isLocal`, the page itself knows: `find` returns options.
export function addSource(heading, find, { minLetters = 2, isLocal = false } = {}) {
  sources.push({ heading, find, minLetters: isLocal ? 0 : minLetters, isLocal });
}

export const contains = (text, query) => text.toLowerCase().includes(query.toLowerCase());

function itemOf(option, index) {
  const item = el(
    "div",
    { role: "option", id: `option-${index}`, "aria-selected": "false" },
    icon("next"),
    el("bdi", {}, option.text),
    option.detail ? el("span.small", { dir: "auto" }, option.detail) : null,
  );
  item.addEventListener("click", () => run(option));
  return item;
}

function groupOf({ heading, options }, place) {
  const id = `palette-${place}`;
  const items = options.map((option) => itemOf(option, state.options.push(option) - 1));
  return el("div", { role: "group", "aria-labelledby": id }, el("p.palette-heading", { id, role: "presentation" }, heading), ...items);
}

function draw() {
  state.options = [];
  const groups = state.groups.filter(({ options }) => options.length);
  at("palette-list").replaceChildren(...groups.map(groupOf));
  at("palette-none").hidden = state.options.length > 0;
  at("palette-list").hidden = !state.options.length;
  const isThere = state.isMoved && state.options.includes(state.chosen);
  choose(isThere ? state.options.indexOf(state.chosen) : 0);
}

function choose(index) {
  const place = state.options.length ? (index + state.options.length) % state.options.length : 0;
  state.chosen = state.options[place] ?? null;
  const items = at("palette-list").querySelectorAll("[role=option]");
  items.forEach((item, each) => item.setAttribute("aria-selected", String(each === place)));
  items[place]?.scrollIntoView({ block: "nearest" });
  at("palette-input").setAttribute("aria-activedescendant", items[place]?.id ?? "");
}

function move(by) {
  state.isMoved = true;
  choose(state.options.indexOf(state.chosen) + by);
}

function run({ href, run: act, pick }) {
  if (pick) {
    ask(pick);
    return;
  }
  at("palette").close();
  if (href) location.assign(href);
  else act();
}

// Asks for one of the results of a source; null: for anything again.
function ask(pick) {
  state.pick = pick;
  at("palette-input").value = "";
  at("palette-input").placeholder = pick?.placeholder ?? t("palette.placeholder");
  at("palette-input").focus();
  find();
}

// Fills the groups: at once what the page knows, after a pause what the service knows.
function find({ isTyping = false } = {}) {
  const query = at("palette-input").value.trim();
  const request = ++state.request;
  const asked = state.pick ? [{ minLetters: 0, ...state.pick }] : sources;
  clearTimeout(state.timer);
  state.isMoved = false;
  state.groups = asked.map(({ heading }) => ({ heading, options: [] }));
  const isWaiting = asked.map((source, place) => {
    if (query.length < source.minLetters) return null;
    if (source.isLocal) state.groups[place].options = source.find(query);
    return source.isLocal ? null : () => fill(source, place, query, request);
  });
  draw();
  const askAll = () => isWaiting.forEach((fillOne) => fillOne?.());
  if (isTyping) state.timer = setTimeout(askAll, TYPING_MS);
  else askAll();
}

async function fill({ find: findIn }, place, query, request) {
  const options = await findIn(query).catch(() => []); // the rest of the palette works
  if (request !== state.request || !at("palette").open) return;
  state.groups[place].options = options.slice(0, MAX_RESULTS);
  draw();
}

function onKey(event) {
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter" && state.chosen) run(state.chosen);
  else if (event.key === "Escape") at("palette").close(); // the field would be emptied first
  else if (event.key === "Backspace" && state.pick && !at("palette-input").value) ask(null);
  else return;
  event.preventDefault();
}

export function openPalette() {
  if (at("palette").open) return;
  openDialog("palette");
  ask(null);
}

at("palette-input").addEventListener("input", () => find({ isTyping: true }));
at("palette-input").addEventListener("keydown", onKey);
