// The desk: a hand of comments in memory, so that the next one is there at once.

import { call, leaveIfLoggedOut, Refused, Troubled } from "../shared/api.js";
import * as card from "./card.js";
import { at, el } from "../shared/dom.js";
import { isTyping, keyOf } from "../shared/keys.js";
import { mark, turned } from "../shared/labels.js";
import { Outbox } from "./outbox.js";
import * as panels from "./panels.js";
import { partOf, readViews, TEACH } from "./picker.js";
import { refusal, t } from "../shared/texts.js";
import * as wording from "../shared/wording.js";

const HAND = 10;
const MOST_IN_HAND = 50;
const FILL_UP_BELOW = 5;
const COUNT_MS = 10_000;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const RENEWALS = 3; // in the life of a claim

const { login, undoSeconds, claimMinutes } = at("desk").dataset;

let hand = []; // what is still to decide; the first one is shown
const decided = new Map(); // id → version that was decided
const seen = new Map(); // id → entry as it was decided, until the server has it
let newest = null; // what can be taken back: a decision, or one about a campaign
let filling = null;
let underWay = null; // the campaign that a worker decides
let waiting = { pending: 0, overdue: 0 }; // as last counted
let shown = null;
let labels = {}; // what is said of the shown comment's labels
let view = new URLSearchParams(location.search).get("view");

const outbox = new Outbox(login, {
  onSent({ id, version, verdict, name }) {
    seen.delete(id);
    newest = { id, version, verdict, name, until: Date.now() + undoSeconds * SECOND_MS };
    showUndo();
    if (waiting.pending > 0) showCounts({ ...waiting, pending: waiting.pending - 1 });
    if (!outbox.items.length || !hand.length) countSoon();
  },
  onRefused({ id, name }, error) {
    const before = seen.get(id);
    decided.delete(id);
    seen.delete(id);
    tellRefusal(name, error, before);
    fill();
  },
  onOffline: showConnection,
});

const refused = (name, error) => t("desk.refused", { name, message: refusal(error) });

function tellRefusal(name, error, before) {
  const current = error.current;
  const who = current?.status === "pending" ? null : (current?.decided_by ?? error.newest?.decided_by);
  const isOthers = who && who !== login;
  const told = isOthers ? t("desk.overtaken", { name, who }) : refused(name, error);
  warn(told, ...(current && before ? card.whatChanged(before, current) : []));
}

function warn(message, ...more) {
  at("banner").replaceChildren(...(message ? [el("p", {}, message), ...more] : []));
  at("banner").hidden = !message;
}

let isOffline = false;

// What is lost: null, "network" or "service".
function showConnection(lost) {
  const kept = outbox.items.length;
  if (lost === "service") warn(t("desk.trouble"));
  else if (lost) warn(kept ? t("desk.offline_with", { count: kept }) : t("desk.offline"));
  else if (isOffline) warn("");
  isOffline = Boolean(lost);
  at("desk").classList.toggle("is-offline", isOffline);
}

const lostBy = (error) => (error instanceof Troubled ? "service" : "network");

// -- what is shown ---------------------------------------------------------------

