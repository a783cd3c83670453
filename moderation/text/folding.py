"""Texts as they are searched: case, accents, and widths folded, cut into grams."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_FOLDED = 100_000  # characters; one sign can fold into eighteen
GRAM = 3  # characters

#: Marks that are left out: accents, and vowel signs that Arabic and Hebrew are usually
#: written without. Those of Thai, of Indic scripts, and of kana are letters there.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
#: Letters whose stroke isn't a mark to Unicode. Source: PostgreSQL's `unaccent.rules`.
_STROKES = str.maketrans(
    {
        "æ": "ae",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "œ": "oe",
        "þ": "th",
        "ŧ": "t",
    }
)
#: Signs of ASCII, which index queries give a meaning, as characters that mean nothing.
SIGNS = str.maketrans(
    {
        code: chr(0xE000 + code)
        for code in range(1, 0x80)
        if code != ord(" ") and not chr(code).isalnum()
    }
)
_PHRASE = re.compile(r'"([^"]+)"|(\S+)')


def fold(text: str) -> str:
    """Return a text in lower case without accents, hidden signs, and extra spaces.

    >>> fold("Café  ＦＵＬＬ-width"), fold("Straße"), fold("via\u200bgra")
    ('cafe full-width', 'strasse', 'viagra')
    """
    if not text.isascii():
        plain = unicodedata.normalize("NFKC", text[:MAX_FOLDED]).casefold()
        parts = unicodedata.normalize("NFD", plain.translate(_STROKES))
        text = unicodedata.normalize("NFC", _MARKS.sub("", parts))
        text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(text[:MAX_FOLDED].lower().split())


def list_terms(text: str) -> list[str]:
    """Return the folded terms of a search: words, and phrases in double quotes.

    >>> list_terms('Café "New  York" 5"')
    ['cafe', 'new york', '5"']
    """
    terms = (fold(phrase or word) for phrase, word in _PHRASE.findall(text))
    return list(dict.fromkeys(term for term in terms if term))


def grams(folded: str) -> set[str]:
    """Return all that an index keeps of a folded text.

    From each character to the end of its word, cut to three: any two or three
    characters of a word are the beginning of a gram, and so is any one.

    >>> sorted(grams("a cafe"))
    ['a', 'afe', 'caf', 'e', 'fe']
    """
    return {
        word[start : start + GRAM]
        for word in folded.translate(SIGNS).split(" ")
        for start in range(len(word))
    }


@dataclass(frozen=True, order=True)
class GramQuery:
    """A gram that a text must have, or what a gram of it must begin with."""

    text: str
    is_prefix: bool


def gram_queries(terms: Sequence[str]) -> list[GramQuery]:
    """Return what the grams of a text meet that holds all of the folded terms.

    Not only such texts meet it: the grams may stand in other places.

    >>> gram_queries(["ciali", "ok"]) == [
    ...     GramQuery("ali", False),
    ...     GramQuery("cia", False),
    ...     GramQuery("ial", False),
    ...     GramQuery("ok", True),
    ... ]
    True
    """
    return sorted({query for term in terms for query in _of_term(term)})


def _of_term(term: str) -> Iterator[GramQuery]:
    for word in term.translate(SIGNS).split(" "):
        if len(word) < GRAM:
            yield GramQuery(word, True)
        for start in range(len(word) - GRAM + 1):
            yield GramQuery(word[start : start + GRAM], False)
