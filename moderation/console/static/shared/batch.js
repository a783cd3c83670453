// One decision about many comments: asked for, followed while it runs, taken back.

import { fail, warn } from "./banner.js";
import { at } from "./dom.js";
import { progressIn } from "./progress.js";
import { listRecent } from "./recent.js";
import { t } from "./texts.js";
import * as wording from "./wording.js";

// Sets the form up. `counted()` answers how many wait; `ask(verdict, reasons)` posts and
// answers the batch; `changed()` is told when it has ended or was taken back.
export function offer({ counted, ask, changed, more = () => "" }) {
  let verdict = null;
  const tell = async () => {
    await Promise.all([changed(), recent()]);
  };
  const progress = progressIn(at("batch-progress"), tell);
  const recent = listRecent({ elsewhere: progress.shown, changed });

  function close(focus) {
    at("batch-question").hidden = true;
    if (focus) at(`batch-${verdict}`).focus();
  }

  function question(wanted) {
    verdict = wanted;
    const values = { count: counted() };
    if (wanted === "reject") values.reason = wording.reasonName(at("batch-reason").value);
    at("batch-asked").textContent = t(`batch.ask.${wanted}`, values);
    at("batch-asked-more").textContent = more(wanted);
    at("batch-question").hidden = false;
    at("batch-yes").focus();
  }

  async function decide() {
    close(false);
    enable(false);
    try {
      const reasons = verdict === "reject" ? [at("batch-reason").value] : [];
      const batch = await ask(verdict, reasons);
      warn("");
      await (progress.show(batch) ?? tell());
      at("batch-progress").querySelector(".undo:not([hidden])")?.focus();
    } catch (error) {
      fail(error);
    }
    refresh();
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
    progress.hide();
    recent();
  }

  at("batch-reject").addEventListener("click", () => question("reject"));
  at("batch-approve").addEventListener("click", () => question("approve"));
  at("batch-yes").addEventListener("click", decide);
  at("batch-no").addEventListener("click", () => close(true));
  at("batch-question").addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(true);
  });
  refresh();
  return { refresh, forget };
}