function render() {
  const entry = hand[0] ?? null;
  at("loading").hidden = true;
  at("empty").hidden = Boolean(entry);
  at("actions").hidden = !entry;
  at("around").hidden = !entry;
  at("left").textContent = entry ? t("desk.left", { count: hand.length }) : "";
  if (!entry) {
    at("comment").hidden = true;
    panels.close();
    setLabels({});
  } else if (entry !== shown) {
    panels.close();
    const isSame = entry.id === shown?.id; // with another text, or a note
    if (!isSame) forget();
    card.show(entry);
    at("open-campaign").hidden = !entry.campaign;
    if (!isSame) {
      at("comment").focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }
  shown = entry;
}

// What was begun for one comment is not for the next.
function forget() {
  setLabels({});
  for (const panel of ["note", "escalate"]) at(`${panel}-text`).value = "";
}

function say(message) {
  at("status").textContent = message;
}

function showUndo() {
  const left = newest ? Math.ceil((newest.until - Date.now()) / SECOND_MS) : 0;
  if (left <= 0) newest = null;
  at("undo").hidden = !newest && !outbox.items.length;
  at("seconds").textContent = newest ? t("page.seconds", { count: left }) : "";
}

function showCounts({ pending, overdue, is_partial: isPartial }) {
  waiting = { pending, overdue, is_partial: isPartial };
  const late = el("span.late", {}, overdue ? t("desk.late", { number: wording.counted(overdue, isPartial) }) : "");
  at("elsewhere").textContent = t("desk.elsewhere", { number: wording.counted(pending, isPartial) });
  at("elsewhere").hidden = !pending;
  at("counts").replaceChildren(t("desk.waiting", { number: wording.counted(pending, isPartial) }), " ", late);
}

// Appeals against one's own rejections, which somebody else decides.
function showKept({ count: kept, alone }) {
  const told = kept ? [t("desk.kept", { count: kept }), alone ? t("desk.kept_alone") : ""] : [];
  at("kept").textContent = told.filter(Boolean).join(" ");
  at("kept").hidden = !kept;
}

// What the order that teaches most has brought today, where one works in it.
function showTaught(count) {
  at("taught").textContent = t("desk.taught", { count });
  at("taught").hidden = view !== TEACH;
}

// -- the hand --------------------------------------------------------------------

function fill() {
  filling ??= takeHand().finally(() => {
    filling = null;
  });
  return filling;
}

async function takeHand() {
  try {
    // What is on its way is still held, and must not count.
    const size = Math.min(HAND + outbox.items.length, MOST_IN_HAND);
    const answer = await call("POST", "/hand", { size, ...partOf(view) });
    merge(answer.comments);
    showKept(answer.appeals_kept);
    showTaught(answer.taught_today);
    if (answer.undoable && !newest) {
      const { id, version, verdict, author_name: name, until } = answer.undoable;
      newest = { id, version, verdict, name, until: Date.parse(until) };
      say(wording.done(verdict, name));
    }
    if (!outbox.items.length) showConnection(null);
  } catch (error) {
    leaveIfLoggedOut(error);
    if (!(error instanceof Refused)) showConnection(lostBy(error));
    else if (view && error.status === 404) {
      leaveView();
      return takeHand();
    } else warn(refusal(error));
  }
  render();
  showUndo();
  return undefined;
}

// The view was removed meanwhile: there is the whole queue.
function leaveView() {
  view = null;
  at("view").value = "";
  history.replaceState(null, "", location.pathname);
}

// Keeps the order of what is there: the comment under the eyes stays.
function merge(comments) {
  const open = comments.filter(
    ({ id, version, campaign }) =>
      !outbox.has(id) &&
      !(version <= decided.get(id)) &&
      !(underWay && campaign?.id === underWay),
  );
  const found = new Map(open.map((entry) => [entry.id, entry]));
  const kept = [];
  for (const entry of hand) {
    const now = found.get(entry.id);
    found.delete(entry.id);
    if (!now && entry === shown) say(t("desk.gone", { name: entry.author_name }));
    else if (now && now.version !== entry.version) {
      if (entry === shown) say(t("desk.edited"));
      kept.push(now);
    } else if (now) kept.push(entry);
  }
  hand = [...kept, ...found.values()];
}

async function count() {
  if (document.hidden) return;
  try {
    showCounts(await call("GET", `/queue/counts?${new URLSearchParams(partOf(view))}`));
  } catch (error) {
    leaveIfLoggedOut(error);
    if (!(error instanceof Refused)) showConnection(lostBy(error));
    return;
  }
  if (isOffline || (!hand.length && waiting.pending)) fill();
}

let counting = 0;

function countSoon() {
  clearTimeout(counting);
  counting = setTimeout(count, SECOND_MS);
}

// -- what a moderator does -------------------------------------------------------

function decide(verdict, reasons = []) {
  const entry = hand.shift();
  if (!entry) return;
  const { id, version, author_name: name } = entry;
  decided.set(id, version);
  seen.set(id, entry);
  say(wording.done(verdict, name));
  warn("");
  const item = { id, version, verdict, reasons, labels, name };
  render();
  newest = null;
  outbox.add(item).then(showUndo, leaveIfLoggedOut);
  showUndo();
  if (hand.length < FILL_UP_BELOW) fill();
}

function skip() {
  if (hand.length < 2) return;
  const entry = hand.shift();
  hand.push(entry);
  say(t("desk.skipped", { name: entry.author_name }));
  render();
}

async function undo() {
  if (newest?.batch) {
    await undoBatch();
    return;
  }
  const last = outbox.items.at(-1);
  if (last && outbox.withdraw(last.id)) {
    await takeBack(last);
    return;
  }
  await outbox.flush();
  const target = newest;
  if (!target) return;
  newest = null;
  try {
    await call("POST", `/comments/${target.id}/undo`, { version: target.version });
    await takeBack(target);
  } catch (error) {
    undoFailed(error, target);
  }
}

function undoFailed(error, target) {
  leaveIfLoggedOut(error);
  if (error instanceof Refused) warn(refused(target.name, error));
  else {
    newest = target;
    showConnection(lostBy(error));
  }
  showUndo();
}

async function takeBack({ id, name }) {
  decided.delete(id);
  seen.delete(id);
  await filling; // a hand that was asked for before the undo lacks the comment
  await fill();
  const index = hand.findIndex((entry) => entry.id === id);
  if (index > 0) hand.unshift(...hand.splice(index, 1));
  render();
  say(t("desk.undone", { name }));
}

// Does something to the shown comment, with a panel's problem told in the panel.
async function attempt(panel, work) {
  const problem = at(`${panel}-problem`);
  const buttons = at(panel).querySelectorAll("button");
  problem.hidden = true;
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (error) {
    leaveIfLoggedOut(error);
    problem.textContent = error instanceof Refused ? refusal(error) : t("page.unreachable");
    problem.hidden = false;
  }
  for (const button of buttons) button.disabled = false;
}

// -- reasons ---------------------------------------------------------------------

function openReasons() {
  if (!hand.length) return;
  const suggested = card.suggestion(hand[0]);
  const buttons = panels.choices("reasons");
  for (const button of buttons) {
    button.classList.toggle("suggested", button.dataset.code === suggested);
    button.setAttribute("aria-pressed", "false");
  }
  panels.open("reasons");
  (buttons.find((button) => button.dataset.code === suggested) ?? buttons[0]).focus();
}

const chosen = () =>
  panels
    .choices("reasons")
    .filter((button) => button.getAttribute("aria-pressed") === "true")
    .map((button) => button.dataset.code);

function choose(button, isOneOfSeveral) {
  if (isOneOfSeveral) {
    const wasPressed = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!wasPressed));
    return;
  }
  const reasons = chosen();
  decide("reject", reasons.length ? reasons : [button.dataset.code]);
}

