// All that the desk keeps in memory, in one object.

import { at } from "../shared/dom.js";

const MINUTE_MS = 60_000;

const { login, undoSeconds, claimMinutes } = at("desk").dataset;

export const UNDO_MS = undoSeconds * 1000;
export const CLAIM_MS = claimMinutes * MINUTE_MS;

// The address names a saved view, or filters and an order.
const asked = new URLSearchParams(location.search);
const filters = asked.get("view") || !asked.size ? null : Object.fromEntries(asked);

export const state = {
  login,
  reserved: [], // comments still to decide; the first one is shown
  shown: null, // the comment on the screen
  labels: {}, // training labels of the shown comment
  decidedVersions: new Map(), // id → version that was decided
  unsent: new Map(), // id → comment as it was decided, until the server has it
  decided: [], // the newest decisions of this page, newest first
  undoable: null, // the newest decision, or batch, that can be undone, and until when
  campaign: null, // the campaign in the panel: its id, version, and when it was read
  campaignsUnderWay: new Set(), // ids of those that a worker decides
  typedUntil: 0, // who has just written something may still be typing
  counts: { pending: 0, overdue: 0 }, // of the part of the queue, as last read
  view: asked.get("view") ?? (filters && "filtered"), // null: the whole queue
  filters, // of the queue, as its page hands them over; null for none
  isOffline: false,
  outbox: null, // decisions on their way to the server
};
