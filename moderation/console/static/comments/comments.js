// Comments of every status: found, read, and decided, one or many.

import { at } from "../shared/dom.js";
import { followAddress, go, readAddress, addressOf } from "./address.js";
import { count, showTabs } from "./counts.js";
import { showExporting } from "./exporting.js";
import { showFilters } from "./filters.js";
import "./keyboard.js";
import { loadList } from "./list.js";
import { expandView, loadViews, showViews } from "./saved_views.js";
import { state } from "./state.js";

function show(query) {
  Object.assign(state, { query, counts: {}, asOf: null, currentId: null });
  showTabs();
  showFilters();
  showViews();
  showExporting();
  return Promise.all([loadList(), count()]);
}

document.querySelector(".tabs").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(readAddress(link.search));
});
followAddress(show);

const asked = new URLSearchParams(location.search).get("view");
const views = loadViews();
if (asked) {
  await views;
  await expandView(asked);
}
history.replaceState(null, "", addressOf(readAddress()));
await show(readAddress());
at("rows").setAttribute("aria-busy", "false");
