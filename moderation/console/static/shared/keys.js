// Keys by the Latin letters printed on them, on any keyboard; and whether single letters
// do anything, which each person can switch off.

const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, dialog, [contenteditable]";
const SINGLE_KEYS = "moderation-single-keys";
const SWIPING = "moderation-swiping";

// The letter, digit or name of a key; an Arabic or Cyrillic keyboard writes other
// letters with the same keys.
export function keyOf(event) {
  const key = event.key.toLowerCase();
  if (key.length > 1 || key.charCodeAt(0) < 128) return key;
  const [, letter] = /^(?:Key|Digit)(.)$/.exec(event.code) ?? [];
  return letter ? letter.toLowerCase() : key;
}

export const isTyping = (event) => Boolean(event.target.closest?.(TYPING));

// WCAG 2.1.4: single letters can be switched off, for those who speak to their machine.
export const hasSingleKeys = () => localStorage.getItem(SINGLE_KEYS) !== "off";

export function switchSingleKeys(isOn) {
  localStorage.setItem(SINGLE_KEYS, isOn ? "on" : "off");
}

// Off by default: a finger slips more easily than a key is pressed.
export const hasSwiping = () => localStorage.getItem(SWIPING) === "on";

export function keepSwiping(isOn) {
  localStorage.setItem(SWIPING, isOn ? "on" : "off");
}

// Whether a key may do something by itself: no one is typing, and no letter is switched off.
export const isFree = (event) =>
  !event.defaultPrevented &&
  !event.repeat &&
  !event.altKey &&
  !event.ctrlKey &&
  !event.metaKey &&
  !isTyping(event) &&
  (event.key.length > 1 || hasSingleKeys());
