"""Detect negation: "you are not an idiot" is not an insult.

A sum over words has no "not". So the words after a denial count for less. Each token is
of one kind, which depends on its spelling alone; the kinds of a comment, one letter per
token, are searched for the shapes of denials.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from classifiers.text import characters

Kinds = npt.NDArray[np.uint8]

#: What a denied word still counts, 0 to 1; a power of two keeps sums exact.
DENIED_SHARE = 0.125

#: Kind → its words. Negations are capitals, which come before all other kinds.
_WORDS = {
    "b": "is are am was were be been being you're they're we're he's she's it's i'm "
    "that's youre theyre hes shes thats im ur",
    "N": "not no never",
    "C": "isn't aren't ain't wasn't weren't isnt arent aint wasnt werent",
    "D": "don't doesn't didn't nobody dont doesnt didnt cannot can't cant wouldn't "
    "wouldnt couldn't couldnt",
    "v": "think believe say said says call called calls claim claimed claiming mean "
    "meant saying calling imply implying suggest suggesting",
    "p": "you he she they we it this that him her them me us anyone anybody someone "
    "somebody people all everyone everybody",
    "f": "really actually so such truly quite",
    "t": "an the your some any",
    # Of one letter, so that they may also belong to a spaced-out word.
    "a": "a",
    "i": "i u",
    "r": "r",
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
#: Comments without it have neither a spaced-out word nor a denial.
SHAPE = re.compile(rb"[sair]{3}|[br]N|C|[DN]v")
#: Those without it have no spaced-out word.
SPACED = re.compile(rb"[sair]{3}")
_DENIED = re.compile(rb"(?:(?:[br]N|C)f{0,2}|[DN]v[pibrf]{0,4})(?:[at]f?o?[oe]|[oe])")
_TARGETS = b"oe"
_MIN_OTHER = ord("a")
_BEFORE = np.zeros(256, bool)
_BEFORE[list(b"br")] = True
_OF_ONE_LETTER = np.zeros(256, bool)
_OF_ONE_LETTER[list(b"sair")] = True


def kind(token: str) -> str:
    """Return the kind of a token, one letter.

    A word with a sign behind it is of the kind `e`: there a denial ends.
    """
    if len(token) <= 9:
        known_kind = _KIND_OF.get(token.lower().replace("\u2019", "'"))
        if known_kind:
            return known_kind
    if characters.is_single(token):
        return "s"
    return "o" if token[-1:].isalnum() else "e"


def runs(kinds: Kinds) -> npt.NDArray[np.int64]:
    """Return where three tokens of one letter in a row begin: spaced words, perhaps.

    Parameters
    ----------
    kinds : of the tokens of one comment, or of many, so that a run may be of two
    """
    short = _OF_ONE_LETTER.take(kinds)
    return np.flatnonzero(short[:-2] & short[1:-1] & short[2:])


def candidates(kinds: Kinds) -> npt.NDArray[np.int64]:
    """Return where denials may begin, in many comments at once."""
    places = np.flatnonzero(kinds < _MIN_OTHER)
    if not len(places):
        return places
    before = _BEFORE[kinds.take(places - 1, mode="clip")]
    after = kinds.take(places + 1, mode="clip") == ord("v")
    able = before | after | (kinds[places] == ord("C"))
    starts: npt.NDArray[np.int64] = places[able]
    return starts


def denied(kinds: bytes, start: int, end: int) -> list[int]:
    """Return the places of the tokens that are denied.

    Parameters
    ----------
    kinds : of the tokens of comments, a letter each
    start, end : where the comment's tokens begin and end
    """
    places: list[int] = []
    for match in _DENIED.finditer(kinds, start, end):
        first = match.end() - 1
        while kinds[first - 1] in _TARGETS:
            first -= 1
        places.extend(range(first, match.end()))
    return places
