// Recent decisions about many comments, by whom, and how far they are; a reload loses
// nothing.

import { call } from "./api.js";
import { fail } from "./banner.js";
import { at, copyOf, el } from "./dom.js";
import { progressIn } from "./progress.js";
import { languageName, parts, score, t } from "./texts.js";
import { when } from "./times.js";
import * as wording from "./wording.js";

const PAGE_SIZE = 5;
const REFRESH_MS = 15_000;

function subjectOf({ kind, filter }) {
  if (kind === "campaign") return t("recent.campaign");
  const range = t("recent.range", {
    label: wording.label(filter.label),
    low: score(filter.low),
    high: score(filter.high),
  });
  const names = [range, filter.section, filter.language && languageName(filter.language)];
  return names.filter(Boolean).join(t("page.between"));
}

function summaryOf(batch) {
  const reasons = batch.reasons.map((reason) => wording.reason(reason)).join(t("page.between"));
  const by = { who: batch.decided_by, moment: when(batch.created_at) };
  const decision = el("span", {}, ...parts(`recent.by.${batch.verdict}`, by));
  return reasons ? el("span", {}, ...parts("page.with_reasons", { told: decision, reasons })) : decision;
}

// Sets the list up. `shownElsewhere()` returns the id of the batch that the page shows
// already; `onEnd()` is called when a batch has ended or was undone here.
export function listRecent({ shownElsewhere, onEnd }) {
  const rows = new Map(); // by the batch's id
  let nextCursor = null;

  function rowOf(batch) {
    const item = copyOf("recent-entry", {
      site: batch.site,
      what: subjectOf(batch),
      by: summaryOf(batch),
    });
    rows.set(batch.id, { item, progress: progressIn(item.querySelector(".progress"), onEnd) });
    return item;
  }

  // Shows batches, new ones with `method`; the others stay, for the focus's sake.
  function show(batches, method) {
    const items = batches.filter(({ id }) => !rows.has(id)).map(rowOf);
    at("recent-list")[method](...items);
    for (const batch of batches) rows.get(batch.id).progress.show(batch)?.catch(fail);
    for (const [id, { item }] of rows) item.hidden = id === shownElsewhere();
    at("recent").hidden = ![...rows.values()].some(({ item }) => !item.hidden);
  }

  function continueAt(cursor) {
    nextCursor = cursor;
    at("recent-more").hidden = !cursor;
  }

  async function refresh() {
    try {
      const page = await call("GET", `/batches?limit=${PAGE_SIZE}`);
      if (!rows.size) continueAt(page.next);
      show(page.batches, "prepend");
    } catch (error) {
      fail(error);
    }
  }

  async function showMore() {
    const query = new URLSearchParams({ limit: PAGE_SIZE, cursor: nextCursor });
    try {
      const page = await call("GET", `/batches?${query}`);
      show(page.batches, "append");
      continueAt(page.next);
    } catch (error) {
      fail(error);
    }
  }

  at("recent-more").addEventListener("click", showMore);
  setInterval(() => {
    if (!document.hidden) refresh();
  }, REFRESH_MS);
  refresh();
  return refresh;
}
