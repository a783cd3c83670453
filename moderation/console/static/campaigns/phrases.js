// A campaign in words and in a small drawing, for its list and its page.

import { el } from "../shared/dom.js";
import { stack } from "../shared/drawings.js";
import { list, moment, number, t } from "../shared/texts.js";

export const nameOf = ({ size }) => t("campaigns.near_duplicates", { count: size });

export const statusesOf = ({ approved, pending, rejected }) =>
  t("campaigns.counts", { approved: number(approved), pending: number(pending), rejected: number(rejected) });

// From whom and where: "200 email addresses, 3 networks, and 6 articles".
export function originsOf({ authors, networks, articles }) {
  const named = { authors, networks, articles };
  return list(
    Object.entries(named)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => t(`campaigns.${name}`, { count })),
  );
}

export function rateOf({ last_minute: minute, last_hour: hour }) {
  return hour ? t("campaigns.rate", { minute: number(minute), hour: number(hour) }) : t("campaigns.quiet");
}

// How much of it is approved, pending, and rejected, side by side.
export const shareOf = ({ approved, pending, rejected }) =>
  stack([
    ["approved", approved],
    ["pending", pending],
    ["rejected", rejected],
  ]);

// Chips for what goes on: it arrives, a brake holds it, a decision stands.
export function chipsOf({ is_arriving: isArriving, last_minute: minute, brake, standing, approved }) {
  const chips = [];
  if (isArriving && minute) chips.push(el("span.chip.bad", {}, t("campaigns.arriving_fast", { count: minute })));
  else if (isArriving) chips.push(el(approved ? "span.chip.bad" : "span.chip", {}, t("campaigns.arriving")));
  if (brake) chips.push(el("span.chip.warn", {}, t("campaigns.braked", { count: brake.held })));
  if (standing) {
    chips.push(el("span.chip.accent", {}, t(`campaigns.stands.${standing.verdict}`, { moment: moment(standing.until) })));
  }
  return chips;
}
