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

export function reason(found, verdict = "review") {
  const { code, label: about, score: reached, threshold } = found;
  if (code === "rule" && found.name) return t("page.rule", { name: found.name });
  if (code === "reported" && found.reported_for) {
    return t("page.reported", { reason: reasonName(found.reported_for), number: found.count });
  }
  if (code !== "score") return reasonName(code);
  const values = { label: label(about), score: score(reached), threshold: score(threshold) };
  return t(`by_score.${verdict}`, values);
}

const thousandths = (figure) => figure?.toFixed(3) ?? "–";

// What speaks against a model that its gate refused.
export function objection({ code, label: about, before, after, kind, name, n }) {
  return t(`gate.${code}`, {
    label: about === "any" ? t("measured.any_label") : about ? label(about) : "",
    before: thousandths(before),
    after: thousandths(after),
    kind: kind ? t(`model.slice.${kind}`) : "",
    name: name ?? "",
    n: n ?? 0,
  });
}

// With `isPartial`, not all were looked through.
export function counted(count, isPartial = false) {
  if (isPartial && count < MOST_COUNTED) return t("page.at_least", { number: count });
  return count >= MOST_COUNTED ? t("page.over", { number: MOST_COUNTED - 1 }) : number(count);
}

export function due(at, now = Date.now()) {
  const values = { distance: distance(at, now) };
  return new Date(at) < now ? t("page.overdue", values) : t("page.due", values);
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

export const by = ({ author_name: name, status }) =>
  t("desk.by", { name, status: t(`status.${status}`) });

export function campaign({ size, approved, rejected, pending, standing }) {
  const told = t("desk.campaign_told", { count: size, approved, rejected, pending });
  return standing ? `${told} ${t(`desk.standing.${standing}`)}` : told;
}

// Who decided about a comment before one's own decision arrived.
export function overtaken({ verdict, source, decided_by: login, decided_at: at, reasons }) {
  return decision({ verdict, source, decided_by: login, created_at: at, reasons });
}

// What a person says of labels, in one line.
export function labels(said) {
  return Object.entries(said).map(([code, holds]) =>
    holds ? t("desk.label_yes", { label: label(code) }) : t("desk.label_no", { label: label(code) }),
  );
}
