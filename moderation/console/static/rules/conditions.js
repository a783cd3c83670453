// The fields of a rule's conditions: shown, and read again.

import { el } from "../shared/dom.js";
import { t } from "../shared/texts.js";

// What a condition of each kind is made of.
const FIELDS = {
  words: ["field", "entries"],
  pattern: ["field", "entries"],
  domain: ["entries"],
  language: ["entries"],
  author: ["ids", "names", "emails"],
  links: ["least", "most"],
  length: ["least", "most"],
  first_comment: [],
  rate: ["of", "more_than", "minutes"],
};
const NUMBERS = new Set(["least", "most", "more_than", "minutes"]);
// What can be chosen, the first of them for a new condition.
const CHOICES = { field: ["both", "text", "name"], of: ["author", "network", "article"] };
const MAX_NUMBER = 1_000_000;
const MIN_ROWS = 3;
const MAX_ROWS = 12;
let fieldCount = 0; // for ids

function field(name, value) {
  fieldCount += 1;
  const id = `field-${fieldCount}`;
  const label = el("label", { for: id }, t(`rules.fields.${name}`));
  return el("p.field", {}, label, inputOf(id, name, value));
}

function inputOf(id, name, value) {
  if (name in CHOICES) return choiceInput(id, name, value);
  return NUMBERS.has(name) ? numberInput(id, name, value) : linesInput(id, name, value ?? []);
}

function choiceInput(id, name, value) {
  const options = CHOICES[name].map((choice) =>
    el("option", { value: choice }, t(`rules.choices.${name}.${choice}`)),
  );
  const select = el("select", { id, "data-name": name }, ...options);
  select.value = value ?? CHOICES[name][0];
  return select;
}

function numberInput(id, name, value) {
  const input = el("input", { id, "data-name": name, type: "number", min: 0, max: MAX_NUMBER });
  input.value = value ?? "";
  return input;
}

function linesInput(id, name, lines) {
  const rows = Math.min(MAX_ROWS, Math.max(MIN_ROWS, lines.length + 1));
  const area = el("textarea", { id, "data-name": name, rows, spellcheck: "false", dir: "auto" });
  area.value = lines.join("\n");
  return area;
}

// Email addresses that are kept as indexes alone: they can be forgotten, not shown.
function keptEmails(box, indexes) {
  const forget = el("button.compact", { type: "button" }, t("rules.forget"));
  const line = el("p.row.small", {}, t("rules.kept", { count: indexes.length }), forget);
  box.dataset.kept = indexes.join(" ");
  forget.addEventListener("click", () => {
    delete box.dataset.kept;
    line.remove();
  });
  return line;
}

// Makes the fields of a condition, filled with `values` from the API.
export function fieldsOf(kind, values = {}) {
  const box = el("fieldset.condition", { "data-kind": kind });
  const remove = el("button.compact", { type: "button" }, t("rules.remove_condition"));
  const indexes = values.email_indexes ?? [];
  box.append(el("legend", {}, t(`rules.kinds.${kind}`)));
  if (!FIELDS[kind].length) box.append(el("p.small", {}, t("rules.first_help")));
  box.append(...FIELDS[kind].map((name) => field(name, values[name])));
  if (indexes.length) box.append(keptEmails(box, indexes));
  remove.addEventListener("click", () => box.remove());
  box.append(remove);
  return box;
}

function read(box) {
  const condition = { kind: box.dataset.kind };
  for (const input of box.querySelectorAll("[data-name]")) {
    const { name } = input.dataset;
    if (name in CHOICES) {
      condition[name] = input.value;
      continue;
    }
    if (NUMBERS.has(name)) {
      if (input.value !== "") condition[name] = Number(input.value);
      continue;
    }
    const lines = input.value.split("\n").filter((line) => line.trim());
    if (lines.length) condition[name] = lines;
  }
  if (box.dataset.kept) condition.email_indexes = box.dataset.kept.split(" ");
  return condition;
}

export const readAll = (place) => [...place.querySelectorAll(".condition")].map(read);