for (const button of panels.choices("reasons")) {
  button.addEventListener("click", (event) => choose(button, event.shiftKey));
}

// -- labels ----------------------------------------------------------------------

function setLabels(said) {
  labels = said;
  mark(panels.choices("labels"), said);
  const told = wording.labels(said);
  at("draft").textContent = told.length ? t("desk.draft", { labels: told.join(t("page.between")) }) : "";
  at("draft").hidden = !told.length;
}

const turn = (button) => setLabels(turned(labels, button.dataset.code));

async function sendLabels() {
  const entry = hand[0];
  if (!Object.keys(labels).length) return;
  try {
    await call("POST", `/comments/${entry.id}/labels`, { version: entry.version, labels });
    say(t("page.labels_sent", { name: entry.author_name }));
    setLabels({});
    panels.close()?.focus();
  } catch (error) {
    leaveIfLoggedOut(error);
    if (error instanceof Refused) tellRefusal(entry.author_name, error, entry);
    else showConnection(lostBy(error));
  }
}

for (const button of panels.choices("labels")) {
  button.addEventListener("click", () => turn(button));
}
at("labels-keep").addEventListener("click", () => panels.close()?.focus());
at("labels-send").addEventListener("click", sendLabels);

// -- notes and escalation --------------------------------------------------------

function openWriting(panel) {
  if (!hand.length) return;
  panels.open(panel);
  at(`${panel}-problem`).hidden = true;
  at(`${panel}-text`).focus();
}

function sendNote() {
  const text = at("note-text").value.trim();
  const entry = hand[0];
  if (!text || !entry) return;
  attempt("note", async () => {
    const note = await call("POST", `/comments/${entry.id}/notes`, { text });
    entry.notes = [...(entry.notes ?? []), note];
    at("note-text").value = "";
    if (shown === entry) card.notes(entry);
    panels.close()?.focus();
    say(t("desk.noted", { name: entry.author_name }));
  });
}

function sendEscalation() {
  const entry = hand[0];
  if (!entry) return;
  attempt("escalate", async () => {
    const note = at("escalate-text").value.trim() || null;
    const body = { version: entry.version, note };
    const { version } = await call("POST", `/comments/${entry.id}/escalation`, body);
    at("escalate-text").value = "";
    decided.set(entry.id, version);
    hand = hand.filter((each) => each !== entry);
    say(t("desk.escalated_done", { name: entry.author_name }));
    render();
    if (hand.length < FILL_UP_BELOW) fill();
  });
}

at("note-send").addEventListener("click", sendNote);
at("escalate-send").addEventListener("click", sendEscalation);

// -- campaigns -------------------------------------------------------------------

let asOf = null; // the campaign as it was shown: its version and the moment

async function openCampaign() {
  const campaign = hand[0]?.campaign;
  if (!campaign) return;
  const suggested = card.suggestion(hand[0]);
  if (suggested) at("campaign-reason").value = suggested;
  at("campaign-told").textContent = wording.campaign(campaign);
  panels.open("campaign");
  at("campaign-reason").focus();
  await attempt("campaign", async () => {
    const found = await call("GET", `/campaigns/${campaign.id}?limit=1`);
    asOf = { id: found.id, version: found.version, as_of: found.as_of };
    at("campaign-told").textContent = wording.campaign({ ...found, standing: found.standing?.verdict });
  });
}

