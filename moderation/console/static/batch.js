// One decision about many comments: asked for, followed while it runs, taken back.

import { call, Refused } from "./api.js";
import { refusal, t } from "./texts.js";
import * as wording from "./wording.js";

const LOOK_MS = 1000; // how often a running batch is looked at
const MOST_FAILED = 30; // looks in a row without an answer

const at = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function warn(message) {
  at("banner").textContent = message;
  at("banner").hidden = !message;
}

export function fail(error) {
  if (error instanceof Refused && error.status === 401) {
    location.assign(document.documentElement.dataset.loginPage);
  }
  warn(error instanceof Refused ? refusal(error) : t("page.unreachable"));
}

function told(batch) {
  const { state, decided, skipped, restored, left, asked, verdict } = batch;
  if (state === "running") return t("batch.running", { done: decided + skipped, asked });
  if (state === "undoing") return t("batch.undoing", { count: restored });
  const parts =
    state === "undone"
      ? [t("batch.undone", { count: restored }), left ? t("batch.left", { count: left }) : ""]
      : [
          t(`batch_done.${verdict}`, { count: decided }),
          skipped ? t("batch.skipped", { count: skipped }) : "",
        ];
  return parts.filter(Boolean).join(" ");
}

// Sets the form up. `counted()` answers how many wait; `ask(verdict, reasons)` posts and
// answers the batch; `changed()` is told when it has ended or was taken back.
export function offer({ counted, ask, changed, more = () => "" }) {
  let verdict = null;
  let batch = null;
  let countdown = 0;

  function close(focus) {
    at("batch-question").hidden = true;
    if (focus) at(`batch-${verdict}`).focus();
  }

  function question(wanted) {
    verdict = wanted;
    const values = { count: counted() };
    if (wanted === "reject") values.reason = wording.reasonName(at("batch-reason").value);
    at("batch-asked").textContent = t(`batch_ask.${wanted}`, values);
    at("batch-asked-more").textContent = more(wanted);
    at("batch-question").hidden = false;
    at("batch-yes").focus();
  }

  function show() {
    at("batch-progress").hidden = false;
    at("batch-bar").value = batch.progress;
    at("batch-bar").hidden = !["running", "undoing"].includes(batch.state);
    at("batch-told").textContent = told(batch);
    clearInterval(countdown);
    tick();
    countdown = setInterval(tick, LOOK_MS);
  }

  function tick() {
    const until = batch.undoable_until && new Date(batch.undoable_until) - Date.now();
    const isOpen = batch.state === "running" || (until ?? 0) > 0;
    const hadFocus = document.activeElement === at("batch-undo");
    at("batch-undo").hidden = !isOpen;
    if (!isOpen && hadFocus) at("batch-reject").focus();
    const seconds = until === null ? "" : t("page.seconds", { count: Math.max(0, Math.ceil(until / 1000)) });
    at("batch-seconds").textContent = seconds;
    if (!isOpen) clearInterval(countdown);
  }

  async function follow() {
    let failed = 0;
    show();
    while (["running", "undoing"].includes(batch.state)) {
      await pause(LOOK_MS);
      try {
        batch = await call("GET", `/batches/${batch.id}`);
        failed = 0;
        show();
      } catch (error) {
        failed += 1;
        if (error instanceof Refused || failed > MOST_FAILED) throw error;
      }
    }
    await changed();
  }

  async function decide() {
    close(false);
    enable(false);
    try {
      const reasons = verdict === "reject" ? [at("batch-reason").value] : [];
      batch = await ask(verdict, reasons);
      warn("");
      await follow();
      if (!at("batch-undo").hidden) at("batch-undo").focus();
    } catch (error) {
      fail(error);
    }
    refresh();
  }

  async function undo() {
    at("batch-undo").disabled = true;
    try {
      batch = await call("POST", `/batches/${batch.id}/undo`);
      warn("");
      await follow();
    } catch (error) {
      fail(error);
    }
    at("batch-undo").disabled = false;
  }

  function enable(isPossible) {
    at("batch-reject").disabled = at("batch-approve").disabled = !isPossible;
  }

  // Brings the buttons up to date with how much waits.
  function refresh() {
    const count = counted();
    enable(count > 0);
    at("batch-reject").textContent = count ? t("batch.reject", { count }) : t("batch.reject_none");
    at("batch-approve").textContent = count ? t("batch.approve", { count }) : t("batch.approve_none");
    at("batch-question").hidden = true;
  }

  // Puts away what is told of another campaign's batch.
  function forget() {
    clearInterval(countdown);
    at("batch-progress").hidden = true;
  }

  at("batch-reject").addEventListener("click", () => question("reject"));
  at("batch-approve").addEventListener("click", () => question("approve"));
  at("batch-yes").addEventListener("click", decide);
  at("batch-no").addEventListener("click", () => close(true));
  at("batch-undo").addEventListener("click", undo);
  at("batch-question").addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(true);
  });
  refresh();
  return { refresh, forget };
}
