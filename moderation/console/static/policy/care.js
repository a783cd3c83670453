// How soon moderators decide comments that call for care, and what they should do.

import { at } from "../shared/dom.js";
import { edit, state } from "./draft.js";

export function showCare() {
  const { minutes, text } = state.draft.care;
  at("care-minutes").value = minutes;
  at("care-text").value = text ?? "";
}

const change = (fields) => edit("care", { ...state.draft.care, ...fields });

at("care-minutes").addEventListener("change", ({ target }) => {
  if (target.validity.valid) change({ minutes: Number(target.value) });
  showCare(); // back to the last one that was in range
});
at("care-text").addEventListener("input", ({ target }) => change({ text: target.value.trim() || null }));
