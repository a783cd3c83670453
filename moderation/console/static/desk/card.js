// Shows one comment: its text, why it was held, and its author.

import { call } from "../shared/api.js";
import { at, el, linkToArticle, put } from "../shared/dom.js";
import { collapsed, collapser, longText } from "../shared/long_text.js";
import { languageName, list, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import * as wording from "../shared/wording.js";
import { showAround } from "./around.js";
import { markedLetters } from "./letters.js";
import { cutAtMatches } from "./marks.js";
import * as phrases from "./phrases.js";

// Words that pushed less than this share of the strongest one are not marked.
const MIN_SHARE = 0.15;
const STRONG_SHARE = 0.66;
const MIDDLE_SHARE = 0.33;
// Reasons that speak against a comment; the others only say why a moderator looks.
const AGAINST = new Set(["score", "rule", "bot", "campaign"]);
const ASKED_FOR = new Set(["reported", "appeal"]); // a reader or the author asks for a review
const MIN_SCORE = 0.1; // of a label whose words are marked

let shown = null;

// The words of a label with a very low score are not marked.
const isLabelPlausible = ({ held_for: reasons, label, scores }) =>
  reasons.some(({ code }) => code === "score" || code === "care") || (scores?.[label] ?? 0) >= MIN_SCORE;

function body({ pieces, ...entry }) {
  const maxShare = isLabelPlausible(entry) ? Math.max(...pieces.map((piece) => piece.share)) : 0;
  const collapse = collapser();
  return cutAtMatches(pieces, entry.held_for).flatMap(({ text, share, isMatched }) => {
    const relativeShare = maxShare ? share / maxShare : 0;
    const kind = isMatched ? "mark.matched" : "mark";
    const letters = markedLetters(collapse(text));
    if (relativeShare < MIN_SHARE) return isMatched ? [el(kind, {}, ...letters)] : letters;
    const strength = relativeShare >= STRONG_SHARE ? 3 : relativeShare >= MIDDLE_SHARE ? 2 : 1;
    return [el(`${kind}.push-${strength}`, {}, ...letters)];
  });
}

export function showDue(entry) {
  const isOverdue = new Date(entry.due_at) < Date.now();
  at("due").textContent = wording.due(entry.due_at);
  at("due").classList.toggle("late", isOverdue);
}

// -- above the text -----------------------------------------------------------------

function disputeBox(decisions) {
  const sentences = decisions.map(({ verdict, reasons }) => {
    const name = t(`desk.said.${verdict}`);
    if (!reasons.length) return name;
    const reasonNames = reasons.map((reason) => wording.reason(reason, verdict)).join(t("page.between"));
    return t("page.with_reasons", { told: name, reasons: reasonNames });
  });
  return el(
    "div",
    {},
    el("strong", {}, t("desk.dispute.title")),
    el("p", {}, t("desk.dispute.first", { said: sentences[0] })),
    el("p", {}, t("desk.dispute.second", { said: sentences[1] })),
  );
}

const quote = (text) => (text ? el("p", { dir: "auto" }, text) : null);

function escalationBox({ by, at: escalatedAt, note }) {
  const head = parts("desk.escalated", { who: by, moment: when(escalatedAt) });
  return el("div", {}, el("strong", {}, ...head), quote(note));
}

function appealBox({ rejected_for: reasons, created_at: createdAt, text }) {
  const names = list(reasons.map(wording.reasonName));
  const head = parts("desk.appeal", { reasons: names, moment: when(createdAt) });
  return el("div", {}, el("strong", {}, ...head), quote(text));
}

function reportsBox({ count, reasons, notes }) {
  const names = Object.entries(reasons).map(([code, number]) =>
    t("desk.reported_for", { reason: wording.reasonName(code), number }),
  );
  const head = t("desk.reports", { count, reasons: list(names) });
  return el("div", {}, el("strong", {}, head), ...notes.map(quote));
}

// Shows what others ask of the moderator.
function showRequests({ escalation, appeal, reports, dispute }) {
  const boxes = [];
  if (dispute) boxes.push(disputeBox(dispute));
  if (escalation) boxes.push(escalationBox(escalation));
  if (appeal) boxes.push(appealBox(appeal));
  if (reports) boxes.push(reportsBox(reports));
  at("asked").replaceChildren(...boxes);
  at("asked").hidden = !boxes.length;
}

// What the site wants to be done; without its own text, the page's sentence.
function showCare(care) {
  at("care").hidden = !care;
  if (care) at("care-text").textContent = care.text ?? t("care.text");
}

function showThread(ancestors) {
  at("thread").hidden = !ancestors?.length;
  at("thread").open = false;
  if (!ancestors?.length) return;
  at("thread-title").textContent = t("desk.thread", { count: ancestors.length });
  at("thread-list").replaceChildren(
    ...ancestors.map((comment) =>
      el("li", {}, el("span.small", {}, phrases.byline(comment)), el("p", { dir: "auto" }, collapsed(comment.body))),
    ),
  );
}

// Says that there are more of the same before the second one comes.
function showAlike(campaign) {
  const others = (campaign?.pending ?? 0) - 1;
  at("alike-note").hidden = !campaign;
  if (!campaign) return;
  const sentence = others > 0 ? t("desk.alike_pending", { count: others }) : t("desk.alike_none");
  at("alike-count").textContent = sentence;
  at("campaign-open-text").textContent =
    others > 0 ? t("desk.decide_alike", { count: campaign.pending }) : t("desk.campaign");
}

// -- below it -----------------------------------------------------------------------

function linkItem({ url, host, domain, oddities }) {
  const hostParts = host.map(({ text, is_odd: isOdd }) => (isOdd ? el("span.odd", {}, text) : text));
  const hostName = el("bdi.host", { dir: "ltr" }, ...hostParts);
  const facts = [el("span", {}, ...parts("desk.link_host", { host: hostName }))];
  if (domain) {
    const domainName = el("bdi", { dir: "ltr" }, domain);
    facts.push(el("span.small", {}, ...parts("desk.link_domain", { domain: domainName })));
  }
  facts.push(...oddities.map((code) => el("span.chip.warn", {}, t(`desk.oddity.${code}`))));
  return el("li", {}, ...facts, el("span.small.url", { dir: "ltr" }, url));
}

function showLinks(links) {
  at("links").hidden = !links?.length;
  at("link-list").replaceChildren(...(links ?? []).map(linkItem));
}

function showParent(parent) {
  at("parent").hidden = !parent;
  if (!parent) return;
  put("parent-by", phrases.replyTo(parent));
  put("parent-body", collapsed(parent.body));
}

function legendOf({ label: code, marks_on_request: isLeftOut }) {
  const label = wording.label(code);
  return isLeftOut ? t("desk.legend_left_out", { label }) : t("desk.legend", { label });
}

function showBody(entry) {
  longText(at("body"), body(entry));
  const isMarked = at("body").querySelector("mark.push-1, mark.push-2, mark.push-3") !== null;
  put("legend", isMarked ? legendOf(entry) : "");
  at("odd-legend").hidden = at("body").querySelector(".odd") === null;
}

// The deep scorer goes by no single words: they are looked for once a comment is read.
async function markWords(entry) {
  if (!entry.marks_on_request || !isLabelPlausible(entry)) return;
  put("legend", t("desk.legend_looking", { label: wording.label(entry.label) }));
  try {
    entry.pieces = (await call("GET", `/comments/${entry.id}/card?marks=true`)).pieces;
  } catch {
    // Without marks, the comment can be decided as well.
  }
  if (shown === entry) showBody(entry);
}

function kindOf({ code }) {
  if (AGAINST.has(code)) return "li.against";
  return ASKED_FOR.has(code) ? "li.asked-for" : "li";
}

export function show(entry) {
  shown = entry;
  put("site", document.querySelector("main").dataset.site ? "" : entry.site); // one site needs no name
  put("section", entry.article_section ?? "");
  linkToArticle(at("article"), entry);
  showDue(entry);
  put("language", entry.language ? languageName(entry.language) : "");
  at("why").replaceChildren(
    ...entry.held_for.map((reason) =>
      el(kindOf(reason), {}, wording.reason(reason)),
    ),
  );
  showCare(entry.care);
  showAlike(entry.campaign);
  showRequests(entry);
  showThread(entry.thread);
  showParent(entry.parent_comment);
  put("author", entry.author_name);
  put("website", entry.author_url ?? "");
  put("record", phrases.authorRecord(entry.author));
  showBody(entry);
  showLinks(entry.links);
  showAround(entry);
  markWords(entry);
  at("comment").hidden = false;
}

// The label that a rejection most likely is for.
export function suggestedReason(entry) {
  return entry.held_for.find((reason) => reason.code === "score")?.label ?? entry.label;
}
