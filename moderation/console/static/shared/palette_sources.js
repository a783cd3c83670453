// What the palette finds: what needs attention, pages, actions, authors by name, comments
// by text or id, campaigns by the text of their comments. What the service is asked for
// is there where the navigation leads to its page, which has a page per thing.

import { call } from "./api.js";
import { readAttention } from "./attention.js";
import { collapsed } from "./long_text.js";
import { addSource, contains } from "./palette.js";
import { t } from "./texts.js";

const LIMIT = 5;
const COMMENTS_LIMIT = 50; // where campaigns are looked for: a wave is many of these
const MIN_CAMPAIGN = 2; // comments
const MAX_TEXT = 80; // characters of a comment
const COMMENT_ID = /^[0-9a-z]{13}$/;

const { site } = document.querySelector("main").dataset;

const pageOf = (key) => document.querySelector(`.nav [data-go="${key}"]`)?.href ?? null;

const searchIn = (path, parameters) =>
  call("GET", `${path}?${new URLSearchParams({ ...parameters, ...(site ? { site } : {}) })}`);

let attention = null; // the promise of what needs it, asked for each time the palette opens

async function findAttention(query) {
  if (!query || !attention) attention = readAttention({ site, desk: pageOf("d"), comments: pageOf("c") });
  const entries = await attention;
  return entries.filter(({ text }) => contains(text, query));
}

// Links of the navigation, and of the tabs of this page.
function findPages(query) {
  const links = document.querySelectorAll(".nav .nav-link, .tabs a, #account-menu a");
  return [...links].map((link) => ({
    text: link.firstElementChild?.nextSibling?.textContent.trim() || link.textContent.trim(),
    href: link.href,
    detail: link.dataset.go ? `G ${link.dataset.go.toUpperCase()}` : "",
  })).filter(({ text }) => contains(text, query));
}

// Whether the page shows a button, or the menu of its header would.
const isOffered = (button) => button.checkVisibility() || (!button.hidden && button.closest("#head-menu") !== null);

// Buttons of the header, and those that the page names with `data-action`.
function findHere(query) {
  const buttons = document.querySelectorAll(".head-actions :is(button:not([popovertarget]), a.button), [data-action]");
  return [...buttons]
    .filter((button) => !button.disabled && isOffered(button))
    .map((button) => ({
      text: button.dataset.action || button.textContent.trim() || button.getAttribute("aria-label"),
      run: () => button.click(),
    }))
    .filter(({ text }) => text && contains(text, query));
}

// What the person may do anywhere; about an author, who is asked for first.
function findActions(query) {
  const links = [...document.querySelectorAll("#palette-actions a")];
  return links.filter(({ textContent }) => contains(textContent, query)).map((link) => {
    const text = link.textContent;
    if (!link.dataset.picks) return { text, href: link.href };
    const find = async (name) => (await findAuthors(name)).map((author) => ({ ...author, href: `${author.href}${link.hash}` }));
    return { text, pick: { heading: text, placeholder: t("palette.which_author"), find } };
  });
}

async function findAuthors(name) {
  const { authors } = await searchIn("/authors", { ...(name ? { name } : {}), limit: LIMIT });
  return authors.map(({ id, name: text, pending, approved, rejected }) => ({
    text,
    detail: t("palette.record", { pending, approved, rejected }),
    href: `${pageOf("a")}/${id}`,
  }));
}

const latest = { text: null, answer: null };

// Asks once for comments and campaigns.
function searchComments(text) {
  if (latest.text !== text) Object.assign(latest, { text, answer: searchIn("/comments", { text, limit: COMMENTS_LIMIT }) });
  return latest.answer;
}

const shortened = (body) => collapsed(body).slice(0, MAX_TEXT);

async function findComments(text) {
  const { comments } = await searchComments(text);
  const options = comments.map(({ id, author_name: name, body, status }) => ({
    text: `${name}: ${shortened(body)}`,
    detail: t(`status.${status}`),
    href: `${pageOf("c")}/${id}`,
  }));
  if (!COMMENT_ID.test(text)) return options;
  return [{ text: t("palette.comment", { id: text }), href: `${pageOf("c")}/${text}` }, ...options];
}

async function findCampaigns(text) {
  const { comments } = await searchComments(text);
  const campaigns = new Map();
  for (const { campaign, campaign_size: size, body } of comments) {
    if (campaign === null || size < MIN_CAMPAIGN || campaigns.has(campaign)) continue;
    const href = `${pageOf("w")}/${campaign}`;
    campaigns.set(campaign, { text: shortened(body), detail: t("palette.campaign", { count: size }), href });
  }
  return [...campaigns.values()];
}

if (pageOf("c")) addSource(t("palette.attention"), findAttention, { minLetters: 0 });
addSource(t("palette.pages"), findPages, { isLocal: true });
addSource(t("palette.actions"), findHere, { isLocal: true });
addSource(t("palette.anywhere"), findActions, { isLocal: true });
if (pageOf("a")) addSource(t("palette.authors"), findAuthors);
if (pageOf("w")) addSource(t("palette.campaigns"), findCampaigns);
if (pageOf("c")) addSource(t("palette.comments"), findComments);
