// What was decided at once lately, by whom, and how it stands; a reload loses nothing.

import { call } from "./api.js";
import { fail } from "./banner.js";
import { at } from "./dom.js";
import { progressIn } from "./progress.js";
import { languageName, moment, score, t } from "./texts.js";
import * as wording from "./wording.js";

const PAGE = 5;
const REFRESH_MS = 15_000;

function what({ kind, filter }) {
  if (kind === "campaign") return t("recent.campaign");
  const range = t("recent.range", {
    label: wording.label(filter.label),
    low: score(filter.low),
    high: score(filter.high),
  });
  const more = [filter.section, filter.language && languageName(filter.language)];
  return [range, ...more.filter(Boolean)].join(t("page.between"));
}

function about(batch) {
  const reasons = batch.reasons.map((each) => wording.reason(each)).join(t("page.between"));
  const by = { who: batch.decided_by, moment: moment(batch.created_at) };
  const done = t(`recent.by.${batch.verdict}`, by);
  return reasons ? t("page.with_reasons", { told: done, reasons }) : done;
}

// Sets the list up. `elsewhere()` answers the batch that the page shows already;
// `changed()` is told when a batch has ended or was taken back here.
export function listRecent({ elsewhere, changed }) {
  const rows = new Map(); // by the batch's id
  let next = null;

  function row(batch) {
    const item = at("recent-entry").content.firstElementChild.cloneNode(true);
    item.querySelector(".site").textContent = batch.site;
    item.querySelector(".what").textContent = what(batch);
    item.querySelector(".by").textContent = about(batch);
    const progress = progressIn(item.querySelector(".progress"), changed);
    rows.set(batch.id, { item, progress });
    return item;
  }

  // Shows batches, new ones where `place` says; the others stay, for the focus's sake.
  function show(batches, place) {
    const added = batches.filter(({ id }) => !rows.has(id)).map(row);
    at("recent-list")[place](...added);
    for (const batch of batches) rows.get(batch.id).progress.show(batch)?.catch(fail);
    for (const [id, { item }] of rows) item.hidden = id === elsewhere();
    at("recent").hidden = ![...rows.values()].some(({ item }) => !item.hidden);
  }

  async function refresh() {
    try {
      const page = await call("GET", `/batches?limit=${PAGE}`);
      if (!rows.size) moreAfter(page.next);
      show(page.batches, "prepend");
    } catch (error) {
      fail(error);
    }
  }

  function moreAfter(cursor) {
    next = cursor;
    at("recent-more").hidden = !next;
  }

  async function more() {
    try {
      const page = await call("GET", `/batches?${new URLSearchParams({ limit: PAGE, cursor: next })}`);
      show(page.batches, "append");
      moreAfter(page.next);
    } catch (error) {
      fail(error);
    }
  }

  at("recent-more").addEventListener("click", more);
  setInterval(() => {
    if (!document.hidden) refresh();
  }, REFRESH_MS);
  refresh();
  return refresh;
}
