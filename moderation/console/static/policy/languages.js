// The languages in which scores decide: the model's own, and those that the site adds.

import { at, el } from "../shared/dom.js";
import { languageName } from "../shared/texts.js";
import { edit, state } from "./draft.js";

const split = (codes) => codes.split(" ").filter(Boolean);
const decided = split(at("languages").dataset.decided);
const readable = split(at("languages").dataset.readable);

function change({ target }) {
  const others = state.draft.languages.filter((code) => code !== target.value);
  edit("languages", target.checked ? [...others, target.value].sort() : others);
}

function option(code) {
  const box = el("input", { type: "checkbox", value: code, id: `language-${code}` });
  box.disabled = decided.includes(code);
  box.checked = box.disabled || state.draft.languages.includes(code);
  box.addEventListener("change", change);
  return el("label", { class: "tick", for: box.id }, box, " ", languageName(code));
}

// Shows one box for each language. One that the model can't read stays, to be removed.
export function showLanguages() {
  const codes = new Set([...decided, ...readable, ...state.draft.languages]);
  at("languages").replaceChildren(...[...codes].map(option));
}
