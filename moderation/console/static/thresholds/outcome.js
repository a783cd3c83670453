// What thresholds would have done in the last days, beside what was done.

import { at, el } from "../shared/dom.js";
import { stack } from "../shared/drawings.js";
import { number, percent, t } from "../shared/texts.js";

const COUNTS = ["approved", "held", "rejected", "missed", "wrongly_held", "wrongly_rejected", "minutes"];
const SECTION_COUNTS = ["held", "missed", "wrongly_held", "minutes"];
const STACKED = ["approved", "held", "rejected"];
// Fewer is better of these; of the others nobody can say.
const LESS_IS_BETTER = new Set(["held", "missed", "wrongly_held", "wrongly_rejected", "minutes"]);

function differenceChip(name, now, then) {
  const change = then - now;
  if (!change) return el("span.more", {}, t("thresholds.same"));
  const outcome = !LESS_IS_BETTER.has(name) ? "unclear" : change < 0 ? "better" : "worse";
  const text =
    change > 0 ? t("thresholds.more", { number: change }) : t("thresholds.fewer", { number: -change });
  return el(`span.outcome.${outcome}`, {}, text);
}

function countRow(name, now, then) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, t(`thresholds.counts.${name}`)),
    el("td", {}, number(now[name])),
    el("td", {}, number(then[name])),
    el("td", {}, differenceChip(name, now[name], then[name])),
  );
}

function sectionRow(then, now) {
  const cells = SECTION_COUNTS.map((name) => {
    const before = now ? number(now[name]) : "–";
    return el("td", { dir: "ltr" }, `${before} → ${number(then[name])}`);
  });
  const name = then.section === null ? t("thresholds.no_section") : then.section;
  return el("tr", {}, el("th", { scope: "row", dir: "auto" }, name), ...cells);
}

const stackOf = (total) => stack(STACKED.map((name) => [name, total[name]]));

function showUnscored({ unscored, version }) {
  at("unscored").textContent = unscored ? t("thresholds.unscored", { count: unscored }) : "";
  at("score-them").hidden = !unscored;
  at("score-them").dataset.version = version;
}

export function showOutcome(then, now) {
  const { comments, held, missed, minutes } = then.total;
  const sectionsNow = new Map(now.sections.map((section) => [section.section, section]));
  at("replayed").textContent = t("thresholds.replayed", { count: comments });
  showUnscored(then);
  at("now-stack").replaceChildren(stackOf(now.total));
  at("then-stack").replaceChildren(stackOf(then.total));
  at("outcome").replaceChildren(...COUNTS.map((name) => countRow(name, now.total, then.total)));
  at("sections").replaceChildren(
    ...then.sections.map((section) => sectionRow(section, sectionsNow.get(section.section))),
  );
  at("told").textContent = t("thresholds.told", { held, missed, minutes: Math.round(minutes) });
}

// Returns what is known of proposed thresholds, in a line each.
export function proposalLines({ comments, held, rejected }) {
  const lines = [
    t("thresholds.proposed_on", { count: comments }),
    t("thresholds.proposed_held", {
      harmless: held.harmless_held,
      all_harmless: held.harmless,
      harmful: held.harmful_held,
      all_harmful: held.harmful,
    }),
  ];
  if (rejected?.rejected) {
    const values = {
      rejected: rejected.rejected,
      wrong: rejected.wrong,
      share: percent(rejected.right_at_least),
    };
    lines.push(t("thresholds.proposed_rejected", values));
  } else if (rejected) lines.push(t("thresholds.proposed_none"));
  return lines;
}
