// Promotes a model; one that the quality gate blocked, only with a reason in writing.

import { button } from "./actions.js";
import { call } from "./api.js";
import { openDialog } from "./dialogs.js";
import { at, el } from "./dom.js";
import { modelPath } from "./site.js";
import { t } from "./texts.js";

async function promote(version, body, onPromoted) {
  await call("POST", `${modelPath(version)}/promotion`, body);
  await onPromoted();
}

// Makes the elements that promote a model; `onPromoted()` is called afterwards.
export function promotionOf(version, isBlocked, onPromoted) {
  if (!isBlocked) return [button("button.primary", t("model.promote"), () => promote(version, {}, onPromoted))];
  const id = `override-${version}`;
  const opener = el("button.link", { type: "button" }, t("model.promote_anyway"));
  opener.addEventListener("click", () => openDialog(id));
  return [opener, overrideDialog(id, version, onPromoted)];
}

function overrideDialog(id, version, onPromoted) {
  const reason = el("input", { id: `${id}-reason`, maxlength: 1000, dir: "auto", autofocus: "" });
  const confirm = button("button.risky", t("model.promote_version", { version }), async () => {
    at(id).close();
    await promote(version, { despite_gate: reason.value || null }, onPromoted);
  });
  return el(
    "dialog",
    { id, "aria-labelledby": `${id}-title` },
    el("div.dialog-head", {}, el("h2", { id: `${id}-title` }, t("model.override", { version }))),
    el(
      "div.dialog-body",
      {},
      el("p", {}, t("model.override_help")),
      el("p.field", {}, el("label", { for: `${id}-reason` }, t("model.reason")), reason),
    ),
    el("div.dialog-foot", {}, el("button", { type: "button", "data-close": "" }, t("dialog.cancel")), confirm),
  );
}
