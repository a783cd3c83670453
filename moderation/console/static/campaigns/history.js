// What was decided about a campaign as a whole, with Undo while that works.

import { call, leaveIfLoggedOut } from "../shared/api.js";
import { undoableUntil, undoBatch } from "../shared/batch_toast.js";
import { at, el } from "../shared/dom.js";
import { summaryOf } from "../shared/progress.js";
import { parts, t, time } from "../shared/texts.js";
import { when } from "../shared/times.js";

const MAX_BATCHES = 50; // of the site that are looked through

function undoOf(batch, onEnd) {
  const until = undoableUntil(batch);
  if (!until) return null;
  const button = el("button.compact", { type: "button" }, t("campaigns.undo_until", { time: time(until) }));
  button.addEventListener("click", async () => {
    button.disabled = true;
    await undoBatch(batch, onEnd);
  });
  return button;
}

const itemOf = (batch, onEnd) =>
  el(
    "li",
    {},
    el("p", {}, summaryOf(batch)),
    el("p.small", {}, ...parts("campaigns.decided_by", { who: batch.decided_by, when: when(batch.created_at) })),
    undoOf(batch, onEnd),
  );

// Shows the batches of a campaign; `onEnd()` is called when one was undone here.
export async function showHistory({ id, site }, onEnd) {
  try {
    const { batches } = await call("GET", `/batches?${new URLSearchParams({ site, limit: MAX_BATCHES })}`);
    const own = batches.filter(({ campaign }) => campaign === id);
    at("batches").replaceChildren(...own.map((batch) => itemOf(batch, onEnd)));
    at("history").hidden = !own.length;
  } catch (error) {
    leaveIfLoggedOut(error); // anything else: the rest of the page works
  }
}
