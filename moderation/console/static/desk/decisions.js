// What a moderator decides about the shown comment, sent behind the next one.

import { leaveIfLoggedOut } from "../shared/api.js";
import { warn } from "../shared/banner.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import * as wording from "../shared/wording.js";
import { showDecided } from "./beside.js";
import { Outbox } from "./outbox.js";
import { countSoon, fill, fillIfLow } from "./reservations.js";
import { render, showConnection, showCounts, showRefusal, showUndo } from "./screen.js";
import { state, UNDO_MS } from "./state.js";
import { undoOne } from "./undo.js";

state.outbox = new Outbox(state.login, {
  onSent({ id, version, verdict, name }) {
    const { counts, outbox, reserved } = state;
    const now = Date.now();
    state.unsent.delete(id);
    state.undoable = { id, version, verdict, name, at: now, until: now + UNDO_MS };
    state.decided.unshift(state.undoable);
    showDecided(undoOne);
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

export function decide(verdict, reasons = [], basis = null) {
  const entry = state.reserved.shift();
  if (!entry) return;
  const { id, version, author_name: name } = entry;
  const item = { id, version, verdict, reasons, basis, labels: state.labels, name };
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
