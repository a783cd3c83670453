// What an author's standing is called, and how it is drawn.

import { el, icon } from "./dom.js";
import { parts, t } from "./texts.js";
import { when } from "./times.js";

const KINDS = { trusted: "good", premoderated: "warn", suspended: "bad", banned: "bad", shadow_banned: "bad" };
export const ICONS = { trusted: "check", premoderated: "shield", suspended: "clock", banned: "ban", shadow_banned: "blind" };

export const totalOf = ({ pending, approved, rejected }) => pending + approved + rejected;

// Makes a chip of an author's standing; null where there is none.
export function standingChip({ standing, standing_until: until }) {
  if (!standing) return null;
  const name = t(`record.standing.${standing}`);
  const text = until ? parts("record.until", { standing: name, moment: when(until) }) : [name];
  return el(`span.chip.${KINDS[standing]}`, {}, icon(ICONS[standing]), el("span", {}, ...text));
}
