// How alike the team decides, and how often automatic decisions are wrong.

import { at, el } from "../shared/dom.js";
import { meter, range } from "../shared/drawings.js";
import * as texts from "../shared/texts.js";
import { t } from "../shared/texts.js";
import { reasonName } from "../shared/wording.js";
import { shareOf } from "./figures.js";

const paragraph = (text) => el("p", {}, text);

function kappaParts({ kappa }) {
  if (!kappa) return [];
  const { value, low, high } = kappa;
  const values = { kappa: texts.score(value), low: texts.score(low), high: texts.score(high) };
  return [paragraph(t("team.kappa", values)), range(kappa, { least: Math.min(0, low) })];
}

function observedText({ pairs, observed, expected }) {
  if (!pairs) return t("team.no_looks");
  const values = { observed: texts.percent(observed), expected: texts.percent(expected) };
  return t("team.observed", { count: pairs, ...values });
}

function showDisagreements(reasons) {
  const maxCount = Math.max(1, ...reasons.map(({ looks }) => looks));
  at("noise").tBodies[0].replaceChildren(
    ...reasons.map(({ code, looks, differed }) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, reasonName(code)),
        el("td", {}, texts.number(looks), meter(looks / maxCount)),
        el("td", {}, ...shareOf(differed, looks, "rest")),
      ),
    ),
  );
  at("noise-region").hidden = !reasons.length;
}

export function showAgreement({ kappa, disputed, upheld, corrected, noise }) {
  const parts = [paragraph(observedText(kappa)), ...kappaParts(kappa)];
  if (disputed) parts.push(paragraph(t("team.disputed", { count: disputed })));
  if (upheld + corrected) parts.push(paragraph(t("team.settled", { upheld, corrected })));
  at("agreement").replaceChildren(...parts);
  showDisagreements(noise);
}

function errorRateParts(name, { looks, wrong, rate }) {
  const values = {
    wrong,
    count: looks,
    rate: texts.percent(rate.value),
    low: texts.percent(rate.low),
    high: texts.percent(rate.high),
  };
  return [paragraph(t(`team.wrong.${name}`, values)), range(rate)];
}

export function showMachine({ approvals, rejections }) {
  at("machine").replaceChildren(
    ...(approvals.rate ? errorRateParts("approvals", approvals) : [paragraph(t("team.no_approvals"))]),
    ...(rejections.rate ? errorRateParts("rejections", rejections) : [paragraph(t("team.no_rejections"))]),
  );
}
