// The figures of the team and of each of its members.

import { at, el } from "../shared/dom.js";
import { meter } from "../shared/drawings.js";
import * as texts from "../shared/texts.js";
import { t } from "../shared/texts.js";
import { addition, shareOf } from "./figures.js";

const durationOrUnknown = (seconds) =>
  seconds === null ? t("team.unknown") : texts.duration(seconds);

function pace({ median, p90 }) {
  if (median === null) return [t("team.unknown")];
  return [texts.duration(median), addition(t("team.p90", { time: durationOrUnknown(p90) }))];
}

function reserved(held) {
  if (!held) return [t("team.nothing_held")];
  const articles = held.articles.map(({ title, comments }) =>
    t("team.held_article", { title, count: comments }),
  );
  const parts = [t("team.held", { count: held.comments }), addition(texts.list(articles))];
  if (held.since) parts.push(addition(t("team.held_since", { when: texts.distance(held.since) })));
  return parts;
}

function decisions({ decisions: count, approved, rejected, in_bulk: inBulk }, maxCount) {
  const parts = [texts.number(count)];
  if (!count) return parts;
  parts.push(addition(t("team.verdicts", { approved, rejected })));
  if (inBulk) parts.push(addition(t("team.in_bulk", { count: inBulk })));
  return [...parts, meter(count / maxCount)];
}

function memberRow(member, maxCount) {
  const { figures, alike } = member;
  const role = member.role ? t(`role.${member.role}`) : t("team.has_left");
  const cells = [
    ["held", reserved(member.held)],
    ["decisions", decisions(figures, maxCount)],
    ["waited", pace(figures.waited)],
    ["worked", pace(figures.worked)],
    ["overdue", shareOf(figures.overdue, figures.timed, "rest")],
    ["reversed", shareOf(figures.reversed, figures.decisions, "rest")],
    ["alike", shareOf(alike.agreed, alike.looks)],
  ];
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, texts.isolated(member.login), addition(role)),
    ...cells.map(([column, parts]) =>
      el("td", { "data-column": t(`team.column.${column}`) }, el("div", {}, ...parts)),
    ),
  );
}

export function showMembers(members) {
  const maxCount = Math.max(1, ...members.map((member) => member.figures.decisions));
  at("people").tBodies[0].replaceChildren(...members.map((member) => memberRow(member, maxCount)));
}

function tile(name, value, smallText = "") {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value, smallText && addition(smallText)));
}

function percentOrUnknown(part, whole) {
  return whole ? texts.percent(part / whole) : t("team.unknown");
}

export function showOverall({ pending, overdue, figures, members }) {
  const { waited } = figures;
  const workingCount = members.filter((member) => member.held).length;
  at("overall").replaceChildren(
    tile(t("team.pending"), texts.number(pending), overdue ? t("team.overdue_now", { count: overdue }) : ""),
    tile(t("team.working"), texts.number(workingCount)),
    tile(t("team.column.decisions"), texts.number(figures.decisions)),
    tile(
      t("team.column.waited"),
      durationOrUnknown(waited.median),
      waited.p90 === null ? "" : t("team.p90", { time: texts.duration(waited.p90) }),
    ),
    tile(t("team.column.overdue"), percentOrUnknown(figures.overdue, figures.timed)),
    tile(t("team.column.reversed"), percentOrUnknown(figures.reversed, figures.decisions)),
  );
}
