// What happened with an author, the newest first: one line each, loaded page by page.

import { call } from "../shared/api.js";
import { fail } from "../shared/banner.js";
import { at, el, icon } from "../shared/dom.js";
import { collapsed } from "../shared/long_text.js";
import { parts, t } from "../shared/texts.js";
import { age, when } from "../shared/times.js";
import * as wording from "../shared/wording.js";

const PAGE_SIZE = 30;
const ICONS = { comment: "comments", decision: "check", report: "flag", appeal: "undo", standing: "shield", note: "note" };
const CHIPS = { pending: "span.chip.warn", approved: "span.chip.good", rejected: "span.chip.bad" };

const state = { next: null, request: 0 };

const HEADS = {
  comment: ({ status, article_title: title, article }) => [
    el(CHIPS[status], {}, t(`status.${status}`)),
    " ",
    el("bdi.small", {}, title ?? article),
  ],
  decision(entry) {
    const who = entry.by ?? t(`source.${entry.source}`);
    const decision = { ...entry, source: "person", decided_by: who, created_at: entry.at };
    return [entry.is_undo ? `${t("author_record.undo")} ` : "", wording.decision(decision)];
  },
  report: ({ reason }) => [t("author_record.reported", { reason: wording.reasonName(reason) })],
  appeal: ({ outcome }) => [t(`author_record.appeal.${outcome ?? "open"}`)],
  standing({ standing, by, until, reason, is_undo: isUndo }) {
    const name = standing ? t(`record.standing.${standing}`) : t("author_record.no_standing");
    const told = until ? parts("record.until", { standing: name, moment: when(until) }) : [name];
    const why = reason ? ` (${wording.reasonName(reason)})` : "";
    return [isUndo ? `${t("author_record.undo")} ` : "", ...told, why, ` · ${by ?? t("source.import")}`];
  },
  note: ({ by }) => [t("author_record.note", { who: by ?? "" })],
};

function itemOf(entry) {
  const { kind, comment, text, at: moment } = entry;
  const body = text ? el("p", { dir: "auto" }, collapsed(text)) : null;
  const isLinked = comment && kind !== "note";
  const content = isLinked && body ? el("a", { href: `/console/comments/${comment}` }, body) : body;
  const link = isLinked && !body ? el("a.small", { href: `/console/comments/${comment}` }, t("author_record.to_comment")) : null;
  return el("li", {}, icon(ICONS[kind]), el("div", {}, el("div", {}, ...HEADS[kind](entry)), content, link), age(moment, "small"));
}

// Reads what happened with an author; from the start, or on from where it ended.
export async function loadTimeline(author, { isMore = false } = {}) {
  const request = ++state.request;
  const parameters = new URLSearchParams({ limit: PAGE_SIZE });
  if (at("kind").value) parameters.set("kind", at("kind").value);
  if (isMore) parameters.set("cursor", state.next);
  try {
    const page = await call("GET", `/authors/${author}/timeline?${parameters}`);
    if (request !== state.request) return;
    const items = page.entries.map(itemOf);
    if (isMore) at("entries").append(...items);
    else at("entries").replaceChildren(...items);
    state.next = page.next;
    at("more").hidden = !page.next;
    at("none").hidden = at("entries").children.length > 0;
  } catch (error) {
    fail(error);
  }
}
