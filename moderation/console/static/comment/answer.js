// Answers an appeal once it is decided: the author reads the reasons on their page.

import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { at } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

async function send({ id, isUpheld }, { elements }) {
  const isPartial = isUpheld && elements.partial.checked;
  const body = { answer: elements.answer.value.trim(), is_partial: isPartial };
  body.is_unfounded = isUpheld && !isPartial && elements.unfounded.checked;
  await call("POST", `/comments/${id}/appeal/answer`, body);
  return () => say(t("comment.answer.done"));
}

// Opens the form. It can be closed: an appeal may be decided without an answer.
export const openAnswer = asking("answer", send, {
  onOpen: ({ isUpheld }) => {
    at("answer-partial").hidden = at("answer-unfounded").hidden = !isUpheld;
  },
});
