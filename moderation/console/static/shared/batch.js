// One decision about many comments: asked for, followed while it runs, undone.

import { fail, warn } from "./banner.js";
import { at } from "./dom.js";
import { progressIn } from "./progress.js";
import { listRecent } from "./recent.js";
import { t } from "./texts.js";
import * as wording from "./wording.js";

// Sets the form up. `pendingCount()` returns how many wait; `post(verdict, reasons)`
// posts the decision and returns the batch, or null for none; `onEnd()` is called when a batch has ended
// or was undone; `consequences(verdict)` returns what else the question should say.
export function offerBatch({ pendingCount, post, onEnd, consequences = () => "" }) {
  let verdict = null;
  const refreshAll = async () => {
    await Promise.all([onEnd(), refreshRecent()]);
  };
  const progress = progressIn(at("batch-progress"), refreshAll);
  const refreshRecent = listRecent({ shownElsewhere: progress.shownId, onEnd });

  function ask(chosenVerdict) {
    verdict = chosenVerdict;
    const values = { count: pendingCount() };
    if (verdict === "reject") values.reason = wording.reasonName(at("batch-reason").value);
    at("batch-asked").textContent = t(`batch.ask.${verdict}`, values);
    at("batch-asked-more").textContent = consequences(verdict);
    at("batch-question").hidden = false;
    at("batch-yes").focus();
  }

  function cancel() {
    at("batch-question").hidden = true;
    at(`batch-${verdict}`).focus();
  }

  async function decide() {
    at("batch-question").hidden = true;
    enable(false);
    try {
      const reasons = verdict === "reject" ? [at("batch-reason").value] : [];
      const batch = await post(verdict, reasons);
      if (!batch) return refresh();
      warn("");
      await (progress.show(batch) ?? refreshAll());
      at("batch-progress").querySelector(".undo:not([hidden])")?.focus();
    } catch (error) {
      fail(error);
    }
    refresh();
  }

  function enable(isPossible) {
    at("batch-reject").disabled = at("batch-approve").disabled = !isPossible;
  }

  // Brings the buttons up to date with how many comments wait.
  function refresh() {
    const count = pendingCount();
    enable(count > 0);
    at("batch-reject").textContent = count ? t("batch.reject", { count }) : t("batch.reject_none");
    at("batch-approve").textContent = count ? t("batch.approve", { count }) : t("batch.approve_none");
    at("batch-question").hidden = true;
  }

  // Hides the progress of another campaign's batch.
  function forget() {
    progress.hide();
    refreshRecent();
  }

  at("batch-reject").addEventListener("click", () => ask("reject"));
  at("batch-approve").addEventListener("click", () => ask("approve"));
  at("batch-yes").addEventListener("click", decide);
  at("batch-no").addEventListener("click", cancel);
  at("batch-question").addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
  });
  refresh();
  return { refresh, forget };
}
