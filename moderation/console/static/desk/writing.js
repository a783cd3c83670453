// What a moderator writes: a note for colleagues, a question for the leads.

import { call } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { showNotes } from "./around.js";
import * as panels from "./panels.js";
import { fillIfLow } from "./reservations.js";
import { render } from "./screen.js";
import { state } from "./state.js";

export function openWriting(panel) {
  if (!state.reserved.length) return;
  panels.open(panel);
  at(`${panel}-problem`).hidden = true;
  at(`${panel}-text`).focus();
}

// Throws away what was written in a panel; returns what that was called, if it was any.
export function discardWriting(panel) {
  const field = at(`${panel}-text`);
  const isWritten = field.value.trim() !== "";
  field.value = "";
  return isWritten ? t(`desk.written.${panel}`) : "";
}

export function sendNote() {
  const text = at("note-text").value.trim();
  const [entry] = state.reserved;
  if (!text || !entry) return;
  panels.attempt("note", async () => {
    const note = await call("POST", `/comments/${entry.id}/notes`, { text });
    entry.notes = [...(entry.notes ?? []), note];
    at("note-text").value = "";
    if (state.shown === entry) showNotes(entry);
    panels.close();
    at("comment").focus({ preventScroll: true }); // no button: a space would press it
    say(t("desk.noted", { name: entry.author_name }));
  });
}

export function sendEscalation() {
  const [entry] = state.reserved;
  if (!entry) return;
  panels.attempt("escalate", async () => {
    const note = at("escalate-text").value.trim() || null;
    const body = { version: entry.version, note };
    const { version } = await call("POST", `/comments/${entry.id}/escalation`, body);
    at("escalate-text").value = "";
    state.decidedVersions.set(entry.id, version);
    state.reserved = state.reserved.filter((other) => other !== entry);
    say(t("desk.escalated_done", { name: entry.author_name }));
    render();
    fillIfLow();
  });
}

at("note-send").addEventListener("click", sendNote);
at("escalate-send").addEventListener("click", sendEscalation);
