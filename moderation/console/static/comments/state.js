// All that the page keeps in memory, in one object.

import { readAddress } from "./address.js";

export const state = {
  query: readAddress(),
  login: document.querySelector("main").dataset.login,
  rows: [], // comments of the list, in its order
  items: new Map(), // id → element of its row
  next: null, // cursor of the page that follows
  currentId: null, // the comment in the pane
  selected: new Set(), // ids
  anchorId: null, // where a range of the selection begins
  everything: null, // {as_of, count}: all that match are selected, but for `excluded`
  excluded: new Set(), // ids, left out of everything
  gone: new Set(), // ids of rows that a colleague has decided meanwhile
  decided: new Set(), // ids of those that were taken out of the list here
  counts: {}, // tab → {number, is_exact}
  asOf: null, // when the counts were read
  isLoading: null, // the request that is under way
  request: 0, // an older answer comes too late
};

export const rowOf = (id) => state.rows.find((row) => row.id === id) ?? null;

export const current = () => rowOf(state.currentId);

export const isReserved = (row) => Boolean(row.claimed_by) && row.claimed_by !== state.login;

// Whether something can be decided about a row here.
export const isFree = (row) => !isReserved(row) && !state.gone.has(row.id);

export const isSelected = (id) => (state.everything ? !state.excluded.has(id) && isFree(rowOf(id)) : state.selected.has(id));
