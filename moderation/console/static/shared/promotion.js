// Promotes a model; where its gate refused it, with a reason in writing.

import { button } from "./actions.js";
import { call } from "./api.js";
import { at, el } from "./dom.js";
import { modelPath } from "./site.js";
import { t } from "./texts.js";

// Makes the elements that promote a model; `onPromoted()` is called afterwards.
export function promotionOf(version, isRefused, onPromoted) {
  const id = `reason-${version}`;
  const promote = button("button.good", t("model.promote"), async () => {
    const body = isRefused ? { despite_gate: at(id).value || null } : {};
    await call("POST", `${modelPath(version)}/promotion`, body);
    await onPromoted();
  });
  if (!isRefused) return [promote];
  const reason = el("input", { id, maxlength: 1000, dir: "auto" });
  return [el("p.field.whole", {}, el("label", { for: id }, t("model.reason")), reason), promote];
}
