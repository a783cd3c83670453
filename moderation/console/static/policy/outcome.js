// What thresholds would have done in the last days, next to what was done.

import { at, el } from "../shared/dom.js";
import { stack } from "../shared/drawings.js";
import { number, percent, t } from "../shared/texts.js";

const COUNTS = ["approved", "held", "rejected", "refused", "missed", "wrongly_held", "wrongly_rejected", "minutes"];
const SECTION_COUNTS = ["held", "missed", "wrongly_held", "minutes"];
const STACKED = ["approved", "held", "rejected"];
// Fewer is better of these; of the others it depends.
const LESS_IS_BETTER = new Set(["held", "missed", "wrongly_held", "wrongly_rejected", "minutes"]);

function differenceChip(name, now, then) {
  const change = then - now;
  if (!change) return el("span.more", {}, t("policy.what_if.same"));
  const outcome = !LESS_IS_BETTER.has(name) ? "unclear" : change < 0 ? "better" : "worse";
  const text =
    change > 0 ? t("policy.what_if.more", { number: change }) : t("policy.what_if.fewer", { number: -change });
  return el(`span.outcome.${outcome}`, {}, text);
}

function countRow(name, now, then) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, t(`policy.what_if.counts.${name}`)),
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
  const name = then.section === null ? t("policy.what_if.no_section") : then.section;
  return el("tr", {}, el("th", { scope: "row", dir: "auto" }, name), ...cells);
}

const stackOf = (total) => stack(STACKED.map((name) => [name, total[name]]));

function showUnscored({ unscored, version }) {
  at("unscored").textContent = unscored ? t("policy.what_if.unscored", { count: unscored }) : "";
  at("score-them").hidden = !unscored;
  at("score-them").dataset.version = version;
}

export function showOutcome(then, now) {
  const sectionsNow = new Map(now.sections.map((section) => [section.section, section]));
  at("replayed").textContent = t("policy.what_if.replayed", { count: then.total.comments });
  showUnscored(then);
  at("now-stack").replaceChildren(stackOf(now.total));
  at("then-stack").replaceChildren(stackOf(then.total));
  at("outcome").replaceChildren(...COUNTS.map((name) => countRow(name, now.total, then.total)));
  at("outcome-sections").replaceChildren(
    ...then.sections.map((section) => sectionRow(section, sectionsNow.get(section.section))),
  );
}

function difference(then, now) {
  const change = then - now;
  if (!change) return t("policy.what_if.same");
  return change > 0 ? t("policy.what_if.more", { number: change }) : t("policy.what_if.fewer", { number: -change });
}

// Returns what a policy would have meant over some days, in a sentence.
export function meaningOf(then, now, days) {
  return t("policy.meant", {
    count: days,
    held: difference(then.held, now.held),
    refused: difference(then.refused, now.refused),
    missed: difference(then.missed, now.missed),
  });
}

// Returns what is known of proposed thresholds, in a line each.
export function proposalLines({ comments, held, rejected }) {
  const lines = [
    t("policy.what_if.proposed_on", { count: comments }),
    t("policy.what_if.proposed_held", {
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
    lines.push(t("policy.what_if.proposed_rejected", values));
  } else if (rejected) lines.push(t("policy.what_if.proposed_none"));
  return lines;
}
