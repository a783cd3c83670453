// The reasons of a rejection: one by its key, several with Shift.

import { suggestedReason } from "./card.js";
import { needsBasis } from "../shared/grounds.js";
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
  reject(reasons.length ? reasons : [button.dataset.code]);
}

// Most rejections are sent at once; some must name a law, or describe what is wrong.
async function reject(reasons) {
  const [entry] = state.reserved;
  if (!entry || !needsBasis(reasons, [entry.site])) return decide("reject", reasons);
  const basis = await askAbout(reasons, entry);
  if (basis && state.reserved[0]?.id === entry.id) decide("reject", reasons, basis);
}

// Loaded where it is asked for: most comments are decided without.
export async function askAbout(reasons, entry) {
  const { askBasis } = await import("../shared/basis.js");
  return askBasis(reasons, suggestedReason(entry));
}

// Rejects for the reasons that were chosen; returns false where none was.
export function rejectForChosen() {
  const reasons = chosenReasons();
  if (reasons.length) reject(reasons);
  return reasons.length > 0;
}

for (const button of panels.choices("reasons")) {
  button.addEventListener("click", (event) => choose(button, { isOneOfSeveral: event.shiftKey }));
}
