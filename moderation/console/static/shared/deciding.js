// Decides one comment of any status: shown as done at once, sent behind it, undone.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { warn } from "./banner.js";
import { refusal, t } from "./texts.js";
import { say } from "./toast.js";
import * as wording from "./wording.js";

const SECOND_MS = 1000;

export const STATUS_AFTER = { approve: "approved", reject: "rejected", review: "pending" };

const undoMs = () => Number(document.querySelector("main").dataset.undoSeconds) * SECOND_MS;

function whyRefused(entry, error) {
  if (!(error instanceof Refused)) return t("page.unreachable");
  const { author_name: name } = entry;
  const who = error.current?.decided_by;
  if (who) return t("act.overtaken", { name, who });
  return t("act.refused", { name, message: refusal(error) });
}

// Sends a decision. `onRefused(current)` is called where it did not count, with the
// comment as it is now, if that is known; `onUndone()` after an undo.
export async function decide(entry, verdict, { reasons = [], basis = null, onRefused, onUndone }) {
  const { id, version, author_name: name } = entry;
  const sent = call("POST", `/comments/${id}/decisions`, { verdict, version, reasons, basis }, { keepalive: true });
  const undo = async () => {
    try {
      await sent;
      await call("POST", `/comments/${id}/undo`, { version: version + 1 });
      await onUndone();
      say(t("act.undone", { name }));
    } catch (error) {
      leaveIfLoggedOut(error);
      warn(whyRefused(entry, error));
    }
  };
  warn("");
  say(wording.done(verdict, name), { undo, until: Date.now() + undoMs() });
  try {
    await sent;
  } catch (error) {
    leaveIfLoggedOut(error);
    say("");
    warn(whyRefused(entry, error), { isInSight: true });
    onRefused(error.current ?? null);
  }
}
