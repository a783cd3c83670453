// Native dialogs: opened by a button or by a script, closed by Esc, their button, or a
// click outside of them. Browsers return the focus to where it was.

import { at } from "./dom.js";

// Opens a dialog with the focus on its first field, or on the element with `autofocus`.
export function openDialog(id) {
  const dialog = at(id);
  if (dialog.open) return;
  dialog.showModal();
  const field = dialog.querySelector("[autofocus], .dialog-body :is(input, select, textarea)");
  field?.focus();
}

addEventListener("click", ({ target }) => {
  const opener = target.closest?.("[data-dialog]");
  if (opener) openDialog(opener.dataset.dialog);
  if (target.closest?.("[data-close]")) target.closest("dialog").close();
  if (target.nodeName === "DIALOG" && !("stays" in target.dataset)) target.close(); // its backdrop
});
