// The reasons of a rejection: one by its key, several with Shift.

import { suggestedReason } from "./card.js";
import { decide } from "./decisions.js";
import * as panels from "./panels.js";
import { state } from "./state.js";

const isPressed = (button) => button.getAttribute("aria-pressed") === "true";

export function openReasons() {
  if (!state.reserved.length) return;
  const suggested = suggestedReason(state.reserved[0]);
  const buttons = panels.choices("reasons");
  for (const button of buttons) {
    button.classList.toggle("suggested", button.dataset.code === suggested);
    button.setAttribute("aria-pressed", "false");
  }
  panels.open("reasons");
  (buttons.find((button) => button.dataset.code === suggested) ?? buttons[0]).focus();
}

const chosenReasons = () =>
  panels
    .choices("reasons")
    .filter(isPressed)
    .map((button) => button.dataset.code);

export function choose(button, { isOneOfSeveral }) {
  if (isOneOfSeveral) {
    button.setAttribute("aria-pressed", String(!isPressed(button)));
    return;
  }
  const reasons = chosenReasons();
  decide("reject", reasons.length ? reasons : [button.dataset.code]);
}

// Rejects for the reasons that were chosen; returns false where none was.
export function rejectForChosen() {
  const reasons = chosenReasons();
  if (reasons.length) decide("reject", reasons);
  return reasons.length > 0;
}

for (const button of panels.choices("reasons")) {
  button.addEventListener("click", (event) => choose(button, { isOneOfSeveral: event.shiftKey }));
}
