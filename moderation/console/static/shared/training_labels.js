// Training labels of a comment: each holds, doesn't hold, or is unset.

import { t } from "./texts.js";

// Unset → holds → doesn't hold → unset.
export function toggled(labels, code) {
  const { [code]: holds, ...others } = labels;
  if (holds === undefined) return { ...labels, [code]: true };
  return holds ? { ...labels, [code]: false } : others;
}

// Shows on the button of each label whether it holds.
export function markButtons(buttons, labels) {
  for (const button of buttons) {
    const holds = labels[button.dataset.code];
    button.setAttribute("aria-pressed", String(holds !== undefined));
    button.querySelector(".mark").textContent =
      holds === undefined ? "" : holds ? t("page.yes") : t("page.no");
  }
}
