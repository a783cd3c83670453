// Campaigns: near-duplicates, how they differ, and one decision for all of them.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { offer } from "../shared/batch.js";
import { changes } from "../shared/diff.js";
import { at } from "../shared/dom.js";
import { readPages } from "../shared/pages.js";
import { moment, t } from "../shared/texts.js";

const MEMBERS = 20;

let open = null; // the campaign that is looked at
let nextMember = null;

const TAGS = { same: "span", removed: "del", added: "ins" };

function difference({ kind, text }) {
  const stretch = document.createElement(TAGS[kind]);
  stretch.textContent = text;
  return stretch;
}

const figures = ({ size, pending, approved, rejected, authors }) =>
  [t("campaigns.size", { count: size }), t("campaigns.authors", { count: authors }), t("campaigns.counts", { pending, approved, rejected })].join(" ");

const times = ({ first_seen_at: first, last_seen_at: last }) =>
  t("campaigns.times", { first: moment(first), last: moment(last) });

function shown(campaign) {
  const item = at("entry").content.firstElementChild.cloneNode(true);
  const put = (name, text) => {
    item.querySelector(`.${name}`).textContent = text;
  };
  put("site", campaign.site);
  put("times", times(campaign));
  put("figures", figures(campaign));
  put("text", campaign.sample?.body ?? t("campaigns.erased"));
  const look = item.querySelector(".look");
  look.textContent = t("campaigns.look", { count: campaign.size });
  look.addEventListener("click", () => read(campaign.id));
  return item;
}

function member(comment) {
  const item = at("member").content.firstElementChild.cloneNode(true);
  item.querySelector(".status").textContent = t(`status.${comment.status}`);
  item.querySelector(".author").textContent = comment.author_name;
  item.querySelector(".at").textContent = moment(comment.received_at);
  const text = item.querySelector(".text");
  if (open.sample && open.sample.id !== comment.id) {
    text.append(...changes(open.sample.body, comment.body).map(difference));
  } else {
    text.textContent = comment.body;
  }
  return item;
}

function showDetail() {
  at("detail").hidden = false;
  at("detail-title").textContent = t("campaigns.title", { site: open.site, count: open.size });
  at("figures").textContent = figures(open);
  at("times").textContent = times(open);
  at("standing").hidden = !open.standing;
  if (open.standing) {
    const { verdict, by, until } = open.standing;
    at("standing-told").textContent = t(`campaigns.stands.${verdict}`, { name: by, moment: moment(until) });
  }
  form.refresh();
}

async function read(id, { quiet = false } = {}) {
  try {
    open = await call("GET", `/campaigns/${id}?limit=${MEMBERS}`);
    at("members").replaceChildren(...open.comments.map(member));
    nextMember = open.next;
    at("more-members").hidden = !nextMember;
    if (!quiet) form.forget();
    showDetail();
    if (!quiet) at("detail").focus();
    warn("");
  } catch (error) {
    fail(error);
  }
}

async function moreMembers() {
  const query = new URLSearchParams({ limit: MEMBERS, cursor: nextMember });
  try {
    const page = await call("GET", `/campaigns/${open.id}?${query}`);
    at("members").append(...page.comments.map(member));
    nextMember = page.next;
    at("more-members").hidden = !nextMember;
  } catch (error) {
    fail(error);
  }
}

async function endStanding() {
  try {
    await call("DELETE", `/campaigns/${open.id}/standing`);
    await read(open.id, { quiet: true });
    at("detail").focus();
  } catch (error) {
    fail(error);
  }
}

const startAnew = readPages({
  path: "/campaigns",
  name: "campaigns",
  query: () => ({ open: at("view").value === "open" }),
  shown,
});

async function refresh() {
  await Promise.all([startAnew(), open && read(open.id, { quiet: true })]);
}

const hours = () => (at("hours").value ? Number(at("hours").value) : undefined);

const form = offer({
  // What still comes can be decided even where nothing waits.
  counted: () => open?.pending ?? 0,
  ask: (verdict, reasons) =>
    call("POST", `/campaigns/${open.id}/decisions`, {
      verdict,
      reasons,
      version: open.version,
      as_of: open.as_of,
      hours: hours(),
    }),
  changed: refresh,
  more: (verdict) => (hours() ? t(`campaigns.ask_more.${verdict}`, { count: hours() }) : ""),
});

at("more-members").addEventListener("click", moreMembers);
at("end").addEventListener("click", endStanding);
at("close").addEventListener("click", () => {
  at("detail").hidden = true;
  at("view").focus();
});
await startAnew();
