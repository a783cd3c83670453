// What is known of an author, in parts that the drawer and the author's page are made of.

import { call } from "./api.js";
import { fail } from "./banner.js";
import { el, icon } from "./dom.js";
import { collapsed } from "./long_text.js";
import { list, number, parts, t } from "./texts.js";
import { age, when } from "./times.js";
import { say } from "./toast.js";
import { lift, openStanding, rejectAll } from "./standing.js";
import { ICONS, standingChip, totalOf } from "./standing_chip.js";
import * as wording from "./wording.js";

const DOTS = { pending: "span.dot.warn", approved: "span.dot.good", rejected: "span.dot.bad" };
const FACTS = ["total", "approved", "rejected", "pending", "reported"];

export function factsOf(author) {
  const facts = FACTS.map((name) => [t(`record.fact.${name}`), number(name === "total" ? totalOf(author) : author[name])]);
  if (author.appeals) {
    const values = { granted: author.appeals_granted, count: author.appeals };
    facts.push([t("record.fact.appeals"), t("record.of", values)]);
  }
  if (author.reports_made !== null) {
    const values = { granted: author.reports_upheld, count: author.reports_made };
    facts.push([t("record.fact.reports_made"), t("record.of", values)]);
  }
  return el("dl.facts", {}, ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

export function identityOf({ found_by: foundBy, author_id: verified, first_seen_at: first, last_seen_at: last }) {
  const how = foundBy === "verified" ? t("record.found_by.verified", { id: verified ?? "" }) : t(`record.found_by.${foundBy}`);
  return el(
    "div",
    {},
    el("p.small", {}, ...parts("record.seen", { first: when(first), last: when(last) })),
    el("p.small", {}, how),
  );
}

// Who decided the standing, why, and until when.
export function standingTold(author) {
  const { current } = author;
  if (!current) return null;
  const values = { who: current.by ?? t("source.import"), moment: when(current.created_at), reason: wording.reasonName(current.reason) };
  const told = el("p.small", {}, ...parts("record.given", values));
  return el("div", {}, told, current.note ? el("p.small", { dir: "auto" }, collapsed(current.note)) : null);
}

function button(text, kind, iconName, run) {
  const element = el(`button.compact${kind}`, { type: "button", "aria-haspopup": "dialog" }, icon(iconName), text);
  element.addEventListener("click", run);
  return element;
}

// The buttons that the person may press about an author.
export function actionsOf(author, onChange) {
  const { you_may: rights, standing } = author;
  const buttons = rights.standings
    .filter((name) => name !== standing)
    .map((name) =>
      button(t(`record.give.${name}`), name === "trusted" ? "" : ".risky", ICONS[name], () => openStanding(author, name, onChange)),
    );
  if (author.current && rights.lift) {
    buttons.unshift(button(t("record.lift"), "", "undo", () => lift(author, onChange)));
  }
  for (const status of ["pending", "approved"]) {
    if (!author[status]) continue;
    const text = t(`record.reject_all.${status}`, { count: author[status] });
    buttons.push(button(text, ".risky", "cross", () => rejectAll(author, status, onChange)));
  }
  return el("div.row", {}, ...buttons);
}

const section = (heading, ...content) => el("section.record-part", {}, el("h3", {}, heading), ...content);

function relatedItem(author, how, openAuthor) {
  const link = el("a", { href: `/console/authors/${author.id}`, dir: "auto" }, author.name);
  if (openAuthor) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      openAuthor(author.id).catch(fail);
    });
  }
  const chip = standingChip(author);
  const told = t("record.related", { how, count: totalOf(author) });
  return el("li", {}, el("span", {}, link, chip ? " " : null, chip), el("span.small", {}, told));
}

// The other names, and other records that may be the same person: never mixed up.
export function relatedOf(author, openAuthor = null) {
  const groups = ["same_address", "same_network", "same_name"];
  const shown = new Set();
  const items = groups.flatMap((group) =>
    author[group]
      .filter(({ id }) => !shown.has(id) && shown.add(id))
      .map((other) => relatedItem(other, t(`record.how.${group}`), openAuthor)),
  );
  const names = author.names.filter(({ name }) => name !== author.name).map(({ name }) => name);
  const isEmpty = !items.length && !names.length;
  if (isEmpty) return null;
  return section(
    t("record.also"),
    names.length ? el("p.small", {}, t("record.names", { names: list(names) })) : null,
    items.length ? el("ul.record-list", {}, ...items) : null,
    items.length ? el("p.small", {}, t("record.keyed")) : null,
  );
}

export function latestOf(entries) {
  if (!entries.length) return null;
  const items = entries.map(({ comment, status, text, at: moment }) =>
    el(
      "li",
      {},
      el(DOTS[status]),
      el("span.away", {}, t(`status.${status}`)),
      el("a.one-line", { href: `/console/comments/${comment}`, dir: "auto" }, collapsed(text ?? "") || "…"),
      age(moment, "small"),
    ),
  );
  return section(t("record.latest"), el("ul.record-list", {}, ...items));
}

// The notes of colleagues, and a field for another one: Enter sends it.
export function notesOf(author, onChange) {
  const id = `author-note-${author.id}`;
  const field = el("textarea", { id, rows: 1, maxlength: 2000, dir: "auto", placeholder: t("record.add_note") });
  field.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    try {
      await call("POST", `/authors/${author.id}/notes`, { text });
      say(t("record.noted", { name: author.name }));
      onChange();
    } catch (error) {
      fail(error);
    }
  });
  const items = author.notes.map(({ author: who, created_at: moment, text }) =>
    el("li.record-note", {}, el("div", {}, el("span.small", {}, el("b", {}, who), " · ", when(moment)), el("p", { dir: "auto" }, collapsed(text)))),
  );
  return section(
    t("record.notes"),
    items.length ? el("ul.record-list", {}, ...items) : null,
    el("div.field", {}, el("label.away", { for: id }, t("record.add_note")), field),
  );
}

// The whole record, for the drawer.
export function recordOf(author, { latest, onChange, onDecided, openAuthor }) {
  return [
    standingChip(author),
    standingTold(author),
    identityOf(author),
    factsOf(author),
    actionsOf(author, onDecided),
    relatedOf(author, openAuthor),
    latestOf(latest),
    notesOf(author, onChange),
  ].filter(Boolean);
}
