// The keys and buttons of the list and of the pane.

import { at } from "../shared/dom.js";
import * as actions from "../shared/comment_actions.js";
import { isFree as isFreeKey, isTyping, keyOf } from "../shared/keys.js";
import { go } from "./address.js";
import { decide, decideRow } from "./decisions.js";
import { isWide, setCurrent, step } from "./list.js";
import { cardOf, rereadCard } from "./pane.js";
import { clearSelection, hasSelection, selectEverything, selectUpTo, toggle } from "./selection.js";
import { current, rowOf, state } from "./state.js";

// Does something with the current comment, with all that is known of it.
const withCurrent = (action) => () => {
  const row = current();
  if (row) action(cardOf(row) ?? row);
};

function openCampaign() {
  const number = current()?.campaign;
  if (number) go({ status: "all", campaign: String(number) });
}

const ACTIONS = {
  j: () => step(1),
  arrowdown: () => step(1),
  k: () => step(-1),
  arrowup: () => step(-1),
  x: () => current() && toggle(state.currentId),
  a: () => decide("approve"),
  r: () => decide("reject"),
  b: () => decide("review"),
  h: withCurrent(actions.openAuthor),
  n: withCurrent(actions.openNote),
  e: withCurrent(actions.openEscalation),
  l: withCurrent(actions.openLabels),
  o: withCurrent(actions.openArticle),
  c: openCampaign,
  enter: withCurrent(({ id }) => location.assign(`/console/comments/${id}`)),
};
// Where a link or a button has the focus, these are its own.
const OF_CONTROLS = new Set(["enter", "arrowdown", "arrowup"]);

function onKey(event) {
  const key = keyOf(event);
  const isAll = (event.ctrlKey || event.metaKey) && key === "a" && !isTyping(event);
  if (isAll) selectEverything();
  else if (key === "escape" && hasSelection() && !document.querySelector("dialog[open]")) clearSelection();
  else if (!isFreeKey(event)) return;
  else if (event.shiftKey && key === "x") selectUpTo(state.currentId);
  else if (OF_CONTROLS.has(key) && !isOnList(event)) return;
  else if (ACTIONS[key] && !event.shiftKey) ACTIONS[key]();
  else return;
  event.preventDefault();
}

const isOnList = ({ target, key }) =>
  target === document.body || Boolean(target.closest(key === "Enter" ? ".item-link" : "#rows"));

function onClick(event) {
  const item = event.target.closest(".item");
  if (!item) return;
  const { id } = item.dataset;
  const verdict = event.target.closest("[data-verdict]")?.dataset.verdict;
  if (verdict) decideRow(rowOf(id), verdict);
  else if (event.target.closest(".item-tick")) {
    event.preventDefault(); // the browser's own tick would come after ours
    if (event.shiftKey) selectUpTo(id);
    else toggle(id);
  } else if (event.target.closest(".item-link") && isPlain(event) && isWide()) {
    event.preventDefault();
    setCurrent(id);
  }
}

// A click of the pointer alone: with a key held, or by Enter, the link is a link.
const isPlain = (event) => event.detail > 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

actions.onCommentChange(({ id }) => rereadCard(id));
addEventListener("keydown", onKey);
at("rows").addEventListener("click", onClick);
at("rows").addEventListener("change", (event) => {
  const { id } = event.target.closest(".item").dataset; // by the space bar
  toggle(id);
});
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => ACTIONS[button.dataset.act]());
}
at("select-all").addEventListener("click", selectEverything);
at("clear-selection").addEventListener("click", clearSelection);
