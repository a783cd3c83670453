// How far a batch is: shown, followed while it goes on, and undone.

import { call } from "./api.js";
import { fail, warn } from "./banner.js";
import { follow, isUnfinished } from "./follower.js";
import { t } from "./texts.js";

const SECOND_MS = 1000;

// Returns in words how far a batch is, or its result.
export function summaryOf(batch) {
  const { state, decided, skipped, restored, left, asked, verdict, undone_by: undoneBy } = batch;
  if (batch.is_stopped) return t(`batch.stopped.${state}`, { done: decided + skipped, asked, count: restored });
  if (state === "running") return t("batch.running", { done: decided + skipped, asked });
  if (state === "undoing") return t("batch.undoing", { count: restored });
  if (state !== "undone") {
    const result = t(`batch.done.${verdict}`, { count: decided });
    return skipped ? `${result} ${t("batch.skipped", { count: skipped })}` : result;
  }
  // What a range has decided was pending; other comments have the status of before again.
  const count = restored;
  const sentences = [batch.kind === "range" ? t("batch.undone", { count }) : t("batch.restored", { count })];
  if (left) sentences.push(t("batch.left", { count: left }));
  if (undoneBy && undoneBy !== batch.decided_by) sentences.push(t("batch.undone_by", { who: undoneBy }));
  return sentences.join(" ");
}

// Sets a place up (see the macro in recent.html). `onEnd()` is called when a batch has
// ended or was undone there.
export function progressIn(place, onEnd) {
  const part = (name) => place.querySelector(`.${name}`);
  let batch = null;
  let countdown = 0;
  let ending = null; // a promise: the batch that is followed has ended

  function draw() {
    part("bar").value = batch.progress;
    part("bar").hidden = !isUnfinished(batch);
    part("retry").hidden = !batch.is_stopped;
    part("told").textContent = summaryOf(batch);
    clearInterval(countdown);
    if (showUndo()) countdown = setInterval(showUndo, SECOND_MS);
  }

  // Returns whether the batch can still be undone.
  function showUndo() {
    const leftMs = batch.undoable_until && new Date(batch.undoable_until) - Date.now();
    const isUndoable = batch.is_undoable_by_you && (batch.state === "running" || (leftMs ?? 0) > 0);
    const hadFocus = document.activeElement === part("undo");
    part("undo").hidden = !isUndoable;
    if (!isUndoable && hadFocus) place.focus();
    const seconds = Math.max(0, Math.ceil(leftMs / SECOND_MS));
    part("seconds").textContent = leftMs === null ? "" : t("page.seconds", { count: seconds });
    if (!isUndoable) clearInterval(countdown);
    return isUndoable;
  }

  async function followToEnd({ id }) {
    const ended = await follow(batch, {
      read: () => call("GET", `/batches/${id}`),
      isWanted: () => batch?.id === id,
      onChange(current) {
        batch = current;
        draw();
      },
    });
    if (ended) await onEnd();
  }

  // Shows a batch; returns a promise of its end if it goes on, else null.
  function show(current) {
    const isFollowed = ending !== null && batch?.id === current.id;
    batch = current;
    place.hidden = false;
    draw();
    if (isFollowed) return ending;
    if (!isUnfinished(batch)) {
      ending = null;
      return null;
    }
    const promise = followToEnd(batch).finally(() => {
      if (ending === promise) ending = null;
    });
    ending = promise;
    return promise;
  }

  // Undoes the batch, or goes on with one that a fault stopped.
  async function act(name) {
    part(name).disabled = true;
    try {
      await (show(await call("POST", `/batches/${batch.id}/${name}`)) ?? onEnd());
      warn("");
    } catch (error) {
      fail(error);
    }
    part(name).disabled = false;
  }

  function hide() {
    clearInterval(countdown);
    batch = null;
    place.hidden = true;
  }

  for (const name of ["undo", "retry"]) part(name).addEventListener("click", () => act(name));
  return { show, hide, shownId: () => batch?.id ?? null };
}
