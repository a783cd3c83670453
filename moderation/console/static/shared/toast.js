// What was done, at the end of the screen: one at a time, with Undo while that works.

import { at } from "./dom.js";
import { duration, t } from "./texts.js";

const SECOND_MS = 1000;
const MAX_SECONDS = 120; // that are counted; more are written in minutes
const GAP = 16; // pixels between the toast and what is above it
const LASTS_MS = 8000; // of one that offers nothing

const shown = { undo: null, until: 0, timer: 0 };

// Shows a text; an empty one hides the toast. `undo()` is offered until the moment `until`
// (milliseconds since 1970), and by the key U: see `undoShown`.
export function say(text, { undo = null, until = Date.now() + LASTS_MS } = {}) {
  clearInterval(shown.timer);
  Object.assign(shown, { undo, until, timer: text ? setInterval(tick, SECOND_MS) : 0 });
  at("status").textContent = text;
  at("toast").classList.toggle("is-shown", Boolean(text));
  at("toast-close").hidden = !text;
  at("toast-undo").hidden = !undo;
  if (undo) showSeconds();
  makeRoom();
}

// The page's end, and what floats above it, move above the toast: nothing is under it.
function makeRoom() {
  const isShown = at("toast").classList.contains("is-shown");
  const height = isShown ? at("toast").offsetHeight + GAP : 0;
  document.documentElement.style.setProperty("--toast-room", `${height}px`);
}

function showSeconds() {
  const count = Math.max(0, Math.ceil((shown.until - Date.now()) / SECOND_MS));
  at("toast-seconds").textContent = count > MAX_SECONDS ? duration(count) : t("page.seconds", { count });
}

// Goes away by itself, but not from under the pointer or the focus.
function tick() {
  const isOver = Date.now() >= shown.until;
  if (shown.undo && !isOver) showSeconds();
  else if (shown.undo) say(at("status").textContent);
  else if (isOver && !at("toast").matches(":hover, :focus-within")) say("");
}

// Undoes what the toast is about; returns false where it offers nothing.
export function undoShown() {
  const { undo } = shown;
  if (!undo) return false;
  say("");
  undo();
  return true;
}

at("toast-undo").addEventListener("click", undoShown);
at("toast-close").addEventListener("click", () => say(""));
at("toast-close").hidden = true;
new ResizeObserver(makeRoom).observe(at("toast"));
