// What the desk shows: the first reserved comment, counts, the banner, and undo.

import { Unavailable } from "../shared/api.js";
import { showConnection as showLive, showCount } from "../shared/badges.js";
import { warn } from "../shared/banner.js";
import { at, el } from "../shared/dom.js";
import { refusal, t } from "../shared/texts.js";
import { markButtons } from "../shared/training_labels.js";
import * as wording from "../shared/wording.js";
import { changesSince } from "./around.js";
import { showNext } from "./beside.js";
import * as card from "./card.js";
import * as panels from "./panels.js";
import * as phrases from "./phrases.js";
import { TEACH } from "./saved_views.js";
import { state } from "./state.js";

const SECOND_MS = 1000;

export function render() {
  const entry = state.reserved[0] ?? null;
  at("loading").hidden = true;
  at("empty").hidden = Boolean(entry);
  at("actions").hidden = !entry;
  at("around").hidden = !entry;
  at("left").textContent = entry ? t("desk.left", { count: state.reserved.length }) : "";
  if (!entry) {
    at("comment").hidden = true;
    panels.close();
    setLabels({});
  } else if (entry !== state.shown) {
    showEntry(entry);
  }
  state.shown = entry;
  showNext();
}

function showEntry(entry) {
  const isSame = entry.id === state.shown?.id; // with another text, or a note
  panels.close();
  if (!isSame) clearInputs();
  card.show(entry);
  if (!isSame) {
    at("comment").focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

// What was begun for one comment is not for the next.
function clearInputs() {
  setLabels({});
  for (const panel of ["note", "escalate"]) at(`${panel}-text`).value = "";
}

// Shows the training labels that go with the decision.
export function setLabels(labels) {
  state.labels = labels;
  markButtons(panels.choices("labels"), labels);
  const lines = phrases.trainingLabels(labels);
  at("draft").textContent = lines.length ? t("desk.draft", { labels: lines.join(t("page.between")) }) : "";
  at("draft").hidden = !lines.length;
}

export function showUndo() {
  const { undoable, outbox } = state;
  const seconds = undoable ? Math.ceil((undoable.until - Date.now()) / SECOND_MS) : 0;
  if (seconds <= 0) state.undoable = null;
  at("undo").hidden = !state.undoable && !outbox.items.length;
  at("seconds").textContent = state.undoable ? t("page.seconds", { count: seconds }) : "";
}

export function showCounts({ pending, overdue, is_partial: isPartial }) {
  state.counts = { pending, overdue, is_partial: isPartial };
  const number = wording.counted(pending, isPartial);
  const late = overdue ? t("desk.late", { number: wording.counted(overdue, isPartial) }) : "";
  if (!state.view) showCount("pending", pending, isPartial);
  at("elsewhere").textContent = t("desk.elsewhere", { number });
  at("elsewhere").hidden = !pending;
  at("counts").replaceChildren(t("desk.waiting", { number }), " ", el("span.late", {}, late));
}

// Appeals against one's own rejections, which another person decides.
export function showKeptAppeals({ count, alone: isAlone }) {
  const sentences = count ? [t("desk.kept", { count })] : [];
  if (count && isAlone) sentences.push(t("desk.kept_alone"));
  at("kept").textContent = sentences.join(" ");
  at("kept").hidden = !count;
}

// How many decisions active learning has brought today, where one works in its order.
export function showTaught(count) {
  at("taught").textContent = t("desk.taught", { count });
  at("taught").hidden = state.view !== TEACH;
}

// -- what went wrong -----------------------------------------------------------------

export const refusedMessage = (name, error) => t("desk.refused", { name, message: refusal(error) });

// Shows why a decision was refused, and what has changed since the comment was shown.
export function showRefusal(name, error, before) {
  const { current, newest } = error;
  const decider = current?.status === "pending" ? null : (current?.decided_by ?? newest?.decided_by);
  const isOvertaken = decider && decider !== state.login;
  const message = isOvertaken ? t("desk.overtaken", { name, who: decider }) : refusedMessage(name, error);
  warn(message, { details: current && before ? changesSince(before, current) : [] });
}

// Shows what is lost: "network", "service", or null for nothing.
export function showConnection(lost) {
  const count = state.outbox.items.length;
  if (lost === "service") warn(t("desk.trouble"));
  else if (lost) warn(count ? t("desk.offline_with", { count }) : t("desk.offline"));
  else if (state.isOffline) warn("");
  state.isOffline = Boolean(lost);
  showLive(!lost);
  at("desk").classList.toggle("is-offline", state.isOffline);
}

export const showLost = (error) => showConnection(error instanceof Unavailable ? "service" : "network");

