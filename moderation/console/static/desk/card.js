// Shows one comment: what it says, why it was held, and where it stands.

import { changes } from "../shared/diff.js";
import { at, el, put } from "../shared/dom.js";
import { told } from "./letters.js";
import { cut } from "./marks.js";
import { languageName, list, moment, parts, score, t } from "../shared/texts.js";
import * as wording from "../shared/wording.js";

// Words that pushed less than this part of the strongest one are not marked.
const MARKED_FROM = 0.15;
const STRONG_FROM = 0.66;
const MIDDLE_FROM = 0.33;
// Reasons that speak against a comment; the others only say why a person looks.
const AGAINST = new Set(["score", "rule", "reported", "bot", "campaign"]);
const TELLING_FROM = 0.1; // score
const LONGEST_DIFF = 400; // characters of what stayed that are shown in one piece

// What pushed a label that nobody would think of is not marked.
const isTelling = ({ held_for: reasons, label, scores }) =>
  reasons.some(({ code }) => code === "score") || (scores?.[label] ?? 0) >= TELLING_FROM;

function body({ pieces, ...entry }) {
  const most = isTelling(entry) ? Math.max(...pieces.map((piece) => piece.share)) : 0;
  return cut(pieces, entry.held_for).flatMap(({ text, share, isMatched }) => {
    const part = most ? share / most : 0;
    const kind = isMatched ? "mark.matched" : "mark";
    if (part < MARKED_FROM) return isMatched ? [el(kind, {}, ...told(text))] : told(text);
    const strength = part >= STRONG_FROM ? 3 : part >= MIDDLE_FROM ? 2 : 1;
    return [el(`${kind}.push-${strength}`, {}, ...told(text))];
  });
}

