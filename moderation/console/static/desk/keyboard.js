// The keys and buttons of the desk.

import { at } from "../shared/dom.js";
import { hasSingleKeys, hasSwiping, isFree, isTyping, keepSwiping, keyOf } from "../shared/keys.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { openCampaign } from "./campaign.js";
import { decide, skip } from "./decisions.js";
import * as labels from "./labels.js";
import * as panels from "./panels.js";
import { choose, openReasons, rejectForChosen } from "./reasons.js";
import { state } from "./state.js";
import { undo } from "./undo.js";
import { discardWriting, openWriting, sendEscalation, sendNote } from "./writing.js";

const TYPING_MS = 600; // after the last key of a text, letters may still belong to it

const ACTIONS = {
  a: () => decide("approve"),
  r: openReasons,
  s: skip,
  e: () => openWriting("escalate"),
  l: labels.openLabels,
  n: () => openWriting("note"),
  c: openCampaign,
  h: openAuthor,
  u: undo,
  o: () => at("article").href && at("article").click(),
};
const ALWAYS_POSSIBLE = new Set(["u"]);
const SENDERS = { note: sendNote, escalate: sendEscalation };
const CHOICE_HANDLERS = { reasons: chooseReason, labels: chooseLabel };
// What Esc throws away; says what it was, or nothing.
const DISCARDERS = {
  labels: labels.discardLabels,
  note: () => discardWriting("note"),
  escalate: () => discardWriting("escalate"),
};

// Shift writes another sign with a digit's key.
const digitOf = ({ code }) => /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? null;

const choiceOf = (panel, event) =>
  panels.choices(panel).find(({ dataset }) => [keyOf(event), digitOf(event)].includes(dataset.key));

// Returns whether the key meant something, as does the next one.
function chooseReason(event) {
  if (keyOf(event) === "enter" && rejectForChosen()) return true;
  const button = hasSingleKeys() ? choiceOf("reasons", event) : null;
  if (button) choose(button, { isOneOfSeveral: event.shiftKey });
  return Boolean(button);
}

// Loaded when it is asked for: most comments are decided without.
async function openAuthor() {
  const { openAuthorOf } = await import("../shared/author_drawer.js");
  await openAuthorOf(state.reserved[0]);
}

function chooseLabel(event) {
  const key = keyOf(event);
  if (key === "enter" && event.target.closest(".choices")) panels.close().focus();
  else if (!hasSingleKeys()) return false;
  else if (key === "s") labels.sendLabels();
  else if (choiceOf("labels", event)) labels.toggle(choiceOf("labels", event));
  else return false;
  return true;
}

// Closes what is open, and discards what was begun in it.
function closePanel(panel) {
  const discarded = DISCARDERS[panel]?.() ?? "";
  panels.close().focus();
  if (discarded) say(t("desk.discarded", { what: discarded }));
}

function onTyping(event, panel) {
  state.typedUntil = Date.now() + TYPING_MS;
  const isSending = keyOf(event) === "enter" && !event.shiftKey && !event.isComposing;
  if (!isSending || !SENDERS[panel] || event.target.nodeName !== "TEXTAREA") return;
  event.preventDefault();
  SENDERS[panel]();
}

// Whether a letter belongs to a text whose field has just closed under it.
function isRestOfText(event) {
  if (event.key.length > 1 || Date.now() > state.typedUntil) return false;
  state.typedUntil = Date.now() + TYPING_MS;
  event.preventDefault();
  return true;
}

function onKey(event) {
  const panel = panels.openPanel();
  const key = keyOf(event);
  if (event.repeat || event.altKey || event.target.closest?.("dialog")) return;
  if (key === "escape") state.typedUntil = 0;
  if (key === "escape" && panel) closePanel(panel);
  else if (isTyping(event)) onTyping(event, panel);
  else if (event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  else if (isRestOfText(event)) return;
  else if (CHOICE_HANDLERS[panel]) {
    if (CHOICE_HANDLERS[panel](event)) event.preventDefault();
  } else if (!panel && ACTIONS[key] && isFree(event) && (state.reserved.length || ALWAYS_POSSIBLE.has(key))) {
    event.preventDefault();
    ACTIONS[key]();
  }
}

addEventListener("keydown", onKey);
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => ACTIONS[button.dataset.act]());
}
for (const button of document.querySelectorAll("[data-panel-close]")) {
  button.addEventListener("click", () => closePanel(button.dataset.panelClose));
}
// Loaded where it is switched on: most people work with keys.
async function switchSwiping() {
  const { switchSwiping: set } = await import("./swiping.js");
  set(at("swiping").checked);
}

at("swiping").checked = hasSwiping();
at("swiping").addEventListener("change", () => {
  keepSwiping(at("swiping").checked);
  switchSwiping();
});
if (hasSwiping()) switchSwiping();
at("labels-discard").addEventListener("click", () => closePanel("labels"));
