// The comments that are reserved for this moderator: taken from the queue ahead, so
// that the next one is there at once.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { warn } from "../shared/banner.js";
import { at } from "../shared/dom.js";
import { refusal, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import * as wording from "../shared/wording.js";
import { FILTERED, partOf } from "./saved_views.js";
import * as screen from "./screen.js";
import { state } from "./state.js";

const SIZE = 10;
const MAX_SIZE = 50;
const MIN_LEFT = 5; // below it, more are reserved
const COUNT_DELAY_MS = 1000;

let filling = null; // a promise while comments are being reserved
let countTimer = 0;

export function fill() {
  filling ??= reserve().finally(() => {
    filling = null;
  });
  return filling;
}

export function fillIfLow() {
  if (state.reserved.length < MIN_LEFT) fill();
}

// Fills up with comments that became free since the current request began.
export async function refill() {
  await filling;
  await fill();
}

async function reserve() {
  try {
    // What is on its way is still held, and must not count.
    const size = Math.min(SIZE + state.outbox.items.length, MAX_SIZE);
    const answer = await call("POST", "/hand", { size, ...partOf(state.view) });
    state.reserved = merged(answer.comments);
    screen.showKeptAppeals(answer.appeals_kept);
    screen.showTaught(answer.taught_today);
    if (answer.undoable && !state.undoable) offerUndo(answer.undoable);
    if (!state.outbox.items.length) screen.showConnection(null);
  } catch (error) {
    leaveIfLoggedOut(error);
    if (!(error instanceof Refused)) screen.showLost(error);
    else if (state.view && error.status === 404) {
      leaveView();
      return reserve();
    } else warn(refusal(error));
  }
  screen.render();
  screen.showUndo();
  return undefined;
}

// A decision from before the page was loaded.
function offerUndo({ id, version, verdict, author_name: name, until }) {
  state.undoable = { id, version, verdict, name, until: Date.parse(until) };
  say(wording.done(verdict, name));
}

// The view was removed meanwhile: there is the whole queue.
function leaveView() {
  state.view = null;
  at("view").value = "";
  history.replaceState(null, "", location.pathname);
}

const isOpen = ({ id, version, campaign }) =>
  !state.outbox.has(id) &&
  !(version <= state.decidedVersions.get(id)) &&
  !state.campaignsUnderWay.has(campaign?.id);

// Keeps the order of what is there: the comment under the eyes stays. What calls for care
// comes next.
function merged(comments) {
  const openEntries = new Map(comments.filter(isOpen).map((entry) => [entry.id, entry]));
  const kept = [];
  for (const entry of state.reserved) {
    const current = openEntries.get(entry.id);
    const isShown = entry === state.shown;
    openEntries.delete(entry.id);
    if (!current && isShown) say(t("desk.gone", { name: entry.author_name }));
    else if (current && current.version !== entry.version) {
      if (isShown) say(t("desk.edited"));
      kept.push(current);
    } else if (current) kept.push(entry);
  }
  const entries = [...kept, ...openEntries.values()];
  const others = entries.splice(1);
  return [...entries, ...others.filter(({ care }) => care), ...others.filter(({ care }) => !care)];
}

// Reads how many comments wait in the part of the queue that one works in.
export async function count() {
  if (document.hidden) return;
  try {
    screen.showCounts(await call("GET", `/queue/counts?${new URLSearchParams(partOf(state.view))}`));
  } catch (error) {
    leaveIfLoggedOut(error);
    if (!(error instanceof Refused)) screen.showLost(error);
    return;
  }
  if (state.isOffline || (!state.reserved.length && state.counts.pending)) fill();
}

export function countSoon() {
  clearTimeout(countTimer);
  countTimer = setTimeout(count, COUNT_DELAY_MS);
}

// Releases all, and reserves comments from another part of the queue.
export async function changeView(view) {
  state.view = view;
  const address = view === FILTERED ? new URLSearchParams(state.filters) : `view=${view}`;
  history.replaceState(null, "", view ? `?${address}` : location.pathname);
  await state.outbox.flush();
  await call("DELETE", "/hand").catch(() => {});
  state.reserved = [];
  state.shown = null; // so that the keys go to the comment again
  await fill();
  await count();
}
