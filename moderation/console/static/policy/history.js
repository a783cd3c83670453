// The policies that were applied: who applied them, when, and what they changed.

import { button } from "../shared/actions.js";
import { at, el } from "../shared/dom.js";
import { ago, isolated, moment, t } from "../shared/texts.js";
import { lineOf } from "./describing.js";
import { changesBetween, settingsOf } from "./draft.js";

const MAX_LOGGED = 12; // policies

export const writerOf = (policy) => policy.written_by ?? t("job.command_line");

function when(at_) {
  return el("time", { datetime: at_, title: moment(at_) }, ago(at_));
}

function linesOf(policy, previous) {
  if (!previous) return [t("policy.what_if.first_policy")];
  const lines = changesBetween(settingsOf(previous), settingsOf(policy)).map(lineOf);
  return lines.length ? lines : [t("policy.nothing_changed")];
}

function item(policy, previous, restore) {
  const entry = el(
    "li",
    {},
    el("p.small", {}, when(policy.created_at), ` · ${isolated(writerOf(policy))}`),
    el("ul", {}, ...linesOf(policy, previous).map((line) => el("li", {}, line))),
  );
  if (restore) {
    const back = button("button.compact", t("policy.restore"), () => restore(policy));
    back.setAttribute("aria-label", t("policy.restore_of", { moment: moment(policy.created_at) }));
    entry.append(back);
  }
  return entry;
}

// Lists policies, the one in use first; `restore(policy)` puts an older one on the page.
export function showHistory(policies, restore) {
  const [current] = policies;
  const told = { who: writerOf(current), when: ago(current.created_at) };
  at("written").textContent = t("policy.written", told);
  const items = policies
    .slice(0, MAX_LOGGED)
    .map((policy, index) => item(policy, policies[index + 1], index ? restore : null));
  at("log").replaceChildren(...items);
}
