// Campaigns: near-duplicates, how they differ, and one decision for all of them.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { offerBatch } from "../shared/batch.js";
import { changes, stretchOf } from "../shared/diff.js";
import { at, copyOf } from "../shared/dom.js";
import { collapsed, longText } from "../shared/long_text.js";
import { readPages } from "../shared/pages.js";
import { ago, moment, t } from "../shared/texts.js";
import { when } from "../shared/times.js";

const PAGE_SIZE = 20; // members of a campaign

const state = {
  campaign: null, // the one that is looked at
  nextCursor: null, // of its members
};

function figuresOf({ size, pending, approved, rejected, authors }) {
  return [
    t("campaigns.size", { count: size }),
    t("campaigns.authors", { count: authors }),
    t("campaigns.counts", { pending, approved, rejected }),
  ].join(" ");
}

const timesOf = ({ first_seen_at: first, last_seen_at: last }) =>
  t("campaigns.times", { first: ago(first), last: ago(last) });

function itemOf(campaign) {
  const item = copyOf("entry", {
    site: campaign.site,
    times: timesOf(campaign),
    figures: figuresOf(campaign),
    look: t("campaigns.look", { count: campaign.size }),
  });
  longText(item.querySelector(".text"), campaign.sample?.body ?? t("campaigns.erased"));
  item.querySelector(".look").addEventListener("click", () => open(campaign.id));
  return item;
}

function memberItem(comment) {
  const item = copyOf("member", {
    status: t(`status.${comment.status}`),
    author: comment.author_name,
    at: when(comment.received_at),
  });
  const { sample } = state.campaign;
  const isSample = !sample || sample.id === comment.id;
  const parts = isSample
    ? [collapsed(comment.body)]
    : changes(collapsed(sample.body), collapsed(comment.body)).map(stretchOf);
  longText(item.querySelector(".text"), parts);
  return item;
}

function showDetail() {
  const { campaign } = state;
  at("detail").hidden = false;
  at("detail-title").textContent = t("campaigns.title", { site: campaign.site, count: campaign.size });
  at("figures").textContent = figuresOf(campaign);
  at("times").textContent = timesOf(campaign);
  at("standing").hidden = !campaign.standing;
  if (campaign.standing) {
    const { verdict, by, until } = campaign.standing;
    at("standing-told").textContent = t(`campaigns.stands.${verdict}`, { name: by, moment: moment(until) });
  }
  batchForm.refresh();
}

// Opens a campaign, or reads the open one again where `isRefresh`.
async function open(id, { isRefresh = false } = {}) {
  try {
    state.campaign = await call("GET", `/campaigns/${id}?limit=${PAGE_SIZE}`);
    at("members").replaceChildren(...state.campaign.comments.map(memberItem));
    continueAt(state.campaign.next);
    if (!isRefresh) batchForm.forget();
    showDetail();
    if (!isRefresh) at("detail").focus();
    warn("");
  } catch (error) {
    fail(error);
  }
}

function continueAt(cursor) {
  state.nextCursor = cursor;
  at("more-members").hidden = !cursor;
}

async function showMoreMembers() {
  const query = new URLSearchParams({ limit: PAGE_SIZE, cursor: state.nextCursor });
  try {
    const page = await call("GET", `/campaigns/${state.campaign.id}?${query}`);
    at("members").append(...page.comments.map(memberItem));
    continueAt(page.next);
  } catch (error) {
    fail(error);
  }
}

async function endStanding() {
  try {
    await call("DELETE", `/campaigns/${state.campaign.id}/standing`);
    await open(state.campaign.id, { isRefresh: true });
    at("detail").focus();
  } catch (error) {
    fail(error);
  }
}

const restart = readPages({
  path: "/campaigns",
  name: "campaigns",
  query: () => ({ open: at("view").value === "open" }),
  itemOf,
});

async function refresh() {
  await Promise.all([restart(), state.campaign && open(state.campaign.id, { isRefresh: true })]);
}

// How long the decision applies to new near-duplicates; undefined: not at all.
const hours = () => (at("hours").value ? Number(at("hours").value) : undefined);

const batchForm = offerBatch({
  // What still comes can be decided even where nothing waits.
  pendingCount: () => state.campaign?.pending ?? 0,
  post(verdict, reasons) {
    const { id, version, as_of } = state.campaign;
    return call("POST", `/campaigns/${id}/decisions`, { verdict, reasons, version, as_of, hours: hours() });
  },
  onEnd: refresh,
  consequences: (verdict) => (hours() ? t(`campaigns.ask_more.${verdict}`, { count: hours() }) : ""),
});

at("more-members").addEventListener("click", showMoreMembers);
at("end").addEventListener("click", endStanding);
at("close").addEventListener("click", () => {
  at("detail").hidden = true;
  at("view").focus();
});
await restart();
