// The panels under a comment: one is open at a time, Esc closes it.

import { leaveIfLoggedOut, Refused } from "../shared/api.js";
import { at, el, icon } from "../shared/dom.js";
import { refusal, t } from "../shared/texts.js";

// Panel → the button that opens it.
const OPENERS = {
  reasons: "reject",
  labels: "open-labels",
  note: "open-note",
  escalate: "open-escalate",
  campaign: "open-campaign",
};

// The panel that is open, by its name; null if none is.
export function openPanel() {
  return Object.keys(OPENERS).find((name) => !at(name).hidden) ?? null;
}

export function open(name) {
  close();
  at(name).hidden = false;
  at(OPENERS[name]).setAttribute("aria-expanded", "true");
  at(name).scrollIntoView({ block: "nearest" }); // clear of the bar with the actions
}

// Closes the open panel; returns the button that opens it, to return the focus to.
export function close() {
  const name = openPanel();
  if (!name) return null;
  at(name).hidden = true;
  at(OPENERS[name]).setAttribute("aria-expanded", "false");
  return at(OPENERS[name]);
}

for (const name of Object.keys(OPENERS)) {
  const button = el("button.quiet.compact.square.panel-close", { type: "button", "aria-label": t("dialog.close") });
  button.append(icon("cross"));
  button.dataset.panelClose = name;
  at(name).append(button);
}

export const choices = (name) => [...at(name).querySelectorAll(".choices button")];

// Does something to the shown comment; the panel shows errors.
export async function attempt(name, action) {
  const problem = at(`${name}-problem`);
  const buttons = at(name).querySelectorAll("button");
  problem.hidden = true;
  for (const button of buttons) button.disabled = true;
  try {
    await action();
  } catch (error) {
    leaveIfLoggedOut(error);
    problem.textContent = error instanceof Refused ? refusal(error) : t("page.unreachable");
    problem.hidden = false;
  }
  for (const button of buttons) button.disabled = false;
}
