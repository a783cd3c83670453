// Decides many comments as one batch for each site: followed to its end, undone as one.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { fail, warn } from "./banner.js";
import { follow } from "./follower.js";
import { t } from "./texts.js";
import { say } from "./toast.js";

const CONFLICT = 409; // none of it is to be decided, or too many
const TIMEOUT_MS = 60_000;
const MAX_UNDO_MS = 30 * 60_000;

const sum = (batches, name) => batches.reduce((total, batch) => total + (batch[name] ?? 0), 0);

function summaryOf(batches) {
  const [{ verdict }] = batches;
  const sentences = [t(`bulk.done.${verdict}`, { count: sum(batches, "decided") })];
  const left = { skipped: sum(batches, "skipped"), changed: sum(batches, "changed"), already: sum(batches, "already") };
  if (left.changed) sentences.push(t("bulk.changed", { count: left.changed }));
  if (left.skipped) sentences.push(t("bulk.skipped", { count: left.skipped }));
  if (left.already) sentences.push(t("bulk.already", { count: left.already }));
  return sentences.join(" ");
}

const follower = (batch, onChange) =>
  follow(batch, { read: () => call("GET", `/batches/${batch.id}`), onChange });

// Follows batches that are being undone to their end; returns the result in words.
export async function followUndo(begun) {
  const ended = await Promise.all(begun.map((batch) => follower(batch, () => {})));
  const sentences = [t("bulk.undone", { count: sum(ended, "restored") })];
  if (sum(ended, "left")) sentences.push(t("bulk.left", { count: sum(ended, "left") }));
  return sentences.join(" ");
}

async function undoAll(batches, onEnd) {
  try {
    say(await followUndo(await Promise.all(batches.map(({ id }) => call("POST", `/batches/${id}/undo`)))));
    await onEnd();
  } catch (error) {
    fail(error, { isInSight: true });
  }
}

// Posts the bodies, one for each site. `onProgress(share)` hears from 0 to 1; `onEnd()`
// is called when all is decided, and after an undo. Returns whether anything was done.
export async function decideMany(bodies, options) {
  warn("");
  try {
    await followMany(await postAll(bodies), options);
    return true;
  } catch (error) {
    leaveIfLoggedOut(error);
    fail(error, { isInSight: true });
    return false;
  }
}

// Follows batches to their end, and offers to undo them. `first` is the text before their
// result; `undoWhole()` undoes them with what they went with.
export async function followMany(begun, { onEnd, onProgress = () => {}, first = "", undoWhole = null }) {
  const shares = new Map(begun.map(({ id, progress }) => [id, progress]));
  const tell = ({ id, progress }) => {
    shares.set(id, progress);
    onProgress([...shares.values()].reduce((total, share) => total + share, 0) / shares.size);
  };
  begun.forEach(tell);
  const ended = await Promise.all(begun.map((batch) => follower(batch, tell)));
  const ends = ended.map(({ undoable_until: until }) => Date.parse(until)).filter(Boolean);
  const undo = undoWhole ?? (() => undoAll(ended, onEnd));
  const isUndoable = undoWhole !== null || (ends.length > 0 && sum(ended, "decided") > 0);
  const until = Math.min(Date.now() + MAX_UNDO_MS, ...ends);
  say(`${first} ${summaryOf(ended)}`.trim(), isUndoable ? { undo, until } : {});
  await onEnd();
}

// A site where nothing matches is none to tell of, unless it is so at all of them.
async function postAll(bodies) {
  const answers = await Promise.allSettled(
    bodies.map((body) => call("POST", "/batches", body, { timeoutMs: TIMEOUT_MS })),
  );
  const begun = answers.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  const [failure] = answers.filter(({ reason }) => reason && !isNothing(reason)).map(({ reason }) => reason);
  if (failure && !begun.length) throw failure;
  if (failure) fail(failure, { isInSight: true });
  if (!begun.length) throw answers[0].reason;
  return begun;
}

const isNothing = (error) => error instanceof Refused && error.status === CONFLICT;
