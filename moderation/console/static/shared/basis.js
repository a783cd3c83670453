// Asks which law or house rule a comment breaks, for its statement of reasons.

import { asking } from "./asking.js";
import { at } from "./dom.js";
import { isIllegal } from "./grounds.js";
import { t } from "./texts.js";

const TERMS_ONLY = "OTHER_VIOLATION_TC"; // no law is counted there

let answer = null; // resolves the question that is open

function finish(basis) {
  answer?.(basis);
  answer = null;
}

const open = asking(
  "basis",
  async ({ isLaw }, { elements }) => {
    const [category, keyword] = elements.category.value.split(" ");
    const basis = {
      legal_ground: isLaw ? elements.law.value.trim() : null,
      explanation: elements.explanation.value.trim(),
      category: category || null,
      keyword: keyword || null,
      is_manifest: isLaw && elements.manifest.checked,
    };
    return () => finish(basis);
  },
  { onOpen: prepare },
);

function prepare({ isLaw, codes }, { elements }) {
  const ground = isLaw ? "law" : "terms";
  at("basis-title").textContent = t(`basis.title.${ground}`);
  at("basis-explanation-help").textContent = t(`basis.explanation_help.${ground}`);
  at("basis-law-field").hidden = at("basis-manifest-field").hidden = !isLaw;
  elements.law.required = elements.category.required = isLaw;
  at("basis-none").textContent = isLaw ? t("basis.choose") : t("basis.by_reason");
  for (const group of elements.category.querySelectorAll("optgroup")) {
    group.hidden = group.disabled = isLaw && group.dataset.category === TERMS_ONLY;
  }
  const suggestions = JSON.parse(elements.category.dataset.suggested);
  const code = isLaw ? codes.find((one) => one in suggestions) : null;
  elements.category.value = suggestions[code] ?? "";
}

// Returns a promise of the legal basis; null where it was closed. The reasons, then what
// the comment was held for, suggest the category.
export function askBasis(reasons, heldFor = null) {
  open({ isLaw: isIllegal(reasons), codes: [...reasons, heldFor] });
  return new Promise((resolve) => {
    answer = resolve;
  });
}

// The event comes later than what a dialog that was sent does after it.
at("basis").addEventListener("close", () => finish(null));
