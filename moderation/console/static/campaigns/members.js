// The comments of a campaign: how each differs from the first, and which are left out.

import { call } from "../shared/api.js";
import { fail } from "../shared/banner.js";
import { changes, stretchOf } from "../shared/diff.js";
import { at, copyOf, el } from "../shared/dom.js";
import { collapsed } from "../shared/long_text.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const PAGE_SIZE = 50;
const MAX_EXCLUDED = 500; // that a decision can leave out
const CHIPS = { approved: "span.chip.good", pending: "span.chip.warn", rejected: "span.chip.bad" };

const state = {
  id: null,
  sample: null,
  nextCursor: null,
  onChange: () => {},
};
const rows = new Map(); // elements by the comment's id
const excluded = new Map(); // {status, isTrusted} by the id of a comment that is left out

export const excludedIds = () => [...excluded.keys()];

// How many of some statuses are left out; with `isSparing`, in addition to trusted authors'.
export const countExcluded = (statuses, { isSparing = false } = {}) =>
  [...excluded.values()].filter(({ status, isTrusted }) => statuses.includes(status) && !(isSparing && isTrusted)).length;

export const pathOf = (id, cursor) =>
  `/campaigns/${id}?${new URLSearchParams({ limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) })}`;

function tick({ id, status, is_trusted: isTrusted }, box) {
  if (box.checked) excluded.delete(id);
  else if (excluded.size < MAX_EXCLUDED) excluded.set(id, { status, isTrusted });
  else {
    box.checked = true;
    say(t("campaigns.too_many_left_out", { count: MAX_EXCLUDED }));
  }
  tell();
  state.onChange();
}

function tell() {
  at("excluded").textContent = excluded.size ? t("campaigns.excluded", { count: excluded.size }) : "";
}

function textOf(comment) {
  const isSample = !state.sample || state.sample.id === comment.id;
  const body = collapsed(comment.body);
  return isSample ? [body] : changes(collapsed(state.sample.body), body).map(stretchOf);
}

function showStatus(item, { status, is_trusted: isTrusted }) {
  const trusted = isTrusted ? el("span.chip", {}, t("campaigns.trusted")) : "";
  item.querySelector(".item-why").replaceChildren(trusted, el(CHIPS[status], {}, t(`status.${status}`)));
}

function itemOf(comment) {
  const item = copyOf("member", { "item-head": el("b", { dir: "auto" }, comment.author_name), "item-time": when(comment.received_at) });
  const box = item.querySelector("input");
  const link = item.querySelector(".item-link");
  link.href = `/console/comments/${comment.id}`;
  box.checked = !excluded.has(comment.id);
  box.setAttribute("aria-label", t("campaigns.include", { name: comment.author_name }));
  box.addEventListener("change", () => tick(comment, box));
  item.querySelector(".item-text").replaceChildren(...textOf(comment));
  showStatus(item, comment);
  rows.set(comment.id, item);
  return item;
}

function continueAt(cursor) {
  state.nextCursor = cursor;
  at("more-members").hidden = !cursor;
}

// Shows the first comments of a campaign; `onChange()` is called when one is ticked.
export function show({ id, sample, comments, next }, onChange) {
  Object.assign(state, { id, sample, onChange });
  rows.clear();
  at("members").replaceChildren(...comments.map(itemOf));
  continueAt(next);
  tell();
}

// Brings the statuses of what is shown up to date; returns how many it doesn't show.
export function refresh(comments) {
  let newCount = 0;
  for (const comment of comments) {
    const item = rows.get(comment.id);
    if (item) showStatus(item, comment);
    else newCount += 1;
    if (excluded.has(comment.id)) excluded.set(comment.id, { status: comment.status, isTrusted: comment.is_trusted });
  }
  return newCount;
}

async function showMore() {
  try {
    const page = await call("GET", pathOf(state.id, state.nextCursor));
    at("members").append(...page.comments.filter(({ id }) => !rows.has(id)).map(itemOf));
    continueAt(page.next);
  } catch (error) {
    fail(error, { retry: showMore, isInSight: true });
  }
}

at("more-members").addEventListener("click", showMore);
