// What a moderator says of labels, for training: yes, no, or nothing.

import { t } from "./texts.js";

// Unsaid → yes → no → unsaid.
export function turned(said, code) {
  const { [code]: holds, ...others } = said;
  if (holds === undefined) return { ...said, [code]: true };
  return holds ? { ...said, [code]: false } : others;
}

// Shows on each label's button what is said of it.
export function mark(buttons, said) {
  for (const button of buttons) {
    const holds = said[button.dataset.code];
    button.setAttribute("aria-pressed", String(holds !== undefined));
    button.querySelector(".mark").textContent =
      holds === undefined ? "" : holds ? t("page.yes") : t("page.no");
  }
}
