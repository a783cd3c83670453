// A moderator's actions on the shown comment, other than decisions: escalates
// it, writes a note, sets training labels, opens its article or its author.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { openAuthorOf } from "./author_drawer.js";
import { openDialog } from "./dialogs.js";
import { at } from "./dom.js";
import { refusal, t } from "./texts.js";
import { say } from "./toast.js";
import { markButtons, toggled } from "./training_labels.js";

const state = {
  entry: null, // the comment that a dialog is about
  labels: {},
  onChange: () => {},
};

// Tells what these actions change: `onChange(entry)` is called after a note, an
// escalation, or labels.
export function onCommentChange(handler) {
  state.onChange = handler;
}

function open(dialog, entry) {
  state.entry = entry;
  at(`${dialog}-problem`).hidden = true;
  at(`${dialog}-name`).textContent = entry.author_name;
  openDialog(dialog);
}

export function openNote(entry) {
  at("note-text").value = "";
  open("note", entry);
}

export function openEscalation(entry) {
  at("escalate-text").value = "";
  open("escalate", entry);
}

export function openLabels(entry) {
  setLabels({});
  open("labels", entry);
  labelButtons()[0].focus();
}

export function openArticle(entry) {
  if (/^https?:\/\//.test(entry.article)) window.open(entry.article, "_blank", "noopener,noreferrer");
}

export const openAuthor = (entry) => openAuthorOf(entry);

const labelButtons = () => [...at("labels").querySelectorAll(".choices button")];

function setLabels(labels) {
  state.labels = labels;
  markButtons(labelButtons(), labels);
  at("labels-send").disabled = !Object.keys(labels).length;
}

// Does something to the comment; the dialog shows errors.
async function attempt(dialog, action, message) {
  const { entry } = state;
  const buttons = at(dialog).querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    await action(entry);
    at(dialog).close();
    say(message(entry));
    state.onChange(entry);
  } catch (error) {
    leaveIfLoggedOut(error);
    at(`${dialog}-problem`).textContent = error instanceof Refused ? refusal(error) : t("page.unreachable");
    at(`${dialog}-problem`).hidden = false;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function sendNote() {
  const text = at("note-text").value.trim();
  if (!text) return at("note-text").focus();
  return attempt(
    "note",
    ({ id }) => call("POST", `/comments/${id}/notes`, { text }),
    ({ author_name: name }) => t("act.noted", { name }),
  );
}

function sendEscalation() {
  const note = at("escalate-text").value.trim() || null;
  attempt(
    "escalate",
    ({ id, version }) => call("POST", `/comments/${id}/escalation`, { version, note }),
    ({ author_name: name }) => t("act.escalated", { name }),
  );
}

function sendLabels() {
  const { labels } = state;
  attempt(
    "labels",
    ({ id, version }) => call("POST", `/comments/${id}/labels`, { version, labels }),
    ({ author_name: name }) => t("page.labels_sent", { name }),
  );
}

// Enter sends, Shift Enter is a new line.
function sendWithEnter(event, send) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
}

at("note-send").addEventListener("click", sendNote);
at("escalate-send").addEventListener("click", sendEscalation);
at("labels-send").addEventListener("click", sendLabels);
at("note-text").addEventListener("keydown", (event) => sendWithEnter(event, sendNote));
at("escalate-text").addEventListener("keydown", (event) => sendWithEnter(event, sendEscalation));
for (const button of labelButtons()) {
  button.addEventListener("click", () => setLabels(toggled(state.labels, button.dataset.code)));
}
