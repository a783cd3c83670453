// What a moderator decides about the shown comment, sent behind the next one.

import { leaveIfLoggedOut } from "../shared/api.js";
import { say, warn } from "../shared/banner.js";
import { t } from "../shared/texts.js";
import * as wording from "../shared/wording.js";
import { Outbox } from "./outbox.js";
import { countSoon, fill, fillIfLow } from "./reservations.js";
import { render, showConnection, showCounts, showRefusal, showUndo } from "./screen.js";
import { state, UNDO_MS } from "./state.js";

state.outbox = new Outbox(state.login, {
  onSent({ id, version, verdict, name }) {
    const { counts, outbox, reserved } = state;
    state.unsent.delete(id);
    state.undoable = { id, version, verdict, name, until: Date.now() + UNDO_MS };
    showUndo();
    if (counts.pending > 0) showCounts({ ...counts, pending: counts.pending - 1 });
    if (!outbox.items.length || !reserved.length) countSoon();
  },
  onRefused({ id, name }, error) {
    const before = state.unsent.get(id);
    state.decidedVersions.delete(id);
    state.unsent.delete(id);
    showRefusal(name, error, before);
    fill();
  },
  onConnection: showConnection,
});

export function decide(verdict, reasons = []) {
  const entry = state.reserved.shift();
  if (!entry) return;
  const { id, version, author_name: name } = entry;
  const item = { id, version, verdict, reasons, labels: state.labels, name };
  state.decidedVersions.set(id, version);
  state.unsent.set(id, entry);
  say(wording.done(verdict, name));
  warn("");
  render();
  state.undoable = null;
  state.outbox.add(item).then(showUndo, leaveIfLoggedOut);
  showUndo();
  fillIfLow();
}

export function skip() {
  if (state.reserved.length < 2) return;
  const [entry, ...others] = state.reserved;
  state.reserved = [...others, entry];
  say(t("desk.skipped", { name: entry.author_name }));
  render();
}
