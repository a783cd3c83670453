// How far a batch is: told, followed while it goes on, and taken back.

import { call, Refused } from "./api.js";
import { fail, warn } from "./banner.js";
import { t } from "./texts.js";

const LOOK_MS = 1000; // how often a running batch is looked at
const MOST_FAILED = 30; // looks in a row without an answer
const GOES_ON = new Set(["running", "undoing"]);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function told(batch) {
  const { state, decided, skipped, restored, left, asked, verdict, undone_by: who } = batch;
  if (state === "running") return t("batch.running", { done: decided + skipped, asked });
  if (state === "undoing") return t("batch.undoing", { count: restored });
  const parts =
    state === "undone"
      ? [
          t("batch.undone", { count: restored }),
          left ? t("batch.left", { count: left }) : "",
          who && who !== batch.decided_by ? t("batch.undone_by", { who }) : "",
        ]
      : [
          t(`batch.done.${verdict}`, { count: decided }),
          skipped ? t("batch.skipped", { count: skipped }) : "",
        ];
  return parts.filter(Boolean).join(" ");
}

// Sets a place up (see the macro in batch.html). `changed()` is told when a batch has
// ended or was taken back there.
export function progressIn(place, changed) {
  const part = (name) => place.querySelector(`.${name}`);
  let batch = null;
  let countdown = 0;
  let following = null;

  function draw() {
    part("bar").value = batch.progress;
    part("bar").hidden = !GOES_ON.has(batch.state);
    part("told").textContent = told(batch);
    clearInterval(countdown);
    if (tick()) countdown = setInterval(tick, LOOK_MS);
  }

  // Tells if the batch can still be taken back.
  function tick() {
    const until = batch.undoable_until && new Date(batch.undoable_until) - Date.now();
    const isOpen = batch.is_undoable_by_you && (batch.state === "running" || (until ?? 0) > 0);
    const hadFocus = document.activeElement === part("undo");
    part("undo").hidden = !isOpen;
    if (!isOpen && hadFocus) place.focus();
    part("seconds").textContent =
      until === null ? "" : t("page.seconds", { count: Math.max(0, Math.ceil(until / 1000)) });
    if (!isOpen) clearInterval(countdown);
    return isOpen;
  }

  async function toItsEnd() {
    let failed = 0;
    while (batch && GOES_ON.has(batch.state)) {
      await pause(LOOK_MS);
      try {
        const now = batch && (await call("GET", `/batches/${batch.id}`));
        if (now?.id !== batch?.id) continue; // another one is shown meanwhile
        batch = now;
        failed = 0;
        if (batch) draw();
      } catch (error) {
        failed += 1;
        if (error instanceof Refused || failed > MOST_FAILED) throw error;
      }
    }
    await changed();
  }

  // Shows a batch; answers when it has come to its end.
  function show(found) {
    batch = found;
    place.hidden = false;
    draw();
    if (!following && GOES_ON.has(batch.state)) {
      following = toItsEnd().finally(() => {
        following = null;
      });
    }
    return following;
  }

  async function undo() {
    part("undo").disabled = true;
    try {
      await (show(await call("POST", `/batches/${batch.id}/undo`)) ?? changed());
      warn("");
    } catch (error) {
      fail(error);
    }
    part("undo").disabled = false;
  }

  function hide() {
    clearInterval(countdown);
    batch = null;
    place.hidden = true;
  }

  part("undo").addEventListener("click", undo);
  return { show, hide, shown: () => batch?.id ?? null };
}
