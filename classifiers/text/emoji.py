"""Emoji as words, by their Unicode names."""

from __future__ import annotations

import functools
import unicodedata

#: Emoji that say another word than their name does.
_MEANT = {
    "\U0001f4a9": "shit",
    "\U0001f595": "middle finger",
    "\U0001f5d1": "trash",
    "\U0001f92e": "vomit",
    "\U0001f52b": "gun",
    "\U0001f52a": "knife",
    "\U0001f921": "clown",
}
#: Words of names that carry nothing.
_EMPTY = frozenset(
    {
        *("and", "black", "character", "face", "for", "heavy", "left", "light", "of"),
        *("on", "open", "over", "pile", "right", "sign", "small", "symbol", "the"),
        *("white", "with"),
    }
)
#: The least code point of a sign that is a picture.
FIRST = "\u2600"
#: Words of one token's emoji, at most.
MAX_WORDS = 6


def words(token: str) -> tuple[str, ...]:
    """Return the words of a token's emoji, each once, in order.

    Examples
    --------
    >>> words("\U0001f40d!!"), words("(c)")
    (('snake',), ())
    """
    if max(token, default="") < FIRST:
        return ()
    names: dict[str, None] = {}
    previous = ""
    for char in token:
        if char >= FIRST and char != previous:
            names.update(dict.fromkeys(_words_of(char)))
        previous = char
        if len(names) >= MAX_WORDS:
            break
    return tuple(names)[:MAX_WORDS]


@functools.lru_cache(maxsize=4096)
def _words_of(char: str) -> tuple[str, ...]:
    if char in _MEANT:
        return tuple(_MEANT[char].split())
    if unicodedata.category(char) != "So" or _is_letter(char):
        return ()
    named = unicodedata.name(char, "").lower().replace("-", " ").split()
    return tuple(w for w in named if len(w) > 2 and w.isalpha() and w not in _EMPTY)


def _is_letter(char: str) -> bool:
    """Return whether a sign is a letter in a frame: it is read as one."""
    return "\U0001f100" <= char <= "\U0001f1ff"
