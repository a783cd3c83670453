// The fields of a rule's conditions: shown, and read again.

import { el } from "../shared/dom.js";
import { t } from "../shared/texts.js";

// What a condition of each kind is made of.
const FIELDS = {
  words: ["entries"],
  pattern: ["entries"],
  domain: ["entries"],
  language: ["entries"],
  author: ["ids", "names", "emails"],
  links: ["least", "most"],
  length: ["least", "most"],
  first_comment: [],
};
const NUMBERS = new Set(["least", "most"]);
let made = 0;

function field(name, value) {
  const id = `field-${(made += 1)}`;
  const label = el("label", { for: id }, t(`rules.fields.${name}`));
  if (NUMBERS.has(name)) {
    const input = el("input", { id, "data-name": name, type: "number", min: 0, max: 1_000_000 });
    input.value = value ?? "";
    return el("p.field", {}, label, input);
  }
  const lines = value ?? [];
  const rows = Math.min(12, Math.max(3, lines.length + 1));
  const area = el("textarea", { id, "data-name": name, rows, spellcheck: "false", dir: "auto" });
  area.value = lines.join("\n");
  return el("p.field", {}, label, area);
}

// Makes the fields of a condition; `known` is what the API has answered of it.
export function fieldsOf(kind, known = {}) {
  const box = el("fieldset.condition", { "data-kind": kind });
  const remove = el("button.plain", { type: "button" }, t("rules.remove_condition"));
  box.append(el("legend", {}, t(`rules.kinds.${kind}`)));
  if (!FIELDS[kind].length) box.append(el("p.small", {}, t("rules.first_help")));
  box.append(...FIELDS[kind].map((name) => field(name, known[name])));
  const kept = known.email_indexes ?? [];
  if (kept.length) {
    const forget = el("button.plain", { type: "button" }, t("rules.forget"));
    const told = el("p.row.small", {}, t("rules.kept", { count: kept.length }), forget);
    box.dataset.kept = kept.join(" ");
    forget.addEventListener("click", () => {
      delete box.dataset.kept;
      told.remove();
    });
    box.append(told);
  }
  remove.addEventListener("click", () => box.remove());
  box.append(remove);
  return box;
}

function read(box) {
  const condition = { kind: box.dataset.kind };
  for (const input of box.querySelectorAll("[data-name]")) {
    const { name } = input.dataset;
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
