// What another admin has applied since, next to the changes on this page.

import { at, el } from "../shared/dom.js";
import { ago, t } from "../shared/texts.js";
import { nameOf, valueOf } from "./describing.js";
import { changesBetween } from "./draft.js";
import { writerOf } from "./history.js";

const keyOf = ({ name, part }) => JSON.stringify([name, part]);

function row(change, theirs, mine) {
  const cell = (value) => el("td", {}, value === null ? "–" : valueOf(change, value.after));
  return el(
    "tr",
    {},
    el("th", { scope: "row", dir: "auto" }, nameOf(change)),
    el("td", {}, valueOf(change, change.before)),
    cell(theirs),
    cell(mine),
  );
}

export function hideConflict() {
  at("conflict").hidden = true;
}

// Compares both admins' changes of one policy. Nothing is overwritten: `onRebase()`
// puts those of this page on top of the newer policy, `onDiscard()` drops them.
export function showConflict(newest, before, after, mine, { onRebase, onDiscard }) {
  const theirs = changesBetween(before, after);
  const byKey = new Map([...theirs, ...mine].map((change) => [keyOf(change), change]));
  const of = (list, key) => list.find((change) => keyOf(change) === key) ?? null;
  at("conflict-told").textContent = t("policy.conflict", { who: writerOf(newest), when: ago(newest.created_at) });
  at("conflict-rows").replaceChildren(
    ...[...byKey].map(([key, change]) => row(change, of(theirs, key), of(mine, key))),
  );
  const closing = (action) => () => {
    hideConflict();
    action();
  };
  at("rebase").onclick = closing(onRebase);
  at("take-theirs").onclick = closing(onDiscard);
  at("conflict").hidden = false;
  at("conflict").scrollIntoView({ block: "nearest" });
  at("rebase").focus();
}
