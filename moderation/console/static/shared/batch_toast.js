// A batch that goes on: followed to its end, which a toast tells, with Undo.

import { call } from "./api.js";
import { fail } from "./banner.js";
import { follow } from "./follower.js";
import { summaryOf } from "./progress.js";
import { say } from "./toast.js";

const followed = (batch, onChange) =>
  follow(batch, { read: () => call("GET", `/batches/${batch.id}`), onChange });

// Returns a moment up to which the person may undo a batch; null where they can't.
export function undoableUntil(batch) {
  const until = Date.parse(batch.undoable_until ?? "");
  return batch.is_undoable_by_you && batch.state === "done" && until > Date.now() ? until : null;
}

// Undoes a batch and tells it; `onEnd()` is called then.
export async function undoBatch({ id }, onEnd) {
  try {
    const begun = await call("POST", `/batches/${id}/undo`);
    say(summaryOf(await followed(begun, () => {})));
    await onEnd();
  } catch (error) {
    fail(error, { isInSight: true });
  }
}

// Follows a batch until it has ended, and shows its result. `onProgress(batch)`
// is called on the way, `onEnd()` at the end and after an undo.
export async function followBatch(batch, { onProgress = () => {}, onEnd }) {
  onProgress(batch);
  const ended = await followed(batch, onProgress);
  const until = undoableUntil(ended);
  say(summaryOf(ended), until && ended.decided ? { undo: () => undoBatch(ended, onEnd), until } : {});
  await onEnd();
}
