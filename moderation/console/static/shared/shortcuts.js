// The keys of every page: G and a letter, /, ?, U, and Ctrl or Cmd K.

import { openDialog } from "./dialogs.js";
import { at } from "./dom.js";
import { hasSingleKeys, isFree, keyOf, switchSingleKeys } from "./keys.js";
import { openPalette } from "./palette.js";
import { undoShown } from "./toast.js";

const GO_MS = 1500; // between G and its letter

let goUntil = 0;

function go(event) {
  const link = document.querySelector(`[data-go="${CSS.escape(keyOf(event))}"]`);
  goUntil = 0;
  if (!link) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // the letter has a meaning of its own on the page
  location.assign(link.href);
}

// The search of this page; where there is none, the palette.
function search() {
  const field = document.querySelector("[data-search]");
  if (field) field.focus();
  else openPalette();
}

const ACTIONS = {
  "/": search,
  "?": () => openDialog("keys"),
  u: undoShown,
};

function onKey(event) {
  const key = keyOf(event);
  if ((event.ctrlKey || event.metaKey) && key === "k" && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (!isFree(event)) return;
  if (Date.now() < goUntil) go(event);
  else if (key === "g") goUntil = Date.now() + GO_MS;
  else if (ACTIONS[key] && ACTIONS[key]() !== false) event.preventDefault();
}

// First of all, as a letter after G means nothing to the page.
addEventListener("keydown", onKey, { capture: true });
for (const opener of document.querySelectorAll("[data-keys]")) {
  opener.addEventListener("click", () => openDialog("keys"));
}
for (const opener of document.querySelectorAll("[data-palette]")) {
  opener.addEventListener("click", openPalette);
}
at("single-keys").checked = hasSingleKeys();
at("single-keys").addEventListener("change", ({ target }) => switchSingleKeys(target.checked));