function decideCampaign(verdict) {
  if (!asOf) return;
  const { id, ...body } = asOf;
  attempt("campaign", async () => {
    const hours = Number(at("campaign-hours").value);
    if (hours) body.hours = hours;
    const reasons = verdict === "reject" ? [at("campaign-reason").value] : [];
    const batch = await call("POST", `/campaigns/${id}/decisions`, { ...body, verdict, reasons });
    newest = { batch: batch.id, name: t("desk.campaign"), until: untilOf(batch) };
    hand = hand.filter((entry) => entry.campaign?.id !== id);
    say(t(`desk.campaign_done.${verdict}`, { count: batch.asked }));
    render();
    showUndo();
    follow(batch, id);
  });
}

const untilOf = ({ undoable_until: until }) =>
  until ? Date.parse(until) : Date.now() + undoSeconds * SECOND_MS;

// A large campaign is decided by a worker: until then its comments stay away.
async function follow(asked, campaign) {
  let batch = asked;
  underWay = campaign;
  try {
    while (["running", "undoing"].includes(batch.state)) {
      await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
      batch = await call("GET", `/batches/${batch.id}`);
    }
    if (newest?.batch === batch.id) newest.until = untilOf(batch);
  } catch (error) {
    leaveIfLoggedOut(error);
  }
  underWay = null;
  await fill();
  countSoon();
}

async function undoBatch() {
  const target = newest;
  newest = null;
  try {
    const batch = await call("POST", `/batches/${target.batch}/undo`);
    say(t("desk.undone", { name: target.name }));
    await follow(batch, null);
  } catch (error) {
    undoFailed(error, target);
  }
}

at("campaign-reject").addEventListener("click", () => decideCampaign("reject"));
at("campaign-approve").addEventListener("click", () => decideCampaign("approve"));

// -- keys and buttons ------------------------------------------------------------

const KEYS = {
  a: () => decide("approve"),
  r: openReasons,
  s: skip,
  e: () => openWriting("escalate"),
  l: () => hand.length && (panels.open("labels"), panels.choices("labels")[0].focus()),
  n: () => openWriting("note"),
  c: openCampaign,
  u: undo,
  o: () => at("article").href && at("article").click(),
  "?": () => at("keys").showModal(),
};
const ALWAYS = new Set(["u", "?"]);
const SEND = { note: sendNote, escalate: sendEscalation };

addEventListener("keydown", (event) => {
  if (event.repeat || event.altKey) return;
  const panel = panels.openPanel();
  const key = keyOf(event);
  if (key === "escape" && panel) {
    panels.close().focus();
    return;
  }
  if (event.ctrlKey || event.metaKey) {
    if (key === "enter" && SEND[panel]) SEND[panel]();
    return;
  }
  if (isTyping(event)) return;
  if (panel === "reasons" || panel === "labels") {
    const button = panels.choices(panel).find(({ dataset }) => [key, digitOf(event)].includes(dataset.key));
    if (panel === "labels" && key === "s") sendLabels();
    else if (panel === "labels" && key === "enter" && event.target.closest(".choices")) panels.close().focus();
    else if (panel === "reasons" && key === "enter" && chosen().length) decide("reject", chosen());
    else if (button && panel === "labels") turn(button);
    else if (button) choose(button, event.shiftKey);
    else return;
    event.preventDefault();
  } else if (!panel && KEYS[key] && (hand.length || ALWAYS.has(key))) {
    event.preventDefault();
    KEYS[key]();
  }
});

// Shift writes another sign with a digit's key.
function digitOf({ code }) {
  return /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? null;
}

for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => KEYS[button.dataset.act]());
}
at("open-keys").addEventListener("click", KEYS["?"]);

// -- saved views -----------------------------------------------------------------

async function change(chosenView) {
  view = chosenView;
  history.replaceState(null, "", view ? `?view=${view}` : location.pathname);
  await outbox.flush();
  await call("DELETE", "/hand").catch(() => {});
  hand = [];
  shown = null; // so that the keys go to the comment again
  await fill();
  await count();
}

at("view").addEventListener("change", () => change(at("view").value || null));

// -- coming and going ------------------------------------------------------------

addEventListener("pagehide", () => {
  call("DELETE", "/hand", undefined, { keepalive: true }).catch(() => {});
});
addEventListener("pageshow", (event) => {
  if (event.persisted) fill();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) fill().then(count);
});
addEventListener("offline", () => showConnection("network"));
addEventListener("online", () => fill());

setInterval(count, COUNT_MS);
setInterval(() => {
  showUndo();
  if (shown) card.showDue(shown);
}, SECOND_MS);
setInterval(() => {
  if (!document.hidden) fill();
}, (claimMinutes * MINUTE_MS) / RENEWALS);

await outbox.flush().catch(leaveIfLoggedOut);
await fill();
await count();
await readViews(view);
