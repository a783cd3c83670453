"""Bound how much of a text is read, since what is cheap to write can be costly to read.

A word is read once in a text, so only different ones cost. Prose of 64 kB has about
2,500 of them; a text that is made to be slow has ten thousand.
"""

from __future__ import annotations

from classifiers.text.normalization import CHUNK, is_plain, spans

#: Shorter texts are read whole: they can't cost more than this many letters do.
MIN_LENGTH = 4096  # code points
#: What the different words of a text may cost together.
ALLOWANCE = 4000  # plain words
#: What a token costs that may be disguised, for each `CHUNK` of it.
DISGUISED = 4  # plain words


def legible(text: str) -> str:
    """Return the part of a text that is read: nearly always all of it.

    The part ends before the first token that the allowance no longer covers. It
    depends on the text alone, never on what was read before.

    Examples
    --------
    >>> legible("two words")
    'two words'
    """
    if len(text) <= MIN_LENGTH:
        return text
    left = ALLOWANCE
    covered = set()
    for place, token in enumerate(text.split()):
        if token in covered:
            continue
        left -= 1 if is_plain(token) else DISGUISED * (1 + len(token) // CHUNK)
        if left < 0:
            return text[: spans(text)[place][0]]
        covered.add(token)
    return text


def is_legible(text: str) -> bool:
    """Return whether all of a text is read."""
    return len(legible(text)) == len(text)
