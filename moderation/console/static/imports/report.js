// What a check has found in files: counts, never a text, a name, or an address.

import { el } from "../shared/dom.js";
import { has, isolated, list, number, t } from "../shared/texts.js";

const skipName = (name) => (has(`imports.skip.${name}`) ? t(`imports.skip.${name}`) : isolated(name));

function table(caption, rows) {
  if (!rows.length) return "";
  const lines = rows.map(([name, count, ids]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, name, ids?.length ? el("span.row-ids", {}, ids.map(isolated).join(", ")) : ""),
      el("td", {}, number(count)),
    ),
  );
  return el("table", {}, el("caption", {}, caption), el("tbody", {}, ...lines));
}

const named = (counts, nameOf) =>
  Object.entries(counts)
    .filter(([, count]) => count)
    .map(([name, count]) => [nameOf(name), count]);

function verdictOf({ lessons, is_enough_to_train: isEnough }) {
  const all = lessons.all ?? 0;
  return isEnough ? t("imports.enough", { count: all }) : t("imports.not_enough", { count: all });
}

// Returns the elements of a report.
export function reportOf(report) {
  const { comments, articles, approved, pending, rejected, examples } = report;
  const examplesOf = (counts, nameOf) =>
    Object.entries(counts).map(([name, count]) => [nameOf(name), count, examples[name]]);
  const years = Object.entries(report.years);
  const sections = Object.entries(report.sections).map(([name, count]) => [name ? isolated(name) : t("imports.no_section"), count]);
  const remarks = report.remarks.map((remark) => el("p.small", { dir: "auto" }, remark));
  return [
    el("p", {}, t("imports.counts", { count: comments, articles }), " ", t("imports.by_status", { approved, pending, rejected })),
    el("p", {}, verdictOf(report)),
    ...(report.fault ? [el("p.problem", { dir: "auto" }, t("imports.cut", { why: report.fault }))] : []),
    ...remarks,
    el(
      "details",
      {},
      el("summary", {}, t("imports.details")),
      el(
        "div.counts",
        {},
        table(t("imports.by_year"), years),
        table(t("imports.by_section"), sections),
        table(t("imports.by_evidence"), named(report.evidence, (name) => t(`imports.evidence.${name}`))),
        table(t("imports.skipped"), examplesOf(report.skipped_by, skipName)),
        table(t("imports.refused"), examplesOf(report.refused_by, isolated)),
        table(t("imports.notes"), named(report.notes, (name) => t(`imports.note.${name}`))),
      ),
    ),
    ...(report.refused ? [el("p.small", {}, t("imports.refused_count", { count: report.refused }))] : []),
  ];
}

export const filesOf = ({ files }) => list(files.map(({ name }) => name));
