// Trusted authors, by the id that the site has verified, and the house rules.

import { at, el, icon } from "../shared/dom.js";
import { languageName, t } from "../shared/texts.js";
import { edit, editPart, state } from "./draft.js";

const MAX_SHOWN = 200; // trusted authors: more are counted

function remover(id) {
  const button = el("button.quiet.square.compact", { type: "button" }, icon("cross"));
  button.setAttribute("aria-label", t("policy.untrust", { author: id }));
  button.addEventListener("click", () => {
    const ids = state.draft.trusted_authors;
    const next = ids[ids.indexOf(id) + 1] ?? ids[ids.indexOf(id) - 1];
    edit("trusted_authors", ids.filter((each) => each !== id));
    showTrusted();
    const item = [...at("trusted").children].find(({ dataset }) => dataset.author === next);
    (item?.querySelector("button") ?? at("new-trusted")).focus();
  });
  return button;
}

export function showTrusted() {
  const ids = state.draft.trusted_authors;
  const items = ids
    .slice(0, MAX_SHOWN)
    .map((id) => el("li.chip", { "data-author": id }, el("bdi", {}, id), remover(id)));
  if (ids.length > MAX_SHOWN) items.push(el("li", {}, t("policy.more_trusted", { count: ids.length - MAX_SHOWN })));
  at("trusted").replaceChildren(...items);
  at("trusted").hidden = !ids.length;
  at("trusted-none").hidden = ids.length > 0;
}

at("add-trusted").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = at("new-trusted").value.trim();
  if (!id) return;
  if (!state.draft.trusted_authors.includes(id)) edit("trusted_authors", [id, ...state.draft.trusted_authors]);
  at("new-trusted").value = "";
  showTrusted();
});

const opened = new Set(); // languages that have a field, whether or not a text

function rulesField(language) {
  const id = `rules-${language}`;
  const text = el("textarea", { id, rows: "6", lang: language, dir: "auto" });
  text.value = state.draft.house_rules[language] ?? "";
  text.addEventListener("input", () => editPart("house_rules", language, text.value.trim() || undefined));
  const label = el("label", { for: id }, t("policy.rules_in", { language: languageName(language) }));
  return el("div.field", {}, label, text);
}

export function showRules() {
  for (const language of Object.keys(state.draft.house_rules)) opened.add(language);
  at("house-rules").replaceChildren(...[...opened].sort().map(rulesField));
}

at("add-rules").addEventListener("submit", (event) => {
  event.preventDefault();
  const language = at("new-language").value.trim();
  if (!language) return;
  opened.add(language);
  at("new-language").value = "";
  showRules();
  at(`rules-${language}`).focus();
});
