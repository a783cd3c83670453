// Letters of a text that are not what they look like: invisible ones, ones that turn
// the direction, and letters of another script inside a Latin word.

import { el } from "../shared/dom.js";

// Not the joiners and marks that Arabic, Persian or emoji need.
const HIDDEN = /[\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|(?<=\p{Script=Latin})[\u200c\u200d](?=\p{Script=Latin})/u;
const WORD = /[\p{L}\p{M}]+/u;
const ODD = new RegExp(`(${HIDDEN.source}|${WORD.source})`, "u");
const LATIN = /\p{Script=Latin}/u;
const LOOK_ALIKE = /([\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Cherokee}\p{Script=Armenian}]+)/u;
const PLAIN = /^[\u0000-\u007f]*$/;

const oddLetters = (text, code) => el("span.odd", code ? { "data-code": code } : {}, text);

const codeOf = (char) => `U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

function markedWord(text) {
  if (!LATIN.test(text) || !LOOK_ALIKE.test(text)) return [text];
  return text
    .split(LOOK_ALIKE)
    .map((part, index) => (index % 2 ? oddLetters(part) : part))
    .filter((part) => part !== "");
}

// Returns strings and marked nodes, to append.
export function markedLetters(text) {
  if (PLAIN.test(text)) return [text];
  return text
    .split(ODD)
    .filter((part) => part !== "")
    .flatMap((part) => (HIDDEN.test(part) ? [oddLetters(part, codeOf(part))] : markedWord(part)));
}
