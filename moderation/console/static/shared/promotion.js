// A model is put in the place of the one that decides; what its gate refused, in writing.

import { call } from "./api.js";
import { at, el } from "./dom.js";
import { button, modelPath } from "./room.js";
import { t } from "./texts.js";

// Answers the elements that promote a model; `done` follows.
export function promotion(version, isRefused, done) {
  const id = `reason-${version}`;
  const promote = button("button.good", t("model.promote"), async () => {
    const body = isRefused ? { despite_gate: at(id).value || null } : {};
    await call("POST", `${modelPath(version)}/promotion`, body);
    await done();
  });
  if (!isRefused) return [promote];
  const reason = el("input", { id, maxlength: 1000, dir: "auto" });
  return [el("p.field.whole", {}, el("label", { for: id }, t("model.reason")), reason), promote];
}
