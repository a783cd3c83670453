// The sender of a notice: misuse on record, and name and address for a reason. For leads.

import { attempt } from "../shared/actions.js";
import { openDialog } from "../shared/dialogs.js";
import { at, el } from "../shared/dom.js";
import { loadMisuse } from "../shared/misuse.js";
import { openReveal } from "../shared/reveal.js";
import { t } from "../shared/texts.js";

const needsCode = at("notices").dataset.needsCode === "yes";

function revealButton({ notice }) {
  const button = el("button.compact", { type: "button", "aria-haspopup": "dialog" }, t("notices.reveal"));
  const valuesOf = ({ name, email }) => [name, email].filter(Boolean);
  const subject = { path: `/notices/${notice}/sender/reveal`, valuesOf, place: at("sender-revealed"), needsCode };
  button.addEventListener("click", () => openReveal(subject));
  return button;
}

// Opens the dialog; `reload` reads the list of notices again after a measure.
export async function openSender(shown, reload) {
  const path = `/notices/${shown.notice}/sender/misuse`;
  const onChange = () => Promise.all([loadMisuse(path, { subject: "notifier", onChange }), reload()]);
  at("sender-revealed").replaceChildren(...(shown.has_sender ? [revealButton(shown)] : []));
  at("sender-none").hidden = shown.has_sender;
  at("sender-misuse").hidden = !shown.sender;
  if (shown.sender) await attempt(() => loadMisuse(path, { subject: "notifier", onChange }));
  openDialog("sender");
}
