// One campaign: what of it is approved, as a number, and what can be done about it.

import { call, leaveIfLoggedOut } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { refresh as refreshBanner } from "../shared/brake_banner.js";
import * as brakes from "../shared/brakes.js";
import { at, el, put } from "../shared/dom.js";
import { isUnfinished } from "../shared/follower.js";
import { isFree, keyOf } from "../shared/keys.js";
import { summaryOf } from "../shared/progress.js";
import { moment, number, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { attempt, brakeCard, hoursForm, mayBrake } from "./brake_card.js";
import { askApprove, askReject, countOf, holdApproved, setUp } from "./deciding.js";
import { showHistory } from "./history.js";
import * as members from "./members.js";
import { askMerge } from "./merging.js";
import { chipsOf, nameOf, originsOf, rateOf } from "./phrases.js";
import { walk } from "./walk.js";

const POLL_MS = 10_000;
const DECIDABLE = { reject: ["approved", "pending"], approve: ["pending", "rejected"], hold: ["approved"] };

const main = at("campaign");
const state = {
  campaign: null, // as it was last read
  brake: null, // that holds its new comments
  drawnBrake: "", // what its card shows
};

function harmOf({ size, approved, pending }) {
  if (approved) return ["bad", t("campaigns.harm.approved", { count: approved, size: number(size) })];
  if (pending) return ["warn", t("campaigns.harm.pending", { count: pending })];
  return ["good", t("campaigns.harm.none")];
}

function showHead(campaign) {
  at("title").textContent = nameOf(campaign);
  document.title = document.title.replace(/^.*?(?= – )/u, nameOf(campaign));
  put("site", main.dataset.site ? "" : campaign.site);
  at("chips").replaceChildren(...chipsOf(campaign));
}

function showHarm(campaign) {
  const [kind, sentence] = harmOf(campaign);
  at("harm").className = `card harm ${kind}`;
  at("harm-title").textContent = sentence;
  const values = {
    first: when(campaign.first_seen_at),
    latest: when(campaign.last_seen_at),
    origins: originsOf(campaign),
  };
  at("from").replaceChildren(...parts("campaigns.from", values));
  at("rate").textContent = rateOf(campaign);
}

function showButton(id, count, text) {
  at(id).hidden = count < 1;
  at(id).querySelector("span").textContent = text;
}

// What the brake let through, if nothing is left out; else all that is approved.
function holdableCount() {
  const { campaign, brake } = state;
  return isBrakeAsked() ? brake.published : countOf(campaign, DECIDABLE.hold, { isSparing: true });
}

const isBrakeAsked = () => state.brake?.published > 0 && !members.excludedIds().length;

function showButtons() {
  const { campaign } = state;
  const all = countOf(campaign, DECIDABLE.reject);
  const rejectable = countOf(campaign, DECIDABLE.reject, { isSparing: true }) || all;
  const isWhole = !members.excludedIds().length && rejectable === all;
  showButton("take-down", rejectable, t(`campaigns.${isWhole ? "take_down" : "take_down_some"}`, { count: rejectable }));
  const approvable = countOf(campaign, ["pending"]) || countOf(campaign, ["rejected"]);
  showButton("approve-all", approvable, t("campaigns.approve", { count: approvable }));
  showButton("hold", holdableCount(), t("brake.hold", { count: holdableCount() }));
}

function showCounts({ id, size, ...counts }) {
  for (const status of ["all", "approved", "pending", "rejected"]) {
    const count = status === "all" ? size : counts[status];
    const link = at(`count-${status}`);
    link.textContent = t(`campaigns.shown.${status}`, { number: number(count) });
    link.href = `/console/comments?${new URLSearchParams({ status, campaign: id })}`;
    link.hidden = !count;
  }
}

function showFacts(campaign) {
  const facts = {
    authors: number(campaign.authors),
    networks: number(campaign.networks),
    articles: number(campaign.articles),
    minute: number(campaign.last_minute),
    hour: number(campaign.last_hour),
    first: when(campaign.first_seen_at, moment(campaign.first_seen_at)),
    latest: when(campaign.last_seen_at, moment(campaign.last_seen_at)),
  };
  at("facts").replaceChildren(
    ...Object.entries(facts).map(([name, value]) =>
      el("div", {}, el("dt", {}, t(`campaigns.fact.${name}`)), el("dd", {}, value)),
    ),
  );
}

function showStanding({ standing }) {
  at("standing").hidden = !standing;
  if (!standing) return;
  const { verdict, by, until } = standing;
  at("standing-told").textContent = t(`campaigns.stands_by.${verdict}`, { name: by, moment: moment(until) });
}

async function putOn(hours) {
  await call("POST", `/campaigns/${state.campaign.id}/brake`, { hours });
  say(t("campaigns.brake.prolonged", { count: hours }));
  await refresh();
}

const newBrake = () => [
  el("h2", { id: "brake-title" }, t("campaigns.brake.title")),
  el("p.small", {}, t("campaigns.brake.help")),
  hoursForm({ id: "new", label: (count) => t("campaigns.brake.hold_for", { count }), onHours: putOn }),
];

// Redrawn only where something has changed and no one is choosing hours.
function showBrake() {
  const { campaign, brake } = state;
  const place = at("brake");
  const { as_of: asOf, ...told } = brake ?? {};
  const now = JSON.stringify(told);
  place.hidden = !brake && !mayBrake(campaign);
  if (now === state.drawnBrake || place.querySelector("select:focus")) return;
  const hadFocus = place.contains(document.activeElement);
  state.drawnBrake = now;
  const content = brake ? brakeCard(brake, { headingId: "brake-title", onChange: refresh }) : newBrake();
  place.replaceChildren(...content);
  if (hadFocus) place.querySelector("select, button")?.focus();
}

function draw() {
  const { campaign } = state;
  for (const show of [showHead, showHarm, showCounts, showFacts, showStanding]) show(campaign);
  showButtons();
  at("merge-open").hidden = !mayBrake(campaign);
  showBrake();
}

async function read() {
  const campaign = await call("GET", members.pathOf(main.dataset.campaign));
  if (String(campaign.id) !== main.dataset.campaign) goOnAt(campaign.id);
  state.campaign = campaign;
  state.brake = campaign.brake ? await brakes.read(campaign.brake.id) : null;
  return campaign;
}

// The campaign was taken over by another one: that is where it goes on.
function goOnAt(id) {
  main.dataset.campaign = String(id);
  history.replaceState(null, "", String(id));
}

function showMembers() {
  members.show(state.campaign, showButtons);
  at("new").hidden = true;
}

async function open() {
  try {
    showMembers(await read());
    draw();
    warn("");
    at("loaded").hidden = false;
    await showHistory(state.campaign, refreshAll);
  } catch (error) {
    fail(error, { retry: open });
  }
  at("loading").hidden = true;
}

async function refresh() {
  try {
    const { comments } = await read();
    const count = members.refresh(comments);
    at("new").hidden = !count;
    at("new").textContent = count ? t("campaigns.new_comments", { count }) : "";
    draw();
  } catch (error) {
    leaveIfLoggedOut(error); // anything else: the next time
  }
}

// After a decision: all of it has another status.
async function refreshAll() {
  await refresh();
  showMembers();
  if (document.activeElement === document.body) at("harm-title").closest("section").querySelector("button:not([hidden])")?.focus();
  await Promise.all([showHistory(state.campaign, refreshAll), refreshBanner()]);
}

function showProgress(batch) {
  at("progress").hidden = !isUnfinished(batch);
  at("progress").querySelector("progress").value = batch.progress;
  at("progress-told").textContent = summaryOf(batch);
}

function hold() {
  if (holdableCount() < 1) return;
  const callbacks = { onProgress: showProgress, onEnd: refreshAll };
  attempt(() => (isBrakeAsked() ? brakes.holdPublished(state.brake, callbacks) : holdApproved(state.campaign)));
}

async function endStanding() {
  await call("DELETE", `/campaigns/${state.campaign.id}/standing`);
  await refresh();
  at("harm").querySelector("button:not([hidden])")?.focus();
}

async function goToMerged(id) {
  goOnAt(id);
  await refreshAll();
}

const press = (id) => at(id).hidden || at(id).click();
const ACTIONS = {
  r: () => press("take-down"),
  a: () => press("approve-all"),
  b: () => press("hold"),
  j: () => walk(at("members"), "input", 1),
  k: () => walk(at("members"), "input", -1),
  x: () => document.activeElement.matches("#members input") && document.activeElement.click(),
};

addEventListener("keydown", (event) => {
  const act = isFree(event) && state.campaign && ACTIONS[keyOf(event)];
  if (!act) return;
  event.preventDefault();
  act();
});
at("take-down").addEventListener("click", () => askReject(state.campaign));
at("approve-all").addEventListener("click", () => askApprove(state.campaign));
at("hold").addEventListener("click", hold);
at("merge-open").addEventListener("click", () => attempt(() => askMerge(state.campaign, goToMerged)));
at("end").addEventListener("click", () => attempt(endStanding));
at("new").addEventListener("click", showMembers);
setUp({ onProgress: showProgress, onEnd: refreshAll });
setInterval(() => document.hidden || document.querySelector("dialog[open]") || refresh(), POLL_MS);
await open();
