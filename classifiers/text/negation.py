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
    "b": "is are am was were be been being you're they're we're he's she's it's "
    "that's youre theyre hes shes thats ur",
    "N": "not no never hardly barely",
    "C": "isn't aren't ain't wasn't weren't isnt arent aint wasnt werent",
    "D": "don't doesn't didn't nobody dont doesnt didnt cannot can't cant wouldn't "
    "wouldnt couldn't couldnt shouldn't shouldnt won't wont mustn't noone",
    "E": "neither nor",
    "F": "far",
    "R": "told",
    "S": "stop quit",
    "W": "wrong unfair false untrue absurd without refuse refused regret sorry "
    "apologize apologise instead",
    "h": "should would could must can will ever to of that",
    "k": "or",
    "m": "from",
    "w": "one",
    "y": "true right fair okay acceptable",
    "v": "say said says call called calls claim claimed claiming saying calling imply "
    "implying suggest suggesting",
    "z": "think thinks believe believes mean meant",
    "p": "you he she they we it this him her them me us anyone anybody someone "
    "somebody people all everyone everybody",
    "f": "really actually so such truly quite just simply",
    "x": "reason proof evidence point sign",
    "j": "i'm im",
    "t": "an the your some any these those my our his their",
    # Of one letter, so that they may also belong to a spaced-out word.
    "a": "a",
    "i": "i",
    "q": "u",
    "r": "r",
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
#: Comments without it have neither a spaced-out word nor a denial.
SHAPE = re.compile(rb"[sairq]{3}|[brj]N|[CEFRSW]|[DN][vzbfhwxyi]|ib|j")
#: Those without it have no spaced-out word.
SPACED = re.compile(rb"[sairq]{3}")
#: What begins a denial: "is not", "neither", "I don't think", "wrong to say". What
#: people call themselves is no insult, either: "I was", "he told me I was".
_BEGUN = (
    rb"(?:[brj]N|C)f{0,2}"
    rb"|E[bp]?f{0,2}"
    rb"|(?:[DN]w?[bfhi]{0,2}[vz]|Nxh[vz]?|(?:[brj]N|C)yh{1,2}v?|W[hpi]{0,2}v)[pibrqfhv]{0,4}"
    rb"|Sv[pibrqf]{0,4}"
    rb"|Fm"
    rb"|(?:Rp)?ibf{0,2}|jf{0,2}"
)
#: What it denies: a word, or two with an article.
_DENIED = re.compile(
    rb"(?=[brjiCDEFNRSW])"  # a quick look: most tokens begin none
    rb"(?:" + _BEGUN + rb")(?:[at]f?o?[oe]|[oe])"
)
#: A further word that it denies: "or a fool".
_FURTHER = re.compile(rb"k[at]?f?[oe]")
_TARGETS = b"oe"
_OPEN = ord("o")
_MIN_OTHER = ord("a")
_BEFORE = np.zeros(256, bool)
_BEFORE[list(b"brj")] = True
_AFTER = np.zeros(256, bool)
_AFTER[list(b"vzbfhwxyi")] = True
_BEGINNING = np.zeros(256, bool)
_BEGINNING[: ord("a")] = True
_BEGINNING[list(b"ij")] = True
_ALONE = np.zeros(256, bool)
_ALONE[list(b"CEFRSWj")] = True
_OF_ONE_LETTER = np.zeros(256, bool)
_OF_ONE_LETTER[list(b"sairq")] = True


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
    places = np.flatnonzero(_BEGINNING[kinds])
    if not len(places):
        return places
    first, following = kinds[places], kinds.take(places + 1, mode="clip")
    is_negation = (first < _MIN_OTHER) & (
        _BEFORE[kinds.take(places - 1, mode="clip")] | _AFTER[following]
    )
    is_self = (first == ord("i")) & (following == ord("b"))
    able = is_negation | is_self | _ALONE[first]
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
        last = match.end()
        while kinds[last - 1] == _OPEN and (
            further := _FURTHER.match(kinds, last, end)
        ):
            last = further.end()
            places.append(last - 1)
    return places
