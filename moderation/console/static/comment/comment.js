// One comment with its whole thread: read, decided, and passed on by its address.

import { call } from "../shared/api.js";
import { fail } from "../shared/banner.js";
import { askBasis } from "../shared/basis.js";
import * as actions from "../shared/comment_actions.js";
import { decide as send, STATUS_AFTER } from "../shared/deciding.js";
import { at, el } from "../shared/dom.js";
import { isFree, keyOf } from "../shared/keys.js";
import { collapsed } from "../shared/long_text.js";
import { isIllegal, needsBasis } from "../shared/grounds.js";
import { askReasons } from "../shared/reasons.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import * as wording from "../shared/wording.js";
import { show } from "../desk/card.js";
import { openAnswer } from "./answer.js";
import { setUpHold } from "./hold.js";
import { showOpenness } from "./openness.js";
import { showThread } from "./thread.js";

const POLL_MS = 15_000;
const KINDS = { pending: "chip warn", approved: "chip good", rejected: "chip bad" };
const { login, comment: id } = at("main").dataset;

const state = { card: null, isDeciding: false };

const isReserved = ({ claimed_by: holder }) => Boolean(holder) && holder !== login;

function showStatus() {
  const { card } = state;
  at("comment-status").className = KINDS[card.status];
  at("comment-status").textContent = t(`status.${card.status}`);
  at("comment-status").hidden = false;
  const decision = card.decisions.at(-1);
  at("decided").replaceChildren(...(decision ? [wording.decision(decision)] : []));
  at("holder").hidden = !isReserved(card);
  at("holder-text").textContent = isReserved(card) ? t("comment.reserved", { who: card.claimed_by }) : "";
  at("act-approve").hidden = card.status === "approved";
  at("act-reject").hidden = card.status === "rejected";
  at("act-hold").hidden = card.status === "pending";
  for (const name of ["approve", "reject", "hold"]) at(`act-${name}`).disabled = isReserved(card);
}

function showCard() {
  const { card } = state;
  show(card);
  at("campaign-open-text").textContent = t("act.campaign_all");
  at("due").hidden = card.status !== "pending";
  at("here").hidden = at("around").hidden = false;
  const isAddress = /^https?:\/\//.test(card.article);
  at("open-article").hidden = !isAddress;
  if (isAddress) at("open-article").href = card.article;
  showStatus();
}

function reportItem({ reason, note, created_at: createdAt }) {
  return el(
    "li",
    {},
    el("span.small", {}, wording.reasonName(reason), " · ", when(createdAt)),
    note ? el("p", { dir: "auto" }, collapsed(note)) : null,
  );
}

// Reads all again, and shows it. The texts stay in sight if that fails.
async function load() {
  const [card, thread, { reports }] = await Promise.all([
    call("GET", `/comments/${id}/card`),
    call("GET", `/comments/${id}/thread`),
    call("GET", `/comments/${id}/reports`),
  ]);
  state.card = card;
  showThread(id, thread);
  showCard();
  at("side-reports").hidden = !reports.length;
  at("reports").replaceChildren(...reports.map(reportItem));
  at("loading").hidden = true;
}

const reload = () => load().catch((error) => fail(error, { retry: reload }));

async function decide(verdict) {
  const { card } = state;
  if (!card || isReserved(card) || state.isDeciding || card.status === STATUS_AFTER[verdict]) return;
  let reasons = [];
  let basis = null;
  if (verdict === "reject") {
    const suggested = card.held_for.find(({ code }) => code === "score")?.label ?? card.label;
    reasons = await askReasons({ title: t("comment.reject", { name: card.author_name }), suggested });
    if (!reasons) return;
    if (isIllegal(reasons) || needsBasis(reasons, [card.site])) {
      basis = await askBasis(reasons, suggested);
      if (!basis) return;
    }
  }
  state.isDeciding = true;
  state.card = { ...card, status: STATUS_AFTER[verdict] };
  showStatus();
  await send(card, verdict, { reasons, basis, onRefused: () => {}, onUndone: load });
  state.isDeciding = false;
  await reload();
  const isDecided = state.card.status === STATUS_AFTER[verdict] && verdict !== "review";
  if (card.appeal && isDecided) openAnswer({ id: card.id, isUpheld: verdict === "reject" });
}

setUpHold(id, () => state.card);

const withCard = (action) => () => state.card && action(state.card);

const ACTIONS = {
  a: () => decide("approve"),
  r: () => decide("reject"),
  b: () => decide("review"),
  h: withCard(actions.openAuthor),
  n: withCard(actions.openNote),
  e: withCard(actions.openEscalation),
  l: withCard(actions.openLabels),
  o: withCard(actions.openArticle),
  c: withCard(({ campaign }) => campaign && location.assign(`/console/comments?status=all&campaign=${campaign.id}`)),
};

addEventListener("keydown", (event) => {
  const action = isFree(event) && !event.shiftKey && ACTIONS[keyOf(event)];
  if (!action) return;
  event.preventDefault();
  action();
});
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => ACTIONS[button.dataset.act]());
}
actions.onCommentChange(reload);
at("copy-link").addEventListener("click", async () => {
  await navigator.clipboard?.writeText(location.origin + location.pathname);
  say(t("comment.link_copied"));
});
// A colleague may decide meanwhile; what is typed or open is left alone.
setInterval(async () => {
  if (document.hidden || state.isDeciding || document.querySelector("dialog[open]")) return;
  const card = await call("GET", `/comments/${id}/card`).catch(() => null);
  const isChanged = card && (card.version !== state.card?.version || card.claimed_by !== state.card?.claimed_by);
  if (isChanged && !state.isDeciding) await reload();
}, POLL_MS);
await reload();
if (state.card) showOpenness(state.card);
// What it replies to stands above it, and may have pushed it out of sight.
if (at("here").getBoundingClientRect().bottom > innerHeight) at("here").scrollIntoView({ block: "center" });
