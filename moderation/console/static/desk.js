// The desk: a hand of comments in memory, so that the next one is there at once.

import { call, Refused } from "./api.js";
import { show, showDue, suggestion } from "./card.js";
import { Outbox } from "./outbox.js";
import { refusal, t } from "./texts.js";
import * as wording from "./wording.js";

const HAND = 10;
const MOST_IN_HAND = 50;
const FILL_UP_BELOW = 5;
const COUNT_MS = 10_000;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const RENEWALS = 3; // in the life of a claim

const at = (id) => document.getElementById(id);
const { login, undoSeconds, claimMinutes } = at("desk").dataset;
const { loginPage } = document.documentElement.dataset;

let hand = []; // what is still to decide; the first one is shown
const decided = new Map(); // id → version that was decided
let newest = null; // the decision that can be taken back
let filling = null;
let waiting = { pending: 0, overdue: 0 }; // as last counted
let shown = null;

const outbox = new Outbox(login, {
  onSent({ id, version, verdict, name }) {
    newest = { id, version, verdict, name, until: Date.now() + undoSeconds * SECOND_MS };
    showUndo();
    if (waiting.pending > 0) showCounts({ ...waiting, pending: waiting.pending - 1 });
    if (!outbox.items.length || !hand.length) countSoon();
  },
  onRefused({ id, name }, error) {
    decided.delete(id);
    const who = error.newest?.decided_by;
    warn(who && who !== login ? t("desk.overtaken", { name, who }) : refused(name, error));
    fill();
  },
  onOffline: showConnection,
});

const refused = (name, error) => t("desk.refused", { name, message: refusal(error) });

function warn(message) {
  at("banner").textContent = message;
  at("banner").hidden = !message;
}

let isOffline = false;

function showConnection(lost) {
  const kept = outbox.items.length;
  if (lost) warn(kept ? t("desk.offline_with", { count: kept }) : t("desk.offline"));
  else if (isOffline) warn("");
  isOffline = lost;
}

function leaveIfLoggedOut(error) {
  if (error instanceof Refused && error.status === 401) location.assign(loginPage);
}

// -- what is shown ---------------------------------------------------------------

function render() {
  const entry = hand[0] ?? null;
  at("loading").hidden = true;
  at("empty").hidden = Boolean(entry);
  at("actions").hidden = !entry;
  at("left").textContent = entry ? t("desk.left", { count: hand.length }) : "";
  if (!entry) {
    at("comment").hidden = true;
    closeReasons();
  } else if (entry !== shown) {
    closeReasons();
    at("more").open = false;
    show(entry);
    at("comment").focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  shown = entry;
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

function showCounts({ pending, overdue }) {
  waiting = { pending, overdue };
  const late = document.createElement("span");
  late.textContent = overdue ? t("desk.late", { number: wording.counted(overdue) }) : "";
  late.className = "late";
  at("elsewhere").textContent = t("desk.elsewhere", { number: wording.counted(pending) });
  at("elsewhere").hidden = !pending;
  at("counts").replaceChildren(t("desk.waiting", { number: wording.counted(pending) }), " ", late);
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
    const answer = await call("POST", "/hand", { size });
    merge(answer.comments);
    if (answer.undoable && !newest) {
      const { id, version, verdict, author_name: name, until } = answer.undoable;
      newest = { id, version, verdict, name, until: Date.parse(until) };
      say(wording.done(verdict, name));
    }
    if (!outbox.items.length) showConnection(false);
  } catch (error) {
    leaveIfLoggedOut(error);
    if (error instanceof Refused) warn(refusal(error));
    else showConnection(true);
  }
  render();
  showUndo();
}

// Keeps the order of what is there: the comment under the eyes stays.
function merge(comments) {
  const open = comments.filter(
    ({ id, version }) => !outbox.has(id) && !(version <= decided.get(id)),
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
    showCounts(await call("GET", "/queue/counts"));
  } catch (error) {
    leaveIfLoggedOut(error);
    return;
  }
  if (!hand.length && waiting.pending) fill();
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
  decided.set(entry.id, entry.version);
  say(wording.done(verdict, entry.author_name));
  warn("");
  render();
  const { id, version, author_name: name } = entry;
  newest = null;
  outbox.add({ id, version, verdict, reasons, name }).then(showUndo, leaveIfLoggedOut);
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
    leaveIfLoggedOut(error);
    if (error instanceof Refused) warn(refused(target.name, error));
    else {
      newest = target;
      showConnection(true);
    }
    showUndo();
  }
}

async function takeBack({ id, name }) {
  decided.delete(id);
  await filling; // a hand that was asked for before the undo lacks the comment
  await fill();
  const index = hand.findIndex((entry) => entry.id === id);
  if (index > 0) hand.unshift(...hand.splice(index, 1));
  render();
  say(t("desk.undone", { name }));
}

// -- reasons ---------------------------------------------------------------------

const reasonButtons = [...at("reasons").querySelectorAll("button")];

function openReasons() {
  if (!hand.length) return;
  const suggested = suggestion(hand[0]);
  for (const button of reasonButtons) {
    button.classList.toggle("suggested", button.dataset.reason === suggested);
  }
  at("reasons").hidden = false;
  at("reject").setAttribute("aria-expanded", "true");
  const first = reasonButtons.find((button) => button.dataset.reason === suggested);
  (first ?? reasonButtons[0]).focus();
}

function closeReasons() {
  at("reasons").hidden = true;
  at("reject").setAttribute("aria-expanded", "false");
}

for (const button of reasonButtons) {
  button.addEventListener("click", () => decide("reject", [button.dataset.reason]));
}

// -- keys and buttons ------------------------------------------------------------

const KEYS = {
  a: () => decide("approve"),
  r: openReasons,
  s: skip,
  u: undo,
};

addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (at("reasons").hidden) {
    if (KEYS[key] && (hand.length || key === "u")) {
      event.preventDefault();
      KEYS[key]();
    }
  } else if (key === "escape") {
    closeReasons();
    at("reject").focus();
  } else {
    const button = reasonButtons.find((each) => each.dataset.key === key);
    if (button) {
      event.preventDefault();
      button.click();
    }
  }
});

at("approve").addEventListener("click", KEYS.a);
at("reject").addEventListener("click", openReasons);
at("skip").addEventListener("click", skip);
at("undo").addEventListener("click", undo);

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
addEventListener("offline", () => showConnection(true));
addEventListener("online", () => fill());

setInterval(count, COUNT_MS);
setInterval(() => {
  showUndo();
  if (shown) showDue(shown);
}, SECOND_MS);
setInterval(() => {
  if (!document.hidden) fill();
}, (claimMinutes * MINUTE_MS) / RENEWALS);

await outbox.flush().catch(leaveIfLoggedOut);
await fill();
await count();
