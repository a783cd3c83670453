// The form with the filters of the queue.

import { at } from "../shared/dom.js";

const NUMBERS = ["min_score", "max_score", "rule", "campaign"];

export const form = at("filters");

// Returns the fields that are filled in, as they stand in the form.
export function filledIn() {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
}

// Returns the order and the filters as a saved view has them.
export function toFilters() {
  const { order, ...filters } = filledIn();
  for (const name of NUMBERS) if (filters[name]) filters[name] = Number(filters[name]);
  if (filters.first_time) filters.first_time = filters.first_time === "true";
  return { order, filters };
}

export function fillIn(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = String(value);
  }
  const foldedFields = [...at("more").querySelectorAll("input, select")];
  at("more").open = foldedFields.some((field) => field.value);
  requireLabel();
}

// Scores are a label's: an order or a range by them needs a label.
function requireLabel() {
  const { label, order, min_score: minScore, max_score: maxScore } = form.elements;
  label.required = order.value === "score" || Boolean(minScore.value || maxScore.value);
  if (label.required && !label.value) at("more").open = true;
}

form.addEventListener("change", requireLabel);
form.addEventListener("submit", () => {
  // What is empty has no place in the address.
  for (const field of form.elements) if (field.name && !field.value.trim()) field.disabled = true;
});
addEventListener("pageshow", () => {
  for (const field of form.elements) field.disabled = false;
});
