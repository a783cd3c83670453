"""Words of which several letters are hidden behind signs: "b**tch", "f***"."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Words that people mask, those that one mask is most often meant for first. A mask
#: of several signs leaves too little to search all known words for.
MASKED_WORDS = (
    *("fuck", "shit", "bitch", "cunt", "dick", "ass", "nigger", "whore", "bastard"),
    *("asshole", "fucking", "fucker", "fucked", "bullshit", "motherfucker", "faggot"),
    *("retard", "retarded", "pussy", "slut", "cock", "twat", "wanker", "prick", "tits"),
    *("nigga", "bitches", "idiot", "moron", "idiots", "morons", "stupid", "scum"),
    *("nudes", "porn", "sex", "rape", "raped", "kill", "killed", "murder", "suicide"),
    *("crap", "damn", "arse", "arsehole", "bollocks", "shitty", "dickhead", "dumbass"),
    *("kike", "spic", "tranny", "dyke", "chink", "paki", "viagra", "cialis", "casino"),
)
_BY_FIRST: dict[str, list[str]] = {}
for _word in MASKED_WORDS:
    _BY_FIRST.setdefault(_word[0], []).append(_word)

_SIGN = r"[^\w\s'’.,;:/&\\+=()\[\]{}<>|~\"“”-]"
_HIDDEN = re.compile(rf"{_SIGN}+")
_MASK = re.compile(rf"[^\W\d_](?:{_SIGN}|[^\W\d_])*")
#: Longer runs of signs hide no word.
MAX_HIDDEN = 6  # signs
#: Letters beyond their number that signs inside a word may stand for.
MAX_MORE = 1


def readings(core: str) -> Iterator[str]:
    """Yield the masked words that a token may be, the likeliest first.

    Parameters
    ----------
    core : a token in plain small letters, without the signs around it

    Examples
    --------
    >>> next(readings("b**tch"))
    'bitch'
    """
    words = _BY_FIRST.get(core[0], ())
    if not words or not _MASK.fullmatch(core):
        return
    parts = _HIDDEN.split(core)
    counts = [len(signs) for signs in _HIDDEN.findall(core)]
    if 0 < max(counts, default=0) <= MAX_HIDDEN:
        yield from (word for word in words if _fits(word, parts, counts))


def _fits(word: str, parts: list[str], counts: list[int]) -> bool:
    """Return whether a word has these parts in order, with hidden letters between.

    Each run of signs hides as many letters, or one more if it is not a single sign at
    the word's end.
    """
    if not word.startswith(parts[0]):
        return False
    if not counts:
        return word == parts[0]
    rest, (count, *counts) = word[len(parts[0]) :], counts
    is_last_sign = count == 1 and not any(parts[1:])
    sizes = range(min(count, 1 if parts[1] else count), count + 1 + MAX_MORE)
    return any(
        _fits(rest[size:], parts[1:], counts)
        for size in sizes
        if size <= len(rest) and not (is_last_sign and size > 1)
    )
