// What went wrong, told at the head of a page.

import { leaveIfLoggedOut, Refused } from "./api.js";
import { put } from "./dom.js";
import { refusal, t } from "./texts.js";

// Puts a message there; an empty one takes it away.
export const warn = (message) => put("banner", message);

export function fail(error) {
  leaveIfLoggedOut(error);
  warn(error instanceof Refused ? refusal(error) : t("page.unreachable"));
}
