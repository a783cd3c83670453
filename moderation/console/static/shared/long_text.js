// Shows a written text: a flood of blank lines takes no room, a long text no screen.

import { el } from "./dom.js";
import { t } from "./texts.js";

// Line ends of all kinds, and characters that leave a line empty.
const LINE_END = /\r\n|[\r\u0085\u000b\u000c\u2028\u2029]/gu;
const BLANK = /[\s\u115f\u1160\u200b-\u200d\u2060\u2800\u3164\ufeff\uffa0]/u;
const MAX_BLANK = 1; // lines in a row

// Returns a function that takes the pieces of a text in turn, and returns each without
// the blank lines that are too many. The pieces may be cut anywhere.
export function collapser() {
  let ends = 0; // line ends since the last letter
  let held = ""; // blanks that may turn out to be a blank line
  return (piece, isLast = false) => {
    let shown = "";
    for (const letter of piece.replace(LINE_END, "\n")) {
      if (letter === "\n") {
        ends += 1;
        held = "";
        if (ends <= MAX_BLANK + 1) shown += letter;
      } else if (ends && BLANK.test(letter)) {
        held += letter;
      } else {
        shown += held + letter;
        ends = 0;
        held = "";
      }
    }
    return isLast ? shown.trimEnd() : shown;
  };
}

export const collapsed = (text) => collapser()(text, true);

// Puts nodes or a text into an element, and cuts it at the height that its style sets
// (`max-block-size` of `.is-cut`), with a button behind it that shows the rest.
export function longText(element, content) {
  const nodes = typeof content === "string" ? [collapsed(content)] : content;
  element.nextElementSibling?.matches(".show-all") && element.nextElementSibling.remove();
  element.replaceChildren(...nodes);
  element.classList.add("is-cut");
  requestAnimationFrame(() => {
    const isLong = element.scrollHeight > element.clientHeight + 1;
    element.classList.toggle("is-cut", isLong);
    if (isLong && element.isConnected) element.after(showAllButton(element));
  });
}

function showAllButton(element) {
  const button = el("button.link.show-all", { type: "button" }, t("page.show_all"));
  button.addEventListener("click", () => {
    element.classList.remove("is-cut");
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    button.remove();
  });
  return button;
}
