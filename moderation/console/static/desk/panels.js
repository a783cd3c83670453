// The panels under a comment: one is open at a time, Esc closes it.

import { at } from "../shared/dom.js";

const PANELS = { reasons: "reject", labels: "open-labels", note: "open-note", escalate: "open-escalate", campaign: "open-campaign" };

// The panel that is open, by its name; null if none is.
export function openPanel() {
  return Object.keys(PANELS).find((name) => !at(name).hidden) ?? null;
}

export function open(name) {
  close();
  at(name).hidden = false;
  at(PANELS[name]).setAttribute("aria-expanded", "true");
}

// Closes whatever is open; returns the button that opens it, to go back to.
export function close() {
  const name = openPanel();
  if (!name) return null;
  at(name).hidden = true;
  at(PANELS[name]).setAttribute("aria-expanded", "false");
  return at(PANELS[name]);
}

export const choices = (name) => [...at(name).querySelectorAll(".choices button")];
