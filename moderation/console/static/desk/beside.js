// The lists below the card: the next comments, and those just decided here.

import { at, el } from "../shared/dom.js";
import { collapsed } from "../shared/long_text.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import * as wording from "../shared/wording.js";
import { state } from "./state.js";

const MAX_BESIDE = 3;
const CHIPS = { approve: "span.chip.good", reject: "span.chip.bad" };

// Shows the comments after the one on the card.
export function showNext() {
  const entries = state.reserved.slice(1, 1 + MAX_BESIDE);
  at("next-region").hidden = !entries.length;
  at("next").replaceChildren(
    ...entries.map(({ author_name: name, held_for: reasons, body }) =>
      el(
        "li",
        {},
        el(
          "span.one-line",
          { dir: "auto" },
          el("b", { dir: "auto" }, name),
          reasons.length ? ` · ${wording.reason(reasons[0])} · ` : " · ",
          collapsed(body),
        ),
      ),
    ),
  );
}

// Shows the newest decisions with a way back, as long as there is one.
export function showDecided(undoOne) {
  state.decided = state.decided.slice(0, MAX_BESIDE);
  at("decided-region").hidden = !state.decided.length;
  at("decided").replaceChildren(...state.decided.map((item) => itemOf(item, undoOne)));
}

function itemOf(item, undoOne) {
  const { verdict, name, at: decidedAt, until } = item;
  const line = el(
    "li",
    {},
    el(CHIPS[verdict], {}, t(`desk.verdict.${verdict}`)),
    el("span.one-line", {}, el("b", { dir: "auto" }, name), " ", when(decidedAt)),
  );
  if (until > Date.now()) {
    const button = el("button.link", { type: "button", "aria-label": t("desk.undo_of", { name }) }, t("desk.undo"));
    button.addEventListener("click", () => undoOne(item));
    line.append(button);
  }
  return line;
}
