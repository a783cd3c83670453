// A row of the list: who wrote what where, why it matters, and how old it is.

import { el, icon } from "../shared/dom.js";
import { collapsed } from "../shared/long_text.js";
import { languageName, score, t } from "../shared/texts.js";
import { age } from "../shared/times.js";
import * as wording from "../shared/wording.js";
import { isReserved, isSelected, state } from "./state.js";

const MAX_EXCERPT = 240; // characters: more never fit into a row
const STATUS_CHIPS = { pending: "span.chip.warn", approved: "span.chip.good", rejected: "span.chip.bad" };
const OF_ONE_STATUS = new Set(["pending", "approved", "rejected"]);

const chip = (kind, text, iconName = null) => el(kind, {}, iconName ? icon(iconName) : null, el("span", {}, text));

function reasonChip({ code, ...reason }) {
  if (code === "score") {
    const text = t("comments.scored", { label: wording.label(reason.label), score: score(reason.score) });
    return chip("span.chip.bad", text);
  }
  if (code === "rule" && reason.name) return chip("span.chip.warn", t("page.rule", { name: reason.name }));
  return chip("span.chip", has(code) ? t(`comments.why.${code}`) : wording.reasonName(code));
}

const SHORT = new Set([
  "language", "premoderation", "outside_hours", "closed", "deceptive_name", "personal_data", "edited", "claimed", "unscored", "undone",
]);
const has = (code) => SHORT.has(code);

// The one note of a row next to its text: requests of others come first.
function why(row) {
  if (isReserved(row)) return chip("span.chip", t("comments.reserved", { who: row.claimed_by }), "clock");
  if (state.gone.has(row.id)) return chip("span.chip", t("comments.gone"));
  if (row.is_appealed) return chip("span.chip.warn", t("comments.appeal"), "undo");
  if (row.escalated_at) return chip("span.chip.warn", t("comments.escalated"), "escalate");
  if (row.report_count) return chip("span.chip.warn", t("comments.reported", { count: row.report_count }), "flag");
  const { decision, campaign_size: size, language } = row;
  if (size > 1) return chip("span.chip.accent", t("comments.campaign", { count: size }), "campaigns");
  const [reason] = decision.reasons;
  if (reason?.code === "language" && language) return chip("span.chip", languageName(language), "globe");
  if (reason && row.status !== "approved") return reasonChip(reason);
  if (decision.decided_by) return chip("span.chip", decision.decided_by, "author");
  return null;
}

function head(row) {
  const place = row.article_title ?? row.article;
  const { site } = document.querySelector("main").dataset;
  return el(
    "span.item-head",
    {},
    el("b", { dir: "auto" }, row.author_name),
    site ? " · " : ` · ${row.site} · `,
    el("bdi", {}, place),
  );
}

function actionButton(verdict, iconName, row) {
  const kind = verdict === "reject" ? "button.square.compact.risky" : "button.square.compact";
  const label = t(`comments.decide.${verdict}`, { name: row.author_name });
  return el(kind, { type: "button", "data-verdict": verdict, "aria-label": label }, icon(iconName));
}

function actions(row) {
  const buttons = [];
  if (row.status !== "approved") buttons.push(actionButton("approve", "check", row));
  if (row.status !== "rejected") buttons.push(actionButton("reject", "cross", row));
  return el("span.item-actions", {}, ...buttons);
}

// Makes the row of a comment. Its link leads to the comment's page.
export function itemOf(row) {
  const isFree = !isReserved(row) && !state.gone.has(row.id);
  const tick = el("input", { type: "checkbox", "aria-label": t("comments.select", { name: row.author_name }) });
  tick.checked = isSelected(row.id);
  tick.disabled = !isFree;
  const text = collapsed(row.body.slice(0, MAX_EXCERPT)).replaceAll("\n", " ");
  const link = el(
    "a.item-link",
    { href: `/console/comments/${row.id}` },
    head(row),
    el("span.item-text", { dir: "auto" }, text),
  );
  const status = el(STATUS_CHIPS[row.status], {}, t(`status.${row.status}`));
  const item = el(
    isFree ? "li.item" : "li.item.is-taken",
    { "data-id": row.id },
    el("label.item-tick", {}, tick),
    link,
    el("span.item-why", {}, why(row), OF_ONE_STATUS.has(state.query.status) ? null : status),
    age(row.received_at, row.is_overdue && row.status === "pending" ? "item-time late" : "item-time"),
  );
  if (isFree) item.append(actions(row));
  return item;
}
