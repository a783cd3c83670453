// What changed between two texts, word by word.

import { el } from "./dom.js";

const MAX_WORDS = 1500; // of a text; longer ones are shown as wholly changed
const TAGS = { same: "span", removed: "del", added: "ins" };
const WORDS = /\s+|[^\s]+/gu;

// Returns stretches `{kind: "same" | "removed" | "added", text}`: without the added
// ones they are the old text, without the removed ones the new one.
export function changes(before, after) {
  const old = before.match(WORDS) ?? [];
  const now = after.match(WORDS) ?? [];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start += 1;
  let end = 0;
  const room = Math.min(old.length, now.length) - start;
  while (end < room && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  const middle = compared(old.slice(start, old.length - end), now.slice(start, now.length - end));
  const head = old.slice(0, start).map((text) => ({ kind: "same", text }));
  const tail = old.slice(old.length - end).map((text) => ({ kind: "same", text }));
  return joined([...head, ...middle, ...(end ? tail : [])]);
}

function whole(words, kind) {
  return words.length ? [{ kind, text: words.join("") }] : [];
}

// The longest common subsequence, by the table that every textbook has.
function compared(old, now) {
  if (Math.max(old.length, now.length) > MAX_WORDS) {
    return [...whole(old, "removed"), ...whole(now, "added")];
  }
  const width = now.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = now.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        old[row] === now[column]
          ? common[(row + 1) * width + column + 1] + 1
          : Math.max(common[(row + 1) * width + column], common[row * width + column + 1]);
    }
  }
  const stretches = [];
  let row = 0;
  let column = 0;
  while (row < old.length && column < now.length) {
    if (old[row] === now[column]) {
      stretches.push({ kind: "same", text: old[row] });
      row += 1;
      column += 1;
    } else if (common[(row + 1) * width + column] >= common[row * width + column + 1]) {
      stretches.push({ kind: "removed", text: old[row] });
      row += 1;
    } else {
      stretches.push({ kind: "added", text: now[column] });
      column += 1;
    }
  }
  return [...stretches, ...whole(old.slice(row), "removed"), ...whole(now.slice(column), "added")];
}

function joined(stretches) {
  const merged = [];
  for (const { kind, text } of stretches) {
    const previous = merged.at(-1);
    if (previous?.kind === kind) previous.text += text;
    else merged.push({ kind, text });
  }
  return merged;
}

// Makes an element of a stretch.
export const stretchOf = ({ kind, text }) => el(TAGS[kind], {}, text);
