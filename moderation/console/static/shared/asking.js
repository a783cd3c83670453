// Dialogs that ask first: their action runs when their button is pressed, and they
// show errors. See `shared/asking.html`.

import { messageOf } from "./actions.js";
import { leaveIfLoggedOut } from "./api.js";
import { openDialog } from "./dialogs.js";
import { at } from "./dom.js";

// Sets a dialog with a form up. Returns the function that opens it; what it is given is
// what `act` gets. The dialog closes when `act` has ended well.
export function asking(id, act, { onOpen = () => {} } = {}) {
  let subject = null;
  const form = at(`${id}-form`);
  const yes = at(`${id}-yes`);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    yes.disabled = true;
    at(`${id}-problem`).hidden = true;
    try {
      const after = await act(subject, form);
      at(id).close();
      after?.();
    } catch (error) {
      leaveIfLoggedOut(error);
      at(`${id}-problem`).textContent = messageOf(error);
      at(`${id}-problem`).hidden = false;
    }
    yes.disabled = false;
  });
  return (about) => {
    subject = about;
    form.reset();
    at(`${id}-problem`).hidden = true;
    onOpen(subject, form);
    openDialog(id);
  };
}

const confirming = () => asking("sure", ({ act }) => act(), { onOpen: showQuestion });
let openQuestion = null;

function showQuestion({ title, text, yes, isRisky }) {
  at("sure-title").textContent = title;
  at("sure-text").textContent = text;
  at("sure-yes").textContent = yes;
  at("sure-yes").className = isRisky ? "bad" : "primary";
}

// Asks whether something is to be done: `title` and `yes` say what, `text` what follows.
export function askFirst(question) {
  openQuestion ??= confirming();
  openQuestion(question);
  at("sure-yes").focus();
}
