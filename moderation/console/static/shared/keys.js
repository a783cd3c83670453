// Keys by what is printed on them in Latin letters, whatever the keyboard writes.

const TYPING = "input, select, textarea, dialog";

// The letter, digit or name of a key; an Arabic or Cyrillic keyboard writes other
// letters with the same keys.
export function keyOf(event) {
  const key = event.key.toLowerCase();
  if (key.length > 1 || key.charCodeAt(0) < 128) return key;
  const [, letter] = /^(?:Key|Digit)(.)$/.exec(event.code) ?? [];
  return letter ? letter.toLowerCase() : key;
}

export const isTyping = (event) => Boolean(event.target.closest?.(TYPING));
