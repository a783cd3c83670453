// Training labels of the shown comment: sent with the decision, or alone.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { toggled } from "../shared/training_labels.js";
import * as panels from "./panels.js";
import { trainingLabels } from "./phrases.js";
import { setLabels, showLost, showRefusal } from "./screen.js";
import { state } from "./state.js";

export function openLabels() {
  if (!state.reserved.length) return;
  panels.open("labels");
  panels.choices("labels")[0].focus();
}

export const toggle = (button) => setLabels(toggled(state.labels, button.dataset.code));

// Throws the labels of the shown comment away; returns which they were.
export function discardLabels() {
  const lines = trainingLabels(state.labels);
  setLabels({});
  return lines.join(t("page.between"));
}

export async function sendLabels() {
  const [entry] = state.reserved;
  const { labels } = state;
  if (!Object.keys(labels).length) return;
  try {
    await call("POST", `/comments/${entry.id}/labels`, { version: entry.version, labels });
    say(t("page.labels_sent", { name: entry.author_name }));
    setLabels({});
    panels.close()?.focus();
  } catch (error) {
    leaveIfLoggedOut(error);
    if (error instanceof Refused) showRefusal(entry.author_name, error, entry);
    else showLost(error);
  }
}

for (const button of panels.choices("labels")) {
  button.addEventListener("click", () => toggle(button));
}
at("labels-keep").addEventListener("click", () => panels.close()?.focus());
at("labels-send").addEventListener("click", sendLabels);
