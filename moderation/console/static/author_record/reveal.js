// The author's email address: shown to leads for a typed reason.

import { el, icon } from "../shared/dom.js";
import { openReveal } from "../shared/reveal.js";
import { t } from "../shared/texts.js";

// The button, for those who may press it; what is revealed takes its place.
export function revealOf({ id, you_may: youMay }) {
  if (!youMay.reveal_email) return null;
  const button = el("button.compact", { type: "button", "aria-haspopup": "dialog" }, icon("blind"), t("author_record.reveal.button"));
  const place = el("div", { id: "revealed", "aria-live": "polite" }, button);
  const valuesOf = ({ emails }) => emails;
  const path = `/authors/${id}/email-reveal`;
  button.addEventListener("click", () => openReveal({ path, valuesOf, place, needsCode: youMay.reveal_needs_code }));
  return place;
}
