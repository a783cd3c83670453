// How the console says what is known of a comment.

import { date, distance, has, moment, number, score, t } from "./texts.js";

const MOST_COUNTED = 10_000;

const asWritten = (code) => code.replaceAll("_", " ");

export const label = (code) => (has(`label.${code}`) ? t(`label.${code}`) : asWritten(code));

// A reason's name: a label, a rule of the house, or why the policy acted.
export function reasonName(code) {
  if (has(`label.${code}`)) return t(`label.${code}`);
  return has(`reason.${code}`) ? t(`reason.${code}`) : asWritten(code);
}

export function reason({ code, label: about, score: found, threshold }, verdict = "review") {
  if (code !== "score") return reasonName(code);
  const values = { label: label(about), score: score(found), threshold: score(threshold) };
  return t(`by_score.${verdict}`, values);
}

export function counted(count) {
  return count >= MOST_COUNTED ? t("page.over", { number: MOST_COUNTED - 1 }) : number(count);
}

export function due(at, now = Date.now()) {
  const values = { distance: distance(at, now) };
  return new Date(at) < now ? t("desk.overdue", values) : t("desk.due", values);
}

export function record(author) {
  if (!author) return "";
  const { approved, rejected, pending, first_seen: first } = author;
  if (approved + rejected + pending <= 1) return t("desk.first_comment");
  return t("desk.record", { date: date(first), approved, rejected, pending });
}

export function decision({ verdict, source, decided_by: login, created_at: at, reasons }) {
  const who = source === "person" ? login : t(`source.${source}`);
  const told = t(`decision.${verdict}`, { moment: moment(at), who });
  if (!reasons.length) return told;
  const why = reasons.map((each) => reason(each, verdict)).join(t("page.between"));
  return t("page.with_reasons", { told, reasons: why });
}

export const parentBy = ({ author_name: name, status }) =>
  t("desk.reply_to", { name, status: t(`status.${status}`) });

export const done = (verdict, name) => t(`done.${verdict}`, { name });
