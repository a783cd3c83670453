// The whole thread around the comment: what it replies to, and what replies to it.

import { at, el } from "../shared/dom.js";
import { longText } from "../shared/long_text.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";

const MAX_DEPTH = 5; // that is drawn; deeper ones stand where that stands
const KINDS = { pending: "chip.warn", approved: "chip.good", rejected: "chip.bad" };

const depthOf = (comment) => `depth-${Math.min(comment.depth, MAX_DEPTH)}`;

function postOf(comment) {
  const { id, author_name: name, status, is_erased: isErased, received_at: receivedAt } = comment;
  const link = el("a", { href: `/console/comments/${id}` }, when(receivedAt));
  const head = el(
    "div.post-head",
    {},
    el("b", { dir: "auto" }, isErased ? t("comment.erased_author") : name),
    link,
    el(`span.${KINDS[status]}`, {}, t(`status.${status}`)),
  );
  const text = el("p.text.post-text", { dir: "auto" });
  const item = el(`li.post.${status}.${depthOf(comment)}${isErased ? ".is-erased" : ""}`, {}, head, text);
  longText(text, isErased ? t("comment.erased") : comment.body);
  return item;
}

function showOmitted(place, count) {
  at(`omitted-${place}`).hidden = !count;
  if (count) at(`omitted-${place}`).textContent = t(`comment.omitted.${place}`, { count });
}

// Shows the thread; the comment of the page stays the element it is.
export function showThread(id, { comments, omitted_before: before, omitted_after: after }) {
  const here = at("here");
  const items = comments.map((comment) => {
    if (comment.id !== id) return postOf(comment);
    here.className = `post-here ${depthOf(comment)}`;
    return here;
  });
  at("posts").replaceChildren(...items);
  showOmitted("before", before);
  showOmitted("after", after);
}
