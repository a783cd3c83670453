// Swiping the comment to its end approves it, to its start asks for the reason of a
// rejection: on touch, where the person has switched it on.

import { at } from "../shared/dom.js";
import { decide } from "./decisions.js";
import { openPanel } from "./panels.js";
import { openReasons } from "./reasons.js";
import { state } from "./state.js";

const LEAST = 96; // pixels: a shorter one is a slip
const STEEPEST = 0.5; // of its length: more is scrolling

const card = at("comment");
const towardsEnd = document.documentElement.dir === "rtl" ? -1 : 1;
let start = null; // {x, y, id, pointer}

// How far to the end of the line; 0 where it is no swipe.
function lengthOf({ clientX, clientY }) {
  const [x, y] = [clientX - start.x, clientY - start.y];
  return Math.abs(y) > STEEPEST * Math.abs(x) ? 0 : x * towardsEnd;
}

function mark(length) {
  const verdict = length > 0 ? "approve" : "reject";
  if (Math.abs(length) >= LEAST) card.dataset.swipe = verdict;
  else delete card.dataset.swipe;
}

function begin(event) {
  const isPossible = event.pointerType === "touch" && event.isPrimary && state.shown && !openPanel();
  start = isPossible ? { x: event.clientX, y: event.clientY, id: state.shown.id } : null;
}

function end(event) {
  if (!start) return;
  const length = lengthOf(event);
  const isSame = state.shown?.id === start.id; // it was read, not one that came under it
  cancel();
  if (!isSame || Math.abs(length) < LEAST) return;
  if (length > 0) decide("approve");
  else openReasons();
}

function cancel() {
  start = null;
  delete card.dataset.swipe;
}

export function switchSwiping(isOn) {
  card.classList.toggle("is-swipeable", isOn);
  const change = isOn ? "addEventListener" : "removeEventListener";
  card[change]("pointerdown", begin);
  card[change]("pointermove", drag);
  card[change]("pointerup", end);
  card[change]("pointercancel", cancel);
  if (!isOn) cancel();
}

function drag(event) {
  if (start) mark(lengthOf(event));
}
