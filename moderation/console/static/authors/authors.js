// Authors and decisions about their comments: by part of a name, or by email address.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { at, el } from "../shared/dom.js";
import { standingChip, totalOf } from "../shared/standing_chip.js";
import { number, t } from "../shared/texts.js";
import { when } from "../shared/times.js";

const PAGE_SIZE = 50;
const SETTLED_MS = 300; // a pause in typing
const EMAIL = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/;
const FIELDS = ["name", "standing", "found_by", "order"];
const DEFAULTS = { order: "last_seen" };
const { site, sites } = at("main").dataset;

const state = { next: null, request: 0, timer: 0 };

const isEmail = () => EMAIL.test(at("name").value.trim());

function chosen() {
  const pairs = FIELDS.map((name) => [name, at(name).value.trim()]);
  return Object.fromEntries(pairs.filter(([name, value]) => value && value !== DEFAULTS[name]));
}

function rowOf(author) {
  const { id, name, last_seen_at: lastSeen, found_by: foundBy } = author;
  const figures = [totalOf(author), author.approved, author.rejected, author.pending];
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      el("a", { href: `/console/authors/${id}`, dir: "auto" }, name),
      el("span.more", {}, site ? "" : `${author.site} · `, t(`authors.kind.${foundBy}`)),
    ),
    el("td", {}, standingChip(author)),
    ...figures.map((figure) => el("td.number", {}, number(figure))),
    el("td", {}, when(lastSeen)),
  );
}

async function find(email) {
  const names = site ? [site] : sites.split(" ");
  const answers = await Promise.all(names.map((name) => call("POST", "/authors/lookup", { site: name, email })));
  return { authors: answers.flatMap(({ authors }) => authors), next: null };
}

// Reads a page; an email address is never part of a URL.
function read(isMore) {
  if (isEmail()) return find(at("name").value.trim());
  const parameters = new URLSearchParams({ ...(site ? { site } : {}), ...chosen(), limit: PAGE_SIZE });
  if (isMore) parameters.set("cursor", state.next);
  return call("GET", `/authors?${parameters}`);
}

async function load({ isMore = false } = {}) {
  const request = ++state.request;
  if (!isMore) history.replaceState(null, "", isEmail() ? location.pathname : `?${new URLSearchParams(chosen())}`);
  try {
    const page = await read(isMore);
    if (request !== state.request) return;
    const rows = page.authors.map(rowOf);
    if (isMore) at("rows").append(...rows);
    else at("rows").replaceChildren(...rows);
    state.next = page.next;
    at("more").hidden = !page.next;
    at("table").hidden = !at("rows").children.length;
    at("none").hidden = at("rows").children.length > 0;
    if (isMore) rows[0]?.querySelector("a").focus();
    warn("");
  } catch (error) {
    fail(error, { retry: () => load() });
  }
  at("loading").hidden = true;
}

function soon() {
  clearTimeout(state.timer);
  state.timer = setTimeout(load, SETTLED_MS);
}

const asked = new URLSearchParams(location.search);
for (const name of FIELDS) if (asked.get(name)) at(name).value = asked.get(name);
at("finder").addEventListener("submit", (event) => {
  event.preventDefault();
  load();
});
at("name").addEventListener("input", soon);
for (const name of FIELDS.slice(1)) at(name).addEventListener("change", () => load());
at("more").addEventListener("click", () => load({ isMore: true }));
await load();
