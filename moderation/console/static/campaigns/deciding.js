// The dialogs that decide a campaign: they say what happens, to how many, until when.

import { call } from "../shared/api.js";
import { askBasis } from "../shared/basis.js";
import { openDialog } from "../shared/dialogs.js";
import { at } from "../shared/dom.js";
import { followBatch } from "../shared/batch_toast.js";
import { warn } from "../shared/banner.js";
import { needsBasis } from "../shared/grounds.js";
import { list, t } from "../shared/texts.js";
import { mayBrake, problemOf } from "./brake_card.js";
import { countExcluded, excludedIds } from "./members.js";

const TIMEOUT_MS = 60_000; // as many as 200 are decided in the answer
const USUAL_HOLD = "hold-6";

let basis = null; // the campaign as it was when a dialog was opened
let callbacks = { onProgress() {}, onEnd() {} };

// How many of some statuses a decision would be about; with `isSparing`, trusted authors
// are left out.
export const countOf = (campaign, statuses, { isSparing = false } = {}) =>
  statuses.reduce((sum, status) => sum + campaign[status] - (isSparing ? campaign.trusted[status] : 0), 0) -
  countExcluded(statuses, { isSparing });

const countTrusted = (statuses) => statuses.reduce((sum, status) => sum + basis.trusted[status], 0);

const isSparing = (verdict) => verdict === "review" || (verdict === "reject" && !at("reject-trusted").checked);

const namesOf = (statuses, options) =>
  list(
    statuses
      .filter((status) => basis[status] > 0)
      .map((status) => t(`campaigns.of_status.${status}`, { count: countOf(basis, [status], options) })),
  );

const approving = () => (at("approve-rejected").checked ? ["pending", "rejected"] : ["pending"]);
const STATUSES = { reject: () => ["approved", "pending"], approve: approving, review: () => ["approved"] };

function showCounts(verdict) {
  const statuses = STATUSES[verdict]();
  const options = { isSparing: isSparing(verdict) };
  const count = countOf(basis, statuses, options);
  const leftOut = countExcluded(statuses, options);
  at(`${verdict}-title`).textContent = t(`campaigns.title.${verdict}`, { count });
  at(`${verdict}-yes`).textContent = t(`campaigns.yes.${verdict}`, { count });
  at(`${verdict}-yes`).disabled = count < 1;
  at(`${verdict}-told`).textContent = t(`campaigns.told.${verdict}`, { counts: namesOf(statuses, options) });
  at(`${verdict}-left`).textContent = leftOut ? t("campaigns.excluded", { count: leftOut }) : "";
  at(`${verdict}-left`).hidden = !leftOut;
}

function open(verdict, campaign) {
  basis = campaign;
  at(`${verdict}-problem`).hidden = true;
  showCounts(verdict);
  openDialog(verdict);
}

export function askReject(campaign) {
  const isPossible = mayBrake(campaign);
  for (const option of at("reject-next").options) {
    option.hidden = option.disabled = option.value.startsWith("hold-") && !isPossible;
  }
  at("reject-next").value = isPossible && !campaign.brake ? USUAL_HOLD : "";
  basis = campaign;
  at("reject-trusted").checked = false;
  at("reject-trusted-line").hidden = !countTrusted(STATUSES.reject());
  at("reject-trusted-text").textContent = t("campaigns.also_trusted", { count: countTrusted(STATUSES.reject()) });
  open("reject", campaign);
}

export function askApprove(campaign) {
  at("approve-rejected").checked = !campaign.pending;
  at("approve-rejected-line").hidden = !campaign.rejected;
  at("approve-rejected-text").textContent = t("campaigns.also_rejected", { count: campaign.rejected });
  at("approve-next").value = "";
  open("approve", campaign);
}

function post(verdict, { reasons = [], legal = null, hours } = {}) {
  const { id, version, as_of } = basis;
  const body = { verdict, reasons, basis: legal, version, as_of, statuses: STATUSES[verdict](), excluded: excludedIds() };
  if (verdict !== "approve") body.include_trusted = !isSparing(verdict);
  if (hours) body.hours = hours;
  return call("POST", `/campaigns/${id}/decisions`, body, { timeoutMs: TIMEOUT_MS });
}

// Makes all that is approved pending again: asked for by one key, undone by another.
export async function holdApproved(campaign) {
  basis = campaign;
  await followBatch(await post("review"), callbacks);
}

async function decide(verdict) {
  const [what, hours] = at(`${verdict}-next`).value.split("-");
  const button = at(`${verdict}-yes`);
  button.disabled = true;
  at(`${verdict}-problem`).hidden = true;
  try {
    const reasons = verdict === "reject" ? [at("reject-reason").value] : [];
    const isAsked = needsBasis(reasons, [basis.site]);
    const legal = isAsked ? await askBasis(reasons) : null;
    if (isAsked && !legal) {
      button.disabled = false;
      return;
    }
    const batch = await post(verdict, { reasons, legal, hours: what === "same" ? Number(hours) : undefined });
    warn("");
    if (what === "hold") await call("POST", `/campaigns/${basis.id}/brake`, { hours: Number(hours) });
    at(verdict).close();
    await followBatch(batch, callbacks);
  } catch (error) {
    at(`${verdict}-problem`).textContent = problemOf(error);
    at(`${verdict}-problem`).hidden = false;
    await callbacks.onEnd();
  }
  button.disabled = false;
}

// Enter decides from any field, but not while it chooses from an open list.
const isListOpen = (target) => CSS.supports("selector(:open)") && target.matches("select:open");

function onKey(event, verdict) {
  if (event.key !== "Enter" || event.target.matches("button") || isListOpen(event.target)) return;
  event.preventDefault();
  at(`${verdict}-yes`).click();
}

// `onProgress(batch)` and `onEnd()` are called as `followBatch` does.
export function setUp(handlers) {
  callbacks = handlers;
  at("approve-rejected").addEventListener("change", () => showCounts("approve"));
  at("reject-trusted").addEventListener("change", () => showCounts("reject"));
  for (const verdict of ["reject", "approve"]) {
    at(`${verdict}-yes`).addEventListener("click", () => decide(verdict));
    at(verdict).addEventListener("keydown", (event) => onKey(event, verdict));
  }
}
