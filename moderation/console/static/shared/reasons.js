// Asks why something is rejected: one reason by its key, several with Shift.

import { openDialog } from "./dialogs.js";
import { at } from "./dom.js";
import { hasSingleKeys, keyOf } from "./keys.js";

let answer = null; // resolves the question that is open

const buttons = () => [...at("rejection").querySelectorAll(".choices button")];
const isPressed = (button) => button.getAttribute("aria-pressed") === "true";
const chosen = () => buttons().filter(isPressed).map((button) => button.dataset.code);
// Shift writes another sign with a digit's key.
const digitOf = ({ code }) => /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? null;

// Returns a promise of the codes; null where it was closed. `suggested` has the focus,
// so that Enter takes it.
export function askReasons({ title, suggested = null, explanation = "" }) {
  at("rejection-title").textContent = title;
  at("rejection-told").textContent = explanation;
  at("rejection-told").hidden = !explanation;
  for (const button of buttons()) {
    button.setAttribute("aria-pressed", "false");
    button.classList.toggle("suggested", button.dataset.code === suggested);
  }
  openDialog("rejection");
  (buttons().find(({ dataset }) => dataset.code === suggested) ?? buttons()[0]).focus();
  return new Promise((resolve) => {
    answer = resolve;
  });
}

function finish(codes) {
  answer?.(codes);
  answer = null;
  at("rejection").close();
}

function choose(button, isOneOfSeveral) {
  if (isOneOfSeveral) button.setAttribute("aria-pressed", String(!isPressed(button)));
  else finish(chosen().length ? chosen() : [button.dataset.code]);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (keyOf(event) === "enter" && chosen().length && event.target.closest(".choices")) finish(chosen());
  else {
    const keys = [keyOf(event), digitOf(event)];
    const button = hasSingleKeys() && buttons().find(({ dataset }) => keys.includes(dataset.key));
    if (!button) return;
    choose(button, event.shiftKey);
  }
  event.preventDefault();
}

at("rejection").addEventListener("keydown", onKey);
at("rejection").addEventListener("close", () => finish(null));
for (const button of buttons()) {
  button.addEventListener("click", (event) => choose(button, event.shiftKey));
}
