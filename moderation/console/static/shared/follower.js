// Follows a batch, a job or a delivery until it has ended. Answers that are lost on the
// way are borne: only a refusal, or too many lost in a row, end it before.

import { Refused } from "./api.js";

const POLL_MS = 1000;
const MAX_FAILURES = 30; // in a row
const UNFINISHED = new Set(["queued", "running", "undoing"]); // of batches and of jobs

export const isUnfinished = ({ state, is_stopped: isStopped }) => UNFINISHED.has(state) && !isStopped;

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Reads until what is read has ended, and returns that. `onChange` is called with each
// state that was read; `isWanted` returns whether the caller still waits for the end;
// if not, null is returned. `timeoutMs` limits the whole: the last state read is
// returned then.
export async function follow(
  first,
  {
    read,
    hasEnded = (current) => !isUnfinished(current),
    onChange = () => {},
    isWanted = () => true,
    maxFailures = MAX_FAILURES,
    timeoutMs = Infinity,
  },
) {
  const deadline = Date.now() + timeoutMs;
  let current = first;
  let failureCount = 0;
  while (!hasEnded(current) && Date.now() < deadline) {
    await pause(POLL_MS);
    if (!isWanted()) return null;
    try {
      current = await read();
      failureCount = 0;
    } catch (error) {
      failureCount += 1;
      if (error instanceof Refused || failureCount > maxFailures) throw error;
      continue;
    }
    if (!isWanted()) return null;
    onChange(current);
  }
  return current;
}
