// Asks which law an illegal comment breaks, for its statement of reasons.

import { asking } from "../shared/asking.js";
import { at } from "../shared/dom.js";

let answer = null; // resolves the question that is open

function finish(basis) {
  answer?.(basis);
  answer = null;
}

const open = asking("basis", async (_, { elements }) => {
  const basis = {
    legal_ground: elements.law.value.trim(),
    explanation: elements.explanation.value.trim(),
    is_manifest: elements.manifest.checked,
  };
  return () => finish(basis);
});

// Returns a promise of the legal basis; null where it was closed.
export function askBasis() {
  open(null);
  return new Promise((resolve) => {
    answer = resolve;
  });
}

// The event comes later than what a dialog that was sent does after it.
at("basis").addEventListener("close", () => finish(null));
