// The policies that were in force: who wrote them, and what they changed.

import { button } from "../shared/actions.js";
import { el } from "../shared/dom.js";
import { moment, t } from "../shared/texts.js";
import { changesBetween } from "./sliders.js";

function linesOf(policy, previous) {
  if (!previous) return [t("thresholds.first_policy")];
  const lines = changesBetween(previous.thresholds, policy.thresholds);
  return lines.length ? lines : [t("thresholds.other_change")];
}

// An entry of the log; `tryAgain()`, where it is given, moves the sliders there.
export function policyItem(policy, previous, tryAgain) {
  const writtenAt = moment(policy.created_at);
  const writer = policy.written_by ?? t("job.command_line");
  const item = el(
    "li",
    {},
    el("p.small", {}, t("thresholds.written", { moment: writtenAt, who: writer })),
    el("ul", {}, ...linesOf(policy, previous).map((line) => el("li", {}, line))),
  );
  if (tryAgain) {
    const back = button("button.compact", t("thresholds.try_these"), tryAgain);
    back.setAttribute("aria-label", t("thresholds.try_those_of", { moment: writtenAt }));
    item.append(back);
  }
  return item;
}
