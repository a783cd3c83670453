// The author's email address: shown to leads for a typed reason, and gone with the page.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { openDialog } from "../shared/dialogs.js";
import { at, el, icon } from "../shared/dom.js";
import { complaint, refusal, t } from "../shared/texts.js";

let author = null;

// The button, for those who may press it; what is revealed takes its place.
export function revealOf(shown) {
  author = shown;
  if (!shown.you_may.reveal_email) return null;
  const button = el("button.compact", { type: "button", "aria-haspopup": "dialog" }, icon("blind"), t("author_record.reveal.button"));
  button.addEventListener("click", open);
  return el("div", { id: "revealed", "aria-live": "polite" }, button);
}

function open() {
  at("reveal-form").reset();
  at("reveal-problem").hidden = true;
  at("reveal-code-field").hidden = !author.you_may.reveal_needs_code;
  at("reveal-code").required = author.you_may.reveal_needs_code;
  openDialog("reveal");
}

function show(emails) {
  const items = emails.map((email) => el("li", { dir: "ltr" }, email));
  at("revealed").replaceChildren(el("p.small", {}, t("author_record.reveal.shown")), el("ul.emails", {}, ...items));
}

async function reveal(event) {
  event.preventDefault();
  at("reveal-send").disabled = true;
  const body = { reason: at("reveal-reason").value, code: at("reveal-code").value.trim() || null };
  try {
    const { emails } = await call("POST", `/authors/${author.id}/email-reveal`, body);
    at("reveal").close();
    show(emails);
  } catch (error) {
    leaveIfLoggedOut(error);
    const complaints = error instanceof Refused ? Object.values(error.fields).flat(2).map(complaint) : [];
    const message = error instanceof Refused ? refusal(error) : t("page.unreachable");
    at("reveal-problem").textContent = [message, ...complaints].join(" ");
    at("reveal-problem").hidden = false;
  } finally {
    at("reveal-send").disabled = false;
  }
}

at("reveal-form").addEventListener("submit", reveal);
