"""Find names of people and places that are spelled like rude words."""

from __future__ import annotations

import re

#: Names that are rude words, in small letters.
NAMES = frozenset(
    {
        *("dick", "randy", "fanny", "willy", "willie", "gay", "gaylord", "phuc"),
        *("titus", "cock", "cox", "cockburn", "cummings", "cumming", "butt", "butts"),
        *("hooker", "dyke", "dykes", "wang", "kuntz", "fuchs", "weiner", "wiener"),
        *("bender", "hoare", "tit", "dong", "boner", "pratt", "seaman", "shital"),
    }
)
#: Titles and small words that stand before a family name.
_BEFORE = frozenset(
    {
        *("Mr", "Mrs", "Ms", "Dr", "Van", "van", "Von", "von", "Sir", "Aunt", "Uncle"),
        *("Lord", "Lady", "Saint", "Professor", "Captain", "Councillor", "Inspector"),
    }
)
#: Words after which such a name is an insult after all.
_INSULTING = frozenset({"Head", "Heads", "Face", "Faces", "Off", "Hole", "Holes"})
_NAME = re.compile(
    "(?:" + "|".join(sorted(map(str.capitalize, NAMES), key=len, reverse=True)) + r")\b"
)
_WORD_BEFORE = re.compile(r"(\w+)\.? $")
_WORD_AFTER = re.compile(r" ([A-Z][a-z]+)\b")
#: Characters before a name in which a title is looked for.
_REACH = 16
_EDGES = ".,;:!?\"'()“”‘’"


def may_be(token: str) -> bool:
    """Return whether a token is spelled like such a name."""
    if not token[:1].isupper():  # one with a sign before it may be a quotation's
        return False
    word = token.strip(_EDGES).removesuffix("'s")
    return word.istitle() and word.lower() in NAMES


def stretches(text: str) -> list[tuple[int, int]]:
    """Return where such names stand, in code points.

    A name has a capital, and another word with a capital behind it, or a title before.

    Examples
    --------
    >>> stretches("I met Dick Marsh"), stretches("what a dick"), stretches("Mrs. Butts")
    ([(6, 10)], [], [(5, 10)])
    """
    found = []
    for match in _NAME.finditer(text):
        start, end = match.span()
        if start and (text[start - 1].isalnum() or text[start - 1] in "@#_-"):
            continue
        before = _WORD_BEFORE.search(text[max(0, start - _REACH) : start])
        after = _WORD_AFTER.match(text, end)
        is_first = after is not None and after[1] not in _INSULTING
        if is_first or (before is not None and before[1] in _BEFORE):
            found.append((start, end))
    return found
