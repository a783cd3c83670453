// Errors, at the head of a page. Results are in a toast: toast.js.

import { leaveIfLoggedOut, Refused } from "./api.js";
import { at, el, icon } from "./dom.js";
import { refusal, t } from "./texts.js";

// Shows a message, with details below it and a button that tries again; an empty
// message hides the banner. With `isInSight`, the page scrolls to it.
export function warn(message, { details = [], retry = null, isInSight = false } = {}) {
  const banner = at("banner");
  const hadFocus = banner.contains(document.activeElement);
  const content = el("div", {}, el("p", {}, message), ...details);
  if (retry) content.append(retryButton(retry));
  banner.replaceChildren(...(message ? [icon("alert"), content] : []));
  banner.hidden = !message;
  if (retry && hadFocus) content.lastElementChild.focus();
  if (message && isInSight) banner.scrollIntoView({ block: "nearest" });
}

function retryButton(retry) {
  const button = el("button.compact", { type: "button" }, t("model.retry"));
  button.addEventListener("click", retry);
  return button;
}

// Shows why a request failed; leads to the log-in page where the session is over.
export function fail(error, options) {
  leaveIfLoggedOut(error);
  warn(error instanceof Refused ? refusal(error) : t("page.unreachable"), options);
}
