// Undoes the newest decision, or the newest one about a campaign.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { warn } from "../shared/banner.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { showDecided } from "./beside.js";
import { followBatch } from "./campaign.js";
import { refill } from "./reservations.js";
import { refusedMessage, render, showLost, showUndo } from "./screen.js";
import { state } from "./state.js";

export async function undo() {
  if (state.undoable?.batch) {
    await undoBatch();
    return;
  }
  const unsentItem = state.outbox.items.at(-1);
  if (unsentItem && state.outbox.withdraw(unsentItem.id)) {
    await bringBack(unsentItem);
    return;
  }
  await state.outbox.flush();
  if (state.undoable) await undoOne(state.undoable);
}

// Undoes one of the newest decisions.
export async function undoOne(undoable) {
  if (state.undoable?.id === undoable.id) state.undoable = null;
  try {
    await call("POST", `/comments/${undoable.id}/undo`, { version: undoable.version });
    state.decided = state.decided.filter(({ id }) => id !== undoable.id);
    await bringBack(undoable);
    showDecided(undoOne);
  } catch (error) {
    showFailure(error, undoable);
  }
}

async function undoBatch() {
  const { undoable } = state;
  state.undoable = null;
  try {
    const batch = await call("POST", `/batches/${undoable.batch}/undo`);
    state.campaignsUnderWay.delete(undoable.campaign);
    say(t("desk.undone", { name: undoable.name }));
    await followBatch(batch);
  } catch (error) {
    showFailure(error, undoable);
  }
}

function showFailure(error, undoable) {
  leaveIfLoggedOut(error);
  if (error instanceof Refused) warn(refusedMessage(undoable.name, error));
  else {
    state.undoable = undoable;
    showLost(error);
  }
  showUndo();
}

async function bringBack({ id, name }) {
  state.decidedVersions.delete(id);
  state.unsent.delete(id);
  await refill(); // what was asked for before the undo lacks the comment
  const index = state.reserved.findIndex((entry) => entry.id === id);
  if (index > 0) state.reserved.unshift(...state.reserved.splice(index, 1));
  render();
  say(t("desk.undone", { name }));
}
