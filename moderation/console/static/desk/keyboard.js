// The keys and buttons of the desk.

import { at } from "../shared/dom.js";
import { isTyping, keyOf } from "../shared/keys.js";
import { openCampaign } from "./campaign.js";
import { decide, skip } from "./decisions.js";
import * as labels from "./labels.js";
import * as panels from "./panels.js";
import { choose, openReasons, rejectForChosen } from "./reasons.js";
import { state } from "./state.js";
import { undo } from "./undo.js";
import { openWriting, sendEscalation, sendNote } from "./writing.js";

const ACTIONS = {
  a: () => decide("approve"),
  r: openReasons,
  s: skip,
  e: () => openWriting("escalate"),
  l: labels.openLabels,
  n: () => openWriting("note"),
  c: openCampaign,
  u: undo,
  o: () => at("article").href && at("article").click(),
  "?": () => at("keys").showModal(),
};
const ALWAYS_POSSIBLE = new Set(["u", "?"]);
const SENDERS = { note: sendNote, escalate: sendEscalation };
const CHOICE_HANDLERS = { reasons: chooseReason, labels: chooseLabel };

// Shift writes another sign with a digit's key.
const digitOf = ({ code }) => /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? null;

const choiceOf = (panel, event) =>
  panels.choices(panel).find(({ dataset }) => [keyOf(event), digitOf(event)].includes(dataset.key));

// Returns whether the key meant something, as does the next one.
function chooseReason(event) {
  if (keyOf(event) === "enter" && rejectForChosen()) return true;
  const button = choiceOf("reasons", event);
  if (button) choose(button, { isOneOfSeveral: event.shiftKey });
  return Boolean(button);
}

function chooseLabel(event) {
  const key = keyOf(event);
  const button = choiceOf("labels", event);
  if (key === "s") labels.sendLabels();
  else if (key === "enter" && event.target.closest(".choices")) panels.close().focus();
  else if (button) labels.toggle(button);
  else return false;
  return true;
}

function onKey(event) {
  if (event.repeat || event.altKey) return;
  const panel = panels.openPanel();
  const key = keyOf(event);
  if (key === "escape" && panel) {
    panels.close().focus();
  } else if (event.ctrlKey || event.metaKey) {
    if (key === "enter") SENDERS[panel]?.();
  } else if (isTyping(event)) {
    return;
  } else if (CHOICE_HANDLERS[panel]) {
    if (CHOICE_HANDLERS[panel](event)) event.preventDefault();
  } else if (!panel && ACTIONS[key] && (state.reserved.length || ALWAYS_POSSIBLE.has(key))) {
    event.preventDefault();
    ACTIONS[key]();
  }
}

addEventListener("keydown", onKey);
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => ACTIONS[button.dataset.act]());
}
at("open-keys").addEventListener("click", ACTIONS["?"]);