export function linkTo(link, entry) {
  link.textContent = entry.article_title ?? entry.article;
  if (/^https?:\/\//.test(entry.article)) link.href = entry.article;
  else link.removeAttribute("href");
}

export function showDue(entry) {
  const late = new Date(entry.due_at) < Date.now();
  at("due").textContent = wording.due(entry.due_at);
  at("due").classList.toggle("late", late);
}

// -- above the text -----------------------------------------------------------------

function disputed(dispute) {
  const said = dispute.map(({ verdict, reasons }) => {
    const told = t(`desk.said.${verdict}`);
    const why = reasons.map((each) => wording.reason(each, verdict)).join(t("page.between"));
    return reasons.length ? t("page.with_reasons", { told, reasons: why }) : told;
  });
  return el(
    "div",
    {},
    el("strong", {}, t("desk.dispute.title")),
    el("p", {}, t("desk.dispute.first", { said: said[0] })),
    el("p", {}, t("desk.dispute.second", { said: said[1] })),
  );
}

function asked({ escalation, appeal, reports, dispute }) {
  const boxes = [];
  const said = (text) => (text ? el("p", { dir: "auto" }, text) : null);
  if (dispute) boxes.push(disputed(dispute));
  if (escalation) {
    const { by, at: when, note } = escalation;
    const head = t("desk.escalated", { who: by, moment: moment(when) });
    boxes.push(el("div", {}, el("strong", {}, head), said(note)));
  }
  if (appeal) {
    const why = list(appeal.rejected_for.map(wording.reasonName));
    const head = t("desk.appeal", { reasons: why, moment: moment(appeal.created_at) });
    boxes.push(el("div", {}, el("strong", {}, head), said(appeal.text)));
  }
  if (reports) {
    const why = Object.entries(reports.reasons).map(([code, count]) =>
      t("desk.reported_for", { reason: wording.reasonName(code), number: count }),
    );
    const head = t("desk.reports", { count: reports.count, reasons: list(why) });
    boxes.push(el("div", {}, el("strong", {}, head), ...reports.notes.map(said)));
  }
  at("asked").replaceChildren(...boxes);
  at("asked").hidden = !boxes.length;
}

function thread(above) {
  at("thread").hidden = !above?.length;
  at("thread").open = false;
  if (!above?.length) return;
  at("thread-title").textContent = t("desk.thread", { count: above.length });
  at("thread-list").replaceChildren(
    ...above.map((each) =>
      el("li", {}, el("span.small", {}, wording.by(each)), el("p", { dir: "auto" }, each.body)),
    ),
  );
}

function links(found) {
  at("links").hidden = !found?.length;
  at("link-list").replaceChildren(
    ...(found ?? []).map(({ url, host, domain, oddities }) => {
      const name = host.map(({ text, is_odd: isOdd }) => (isOdd ? el("span.odd", {}, text) : text));
      const shown = el("bdi.host", { dir: "ltr" }, ...name);
      const told = [el("span", {}, ...parts("desk.link_host", { host: shown }))];
      if (domain) told.push(el("span.small", {}, ...parts("desk.link_domain", { domain: el("bdi", { dir: "ltr" }, domain) })));
      told.push(...oddities.map((code) => el("span.chip.warn", {}, t(`desk.oddity.${code}`))));
      return el("li", {}, ...told, el("span.small.url", { dir: "ltr" }, url));
    }),
  );
}

// -- beside it ----------------------------------------------------------------------

const side = (name, isThere) => {
  at(`side-${name}`).hidden = !isThere;
};

// Shortens what stayed the same, in the middle, so that the change is seen.
function shortened(text) {
  if (text.length <= LONGEST_DIFF) return text;
  return `${text.slice(0, LONGEST_DIFF / 2)} … ${text.slice(-LONGEST_DIFF / 2)}`;
}

export function diff(before, after) {
  const TAGS = { same: "span", removed: "del", added: "ins" };
  return el(
    "p.diff",
    { dir: "auto" },
    ...changes(before, after).map(({ kind, text }) =>
      el(TAGS[kind], {}, kind === "same" ? shortened(text) : text),
    ),
  );
}

function revisions(entry) {
  const texts = [...(entry.revisions ?? []).map((each) => each.body), entry.body];
  side("changes", texts.length > 1);
  const shown = (entry.revisions ?? []).map((each, place) => [
    el("p.small", {}, t("desk.changed_at", { moment: moment(each.replaced_at) })),
    diff(each.body, texts[place + 1]),
  ]);
  at("changes").replaceChildren(...shown.reverse().flat());
}

function earlier(found) {
  side("author", found?.length);
  at("earlier").replaceChildren(
    ...(found ?? []).map((each) =>
      el(
        "li",
        { class: each.verdict },
        el("span.small", {}, wording.decision(each)),
        el("p", { dir: "auto" }, each.body),
      ),
    ),
  );
}

function alike({ campaign, near_duplicates: found }) {
  side("alike", campaign || found?.length);
  put("alike-told", campaign ? wording.campaign(campaign) : "");
  at("alike").replaceChildren(
    ...(found ?? []).map((each) =>
      el("li", {}, el("span.small", {}, wording.by(each)), el("p", { dir: "auto" }, each.body)),
    ),
  );
}

export function notes(entry) {
  side("notes", entry.notes?.length);
  at("notes").replaceChildren(
    ...(entry.notes ?? []).map((each) =>
      el(
        "li",
        {},
        el("span.small", {}, t("desk.note_by", { who: each.author, moment: moment(each.created_at) })),
        el("p", { dir: "auto" }, each.text),
      ),
    ),
  );
}

function scores(entry) {
  const rows = Object.entries(entry.scores ?? {}).sort((one, other) => other[1] - one[1]);
  side("scores", rows.length);
  put("model", entry.model_version ? t("desk.scores_by", { model: entry.model_version }) : "");
  at("scores").replaceChildren(
    ...rows.map(([label, found]) =>
      el("tr", {}, el("th", { scope: "row" }, wording.label(label)), el("td", {}, score(found))),
    ),
  );
}

function history(decisions) {
  side("history", decisions.length);
  at("history").replaceChildren(...decisions.map((each) => el("li", {}, wording.decision(each))));
}

export function show(entry) {
  put("site", entry.site);
  put("section", entry.article_section ?? "");
  linkTo(at("article"), entry);
  showDue(entry);
  put("language", entry.language ? languageName(entry.language) : "");
  at("why").replaceChildren(
    ...entry.held_for.map((each) => el(AGAINST.has(each.code) ? "li.against" : "li", {}, wording.reason(each))),
  );
  asked(entry);
  thread(entry.thread);
  at("parent").hidden = !entry.parent_comment;
  if (entry.parent_comment) {
    put("parent-by", wording.parentBy(entry.parent_comment));
    put("parent-body", entry.parent_comment.body);
  }
  put("author", entry.author_name);
  put("website", entry.author_url ?? "");
  put("record", wording.record(entry.author));
  at("body").replaceChildren(...body(entry));
  const isMarked = at("body").querySelector("mark") !== null;
  put("legend", isMarked ? t("desk.legend", { label: wording.label(entry.label) }) : "");
  at("odd-legend").hidden = at("body").querySelector(".odd") === null;
  links(entry.links);
  revisions(entry);
  earlier(entry.earlier);
  alike(entry);
  notes(entry);
  scores(entry);
  history(entry.decisions);
  at("comment").hidden = false;
}

// The label that a rejection most likely is for.
export function suggestion(entry) {
  return entry.held_for.find((reason) => reason.code === "score")?.label ?? entry.label;
}

// What a moderator should know of a comment that changed in the meantime.
export function whatChanged(before, current) {
  const told = [];
  if (current.status !== "pending") told.push(el("p", {}, wording.overtaken(current)));
  if (before.body !== current.body) {
    told.push(el("p", {}, t("desk.text_changed")), diff(before.body, current.body));
  }
  return told;
}
