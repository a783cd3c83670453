// Decides the whole campaign of the shown comment.

import { call, leaveIfLoggedOut } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { follow } from "../shared/follower.js";
import { needsBasis } from "../shared/grounds.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { suggestedReason } from "./card.js";
import * as panels from "./panels.js";
import * as phrases from "./phrases.js";
import { askAbout } from "./reasons.js";
import { countSoon, refill } from "./reservations.js";
import { render, showUndo } from "./screen.js";
import { state, UNDO_MS } from "./state.js";

export async function openCampaign() {
  const [entry] = state.reserved;
  if (!entry?.campaign) return;
  const { campaign } = entry;
  const reason = suggestedReason(entry);
  if (reason) at("campaign-reason").value = reason;
  at("campaign-told").textContent = phrases.campaign(campaign);
  panels.open("campaign");
  at("campaign-reason").focus();
  await panels.attempt("campaign", async () => {
    const current = await call("GET", `/campaigns/${campaign.id}?limit=1`);
    state.campaign = { id: current.id, version: current.version, as_of: current.as_of };
    const standing = current.standing?.verdict;
    at("campaign-told").textContent = phrases.campaign({ ...current, standing });
  });
}

function decideCampaign(verdict) {
  if (!state.campaign) return;
  const { id, ...basis } = state.campaign;
  panels.attempt("campaign", async () => {
    const reasons = verdict === "reject" ? [at("campaign-reason").value] : [];
    const [entry] = state.reserved;
    const isAsked = needsBasis(reasons, [entry?.site]);
    const legal = isAsked ? await askAbout(reasons, entry) : null;
    if (isAsked && !legal) return;
    // What is counted on the desk is pending, and all of it is meant.
    const decision = { ...basis, verdict, reasons, basis: legal, include_trusted: true };
    const hours = Number(at("campaign-hours").value);
    if (hours) decision.hours = hours;
    const batch = await call("POST", `/campaigns/${id}/decisions`, decision);
    state.undoable = { batch: batch.id, campaign: id, name: t("desk.campaign"), until: undoableUntil(batch) };
    state.reserved = state.reserved.filter((entry) => entry.campaign?.id !== id);
    state.campaignsUnderWay.add(id);
    say(t(`desk.campaign_done.${verdict}`, { count: batch.asked }));
    render();
    showUndo();
    followBatch(batch, id);
  });
}

const undoableUntil = ({ undoable_until: until }) => (until ? Date.parse(until) : Date.now() + UNDO_MS);

// A large campaign is decided by a worker: until then its comments stay away, however
// long the network is lost.
export async function followBatch(batch, campaign = null) {
  try {
    const ended = await follow(batch, {
      read: () => call("GET", `/batches/${batch.id}`),
      maxFailures: Infinity,
    });
    if (state.undoable?.batch === ended.id) state.undoable.until = undoableUntil(ended);
  } catch (error) {
    leaveIfLoggedOut(error);
  }
  state.campaignsUnderWay.delete(campaign);
  await refill();
  countSoon();
}

at("campaign-reject").addEventListener("click", () => decideCampaign("reject"));
at("campaign-approve").addEventListener("click", () => decideCampaign("approve"));
