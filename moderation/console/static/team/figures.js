// Figures of a table, with what is small below them.

import { el } from "../shared/dom.js";
import { meter } from "../shared/drawings.js";
import * as texts from "../shared/texts.js";
import { t } from "../shared/texts.js";

// A smaller line below a figure.
export const addition = (text) => el("span.more", {}, text);

// A share of a whole, in percent and numbers, with a meter.
export function shareOf(part, whole, className) {
  if (!whole) return [t("team.unknown")];
  const share = part / whole;
  return [texts.percent(share), addition(t("team.of", { part, whole })), meter(share, className)];
}
