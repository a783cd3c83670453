// The pane: the current comment on the desk's card, with what can be done about it; or a
// summary of the selection.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { at, icon } from "../shared/dom.js";
import { refusal, t } from "../shared/texts.js";
import { show } from "../desk/card.js";
import { current, isFree, isReserved, state } from "./state.js";
import { showSummary } from "./summary.js";

const SETTLED_MS = 80; // a moderator who holds J down reads none of the passing comments
const WIDE = matchMedia("(min-width: 75rem)");
const STATUS_KINDS = { pending: "chip warn", approved: "chip good", rejected: "chip bad" };

const cards = new Map(); // id → the comment with all that the desk shows of it
let timer = 0;

export const cardOf = ({ id }) => cards.get(id) ?? null;

export const forgetCard = (id) => cards.delete(id);

// Shows the current comment, at once if it was read before.
export function showPane() {
  clearTimeout(timer);
  const isSummary = showSummary(); // of what is selected, in place of one comment
  const row = isSummary ? null : current();
  at("pane-empty").hidden = isSummary || row !== null;
  at("pane-head").hidden = !row;
  at("pane-foot").hidden = !row;
  if (!row) {
    for (const id of ["comment", "around", "pane-holder", "pane-problem"]) at(id).hidden = true;
    return;
  }
  showHead(row);
  const card = cards.get(row.id);
  if (card) showCard(card);
  else if (WIDE.matches) timer = setTimeout(read, SETTLED_MS, row);
}

function showHead(row) {
  const { status } = row;
  at("pane-status").className = STATUS_KINDS[status];
  at("pane-status").textContent = t(`status.${status}`);
  at("pane-link").href = `/console/comments/${row.id}`;
  const isReservedRow = isReserved(row);
  at("pane-holder").hidden = !isReservedRow;
  at("pane-holder-text").textContent = isReservedRow ? t("comments.reserved_told", { who: row.claimed_by }) : "";
  at("act-approve").hidden = status === "approved";
  at("act-reject").hidden = status === "rejected";
  at("act-hold").hidden = status === "pending";
  for (const name of ["approve", "reject", "hold"]) at(`act-${name}`).disabled = !isFree(row);
}

const isShown = ({ id }) => state.currentId === id && at("summary").hidden;

async function read(row) {
  try {
    const card = await call("GET", `/comments/${row.id}/card`);
    cards.set(row.id, card);
    if (isShown(row)) showCard(card);
  } catch (error) {
    leaveIfLoggedOut(error);
    if (!isShown(row)) return;
    at("comment").hidden = true;
    at("around").hidden = true;
    at("pane-problem").hidden = false;
    at("pane-problem-text").textContent = error instanceof Refused ? refusal(error) : t("page.unreachable");
  }
}

function showCard(card) {
  at("pane-problem").hidden = true;
  at("around").hidden = false;
  show(card);
  at("campaign-open-text").textContent = t("act.campaign_all");
  at("due").hidden = card.status !== "pending";
  at("pane-body").scrollTop = 0;
}

// Reads the comment again, after a note or the like.
export function rereadCard(id) {
  cards.delete(id);
  if (state.currentId === id) showPane();
}

WIDE.addEventListener("change", showPane);
at("pane-link").append(icon("external"));
