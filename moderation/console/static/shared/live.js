// Parts of a page that the service draws, kept up to date: the page is asked for again,
// and each part with `data-live` whose contents have changed is replaced. What has not
// changed stays, and so does the focus.

import { leaveIfLoggedOut, readPage } from "./api.js";
import { ago, moment } from "./texts.js";

const POLL_MS = 15_000;

const drawn = new Map(); // what the service drew last, by the part's id

// Tells moments by the reader's own clock: the service knows UTC alone.
export function localize(root = document) {
  for (const element of root.querySelectorAll("time[data-ago]")) {
    element.textContent = ago(element.dateTime);
    element.title = moment(element.dateTime);
  }
}

function remember(root) {
  for (const part of root.querySelectorAll("[data-live]")) drawn.set(part.id, part.outerHTML);
}

function replace(part, fresh) {
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const copy = document.importNode(fresh, true);
  part.replaceWith(copy);
  localize(copy);
  if (focused) document.getElementById(focused)?.focus();
}

// Redraws the page's live parts, from `address`; returns whether any has changed.
export async function refresh(address = location.href) {
  const page = await readPage(address);
  let isChanged = false;
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const part = document.getElementById(fresh.id);
    if (!part || drawn.get(fresh.id) === fresh.outerHTML) continue;
    drawn.set(fresh.id, fresh.outerHTML);
    replace(part, fresh);
    isChanged = true;
  }
  return isChanged;
}

// Keeps the page up to date. `addressOf()` says what is asked for, `onChange()` is called
// when a part was replaced.
export function keepLive({ addressOf = () => location.href, onChange = () => {}, pollMs = POLL_MS } = {}) {
  remember(document);
  localize();
  const poll = async () => {
    if (document.hidden) return;
    try {
      if (await refresh(addressOf())) onChange();
    } catch (error) {
      leaveIfLoggedOut(error); // anything else: the next time
    }
    localize();
  };
  setInterval(poll, pollMs);
  document.addEventListener("visibilitychange", poll);
}
