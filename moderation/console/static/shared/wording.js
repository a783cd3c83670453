// How the console writes what is known of a comment.

import { el } from "./dom.js";
import { duration, has, number, parts, score, t } from "./texts.js";
import { when } from "./times.js";

const MAX_COUNTED = 10_000;
const SECOND_MS = 1000;
const MINUTE = 60; // seconds

const asWritten = (code) => code.replaceAll("_", " ");

export const label = (code) => (has(`label.${code}`) ? t(`label.${code}`) : asWritten(code));

// The name of a reason: a label, a house rule, or why the policy acted.
export function reasonName(code) {
  if (has(`label.${code}`)) return t(`label.${code}`);
  return has(`reason.${code}`) ? t(`reason.${code}`) : asWritten(code);
}

export function reason(entry, verdict = "review") {
  const { code } = entry;
  if (code === "rule" && entry.name) return t("page.rule", { name: entry.name });
  if (code === "reported" && entry.reported_for) {
    return t("page.reported", { reason: reasonName(entry.reported_for), number: entry.count });
  }
  if (code === "care" && entry.label) {
    return t(`care.reason.${entry.label}`, { score: score(entry.score), threshold: score(entry.threshold) });
  }
  if (code !== "score") return reasonName(code);
  const values = { label: label(entry.label), score: score(entry.score), threshold: score(entry.threshold) };
  return t(`by_score.${verdict}`, values);
}

// A count of comments; with `isPartial`, not all were counted.
export function counted(count, isPartial = false) {
  if (isPartial && count < MAX_COUNTED) return t("page.at_least", { number: count });
  return count >= MAX_COUNTED ? t("page.over", { number: MAX_COUNTED - 1 }) : number(count);
}

export function due(dueAt, now = Date.now()) {
  const seconds = (new Date(dueAt) - now) / SECOND_MS;
  const size = Math.abs(seconds);
  const values = { duration: duration(size < MINUTE ? Math.floor(size) : size - (size % MINUTE)) };
  return seconds < 0 ? t("page.overdue", values) : t("page.due", values);
}

// Makes an element: who decided what, when, and for which reasons.
export function decision({ verdict, source, decided_by: login, created_at: createdAt, reasons }) {
  const who = source === "person" ? login : t(`source.${source}`);
  const sentence = el("span", {}, ...parts(`decision.${verdict}`, { moment: when(createdAt), who }));
  if (!reasons.length) return sentence;
  const names = reasons.map((entry) => reason(entry, verdict)).join(t("page.between"));
  return el("span", {}, ...parts("page.with_reasons", { told: sentence, reasons: names }));
}

export const done = (verdict, name) => t(`done.${verdict}`, { name });
