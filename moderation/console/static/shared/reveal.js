// Names and addresses: shown to leads for a typed reason, and gone with the page.

import { call } from "./api.js";
import { asking } from "./asking.js";
import { at, el } from "./dom.js";
import { t } from "./texts.js";

// Shows values in the place of the button that revealed them.
function show(place, values) {
  const items = values.map((value) => el("li", { dir: "auto" }, value));
  place.replaceChildren(el("p.small", {}, t("reveal.shown")), el("ul.emails", {}, ...items));
}

async function reveal({ path, valuesOf, place }, { elements }) {
  const body = { reason: elements.reason.value.trim(), code: elements.code.value.trim() || null };
  const values = valuesOf(await call("POST", path, body));
  return () => show(place, values);
}

const open = at("reveal") && asking("reveal", reveal, {
  onOpen({ needsCode }, { elements }) {
    at("reveal-code-field").hidden = !needsCode;
    elements.code.required = needsCode;
  },
});

// Asks for the reason; then `place` shows what `valuesOf` takes from the answer of `path`.
export const openReveal = (subject) => open(subject);
