// Texts to copy: addresses, lines of code, and secrets that are shown once.

import { openDialog } from "./dialogs.js";
import { at, el } from "./dom.js";
import { t } from "./texts.js";
import { say } from "./toast.js";

// Browsers have a clipboard on https and on this machine alone: else it is selected.
async function copy(code) {
  getSelection().selectAllChildren(code);
  if (!navigator.clipboard) return say(t("setting.copy_by_key"));
  await navigator.clipboard.writeText(code.textContent);
  return say(t("setting.copied"));
}

// Makes a text with its name and a button that copies it.
export function copyable(name, text) {
  const code = el("code", { dir: "ltr", tabindex: 0, role: "textbox", "aria-readonly": "true", "aria-label": name }, text);
  const button = el("button.compact", { type: "button", "aria-label": t("setting.copy_what", { name }) }, t("setting.copy"));
  button.addEventListener("click", () => copy(code));
  return el("div.copyable", {}, el("span.label", {}, name), code, button);
}

// Shows what can't be shown again: `rows` are names and texts. It is gone with the dialog.
export function showOnce({ title, help, rows }) {
  at("once-title").textContent = title;
  at("once-help").textContent = help;
  at("once-rows").replaceChildren(...rows.map(([name, text]) => copyable(name, text)));
  openDialog("once");
  at("once-rows").querySelector("button").focus();
}

at("once")?.addEventListener("close", () => at("once-rows").replaceChildren());
