// Campaigns: near-duplicates, the most harmful first, live.

import { call, leaveIfLoggedOut } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import * as brakes from "../shared/brakes.js";
import { at, el } from "../shared/dom.js";
import { isFree, keyOf } from "../shared/keys.js";
import { listRecent } from "../shared/recent.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { attempt } from "./brake_card.js";
import { chipsOf, nameOf, originsOf, rateOf, shareOf, statusesOf } from "./phrases.js";
import { walk } from "./walk.js";

const PAGE_SIZE = 20;
const POLL_MS = 10_000;

const { show, site, page } = at("campaigns").dataset;
const rows = new Map(); // elements by the campaign's id
let nextCursor = null;

function query(more = {}) {
  const order = show === "newest" ? "newest" : "harm";
  return new URLSearchParams({ order, open: show === "pending", limit: PAGE_SIZE, ...(site ? { site } : {}), ...more });
}

// Makes the parts of a row, or fills them again, so that the focus stays.
function fill(item, campaign) {
  const part = (name) => item.querySelector(`.${name}`);
  const { sample, approved, pending } = campaign;
  part("campaign-name").textContent = nameOf(campaign);
  part("chips").replaceChildren(...(site ? [] : [el("span.chip", { dir: "auto" }, campaign.site)]), ...chipsOf(campaign));
  part("campaign-text").textContent = sample?.body ?? t("campaigns.erased");
  part("campaign-from").textContent = originsOf(campaign);
  part("campaign-rate").textContent = rateOf(campaign);
  part("campaign-share").replaceChildren(shareOf(campaign), el("span.small.figure", {}, statusesOf(campaign)));
  part("campaign-latest").replaceChildren(when(campaign.last_seen_at));
  const act = part("campaign-act");
  act.textContent = t(approved ? "campaigns.take_down_short" : pending ? "campaigns.decide" : "campaigns.look");
  act.classList.toggle("risky", approved > 0);
}

function rowOf(campaign) {
  const href = `${page}/${campaign.id}`;
  const name = el("a.campaign-name", { href, id: `campaign-${campaign.id}` });
  const act = el("a.campaign-act.button.compact", { href, "aria-describedby": name.id, tabindex: "-1" });
  const item = el(
    "li.campaign-row",
    {},
    el("div.campaign-what", {}, el("p.row", {}, name, el("span.chips")), el("p.campaign-text", { dir: "auto" })),
    el("p.campaign-from.small", {}),
    el("p.campaign-rate.small", {}),
    el("p.campaign-share", {}),
    el("p.campaign-latest.small", {}),
    el("p.campaign-end", {}, act),
  );
  fill(item, campaign);
  rows.set(campaign.id, item);
  return item;
}

function continueAt(cursor) {
  nextCursor = cursor;
  at("older").hidden = !cursor;
}

function showEmptiness() {
  at("loading").hidden = true;
  at("none").hidden = rows.size > 0;
}

async function load() {
  const path = `/campaigns?${query(nextCursor ? { cursor: nextCursor } : {})}`;
  try {
    const answer = await call("GET", path);
    at("list").append(...answer.campaigns.filter(({ id }) => !rows.has(id)).map(rowOf));
    continueAt(answer.next);
    warn("");
  } catch (error) {
    fail(error, { retry: load });
  }
  showEmptiness();
}

// Brings the rows up to date where they are. New campaigns wait behind a button, so that
// a click meets the row that it was aimed at.
async function refresh() {
  try {
    const { campaigns } = await call("GET", `/campaigns?${query()}`);
    for (const campaign of campaigns) {
      if (rows.has(campaign.id)) fill(rows.get(campaign.id), campaign);
    }
    const count = campaigns.filter(({ id }) => !rows.has(id)).length;
    if (count && !rows.size) restart();
    else showNew(count);
  } catch (error) {
    leaveIfLoggedOut(error); // anything else: the next time
  }
}

function showNew(count) {
  at("new").hidden = !count;
  at("new").textContent = count ? t("campaigns.new", { count }) : "";
}

async function restart() {
  rows.clear();
  nextCursor = null;
  showNew(0);
  at("list").replaceChildren();
  await load();
}

// One key for what the newest brake let through.
async function hold() {
  const [brake] = (await brakes.listHolding(site)).filter(({ published }) => published);
  if (brake) await brakes.holdPublished(brake, { onEnd: refresh });
}

const ACTIONS = {
  j: () => walk(at("list"), ".campaign-name", 1),
  k: () => walk(at("list"), ".campaign-name", -1),
  b: () => attempt(hold),
};

addEventListener("keydown", (event) => {
  const act = isFree(event) && ACTIONS[keyOf(event)];
  if (!act) return;
  event.preventDefault();
  act();
});
at("older").addEventListener("click", load);
at("new").addEventListener("click", async () => {
  await restart();
  walk(at("list"), ".campaign-name", 0);
});
listRecent({ shownElsewhere: () => null, onEnd: refresh });
setInterval(() => document.hidden || refresh(), POLL_MS);
await load();
