"""Find quotations: what a comment reports, its author need not mean.

Reported words count for less, so that a report of an insult is not rejected. Words
between quotation marks alone do not: in replies they are often repeated with contempt.
A comment that is little else than a quotation is its author's own text: otherwise two
signs would hide any insult.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

#: What a quoted word counts, 0 to 1, if the words next to it report or name it, or if
#: its line begins with `>`; a power of two keeps sums exact.
REPORTED_SHARE = 0.25
#: A quotation needs so many words of the comment outside all quotations.
MIN_OWN_WORDS = 3
#: How far from a quotation the words are that report it.
REACH = 40  # characters
#: Longer quotations are none: a quotation mark may be missing.
MAX_QUOTED = 600  # characters
#: Quotations of one comment that are read; the rest are the author's own words.
MAX_QUOTATIONS = 50

_SIGNS = frozenset('"“„«»>‘「『')
# Each way begins with a sign of its own: the search then skips to these signs.
_QUOTATION = re.compile(
    rf"\"(?<![\w\"]\")(?=\S)[^\"\n]{{1,{MAX_QUOTED}}}\"(?!\w)"
    rf"|“[^“”\n]{{1,{MAX_QUOTED}}}[”\"]"
    rf"|„[^„“”\n]{{1,{MAX_QUOTED}}}[“”\"]"
    rf"|«[^«»\n]{{1,{MAX_QUOTED}}}»|»[^«»\n]{{1,{MAX_QUOTED}}}«"
    rf"|‘(?<!\w‘)[^‘\n]{{1,{MAX_QUOTED}}}?’(?!\w)"
    rf"|「[^「」\n]{{1,{MAX_QUOTED}}}」|『[^『』\n]{{1,{MAX_QUOTED}}}』"
)
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
#: Words of those who report or name what another says.
REPORTING = frozenset(
    {
        *("say", "says", "saying", "said", "shout", "shouts", "shouted", "shouting"),
        *(
            "yell",
            "yells",
            "yelled",
            "yelling",
            "scream",
            "screamed",
            "calls",
            "called",
        ),
        *("calling", "writes", "wrote", "written", "tells", "told", "replied", "sings"),
        *("sang", "song", "titled", "word", "words", "phrase", "phrases", "term"),
        *("quotes", "quoted", "slogan", "banner", "lyrics", "headline", "chant"),
        *("chanted", "muttered", "whispered", "sprayed", "graffiti", "insulted"),
        *("texted", "according", "heard"),
    }
)
_TO_SPACES = str.maketrans(dict.fromkeys(string.punctuation + "“”„«»‘’「」『』…", " "))


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotation:
    """A quoted stretch of a text."""

    #: first code point
    start: int
    #: code point after the last
    end: int
    #: what its words count, 0 to 1
    share: float


def may_begin(token: str) -> bool:
    """Return whether a token has a sign that may begin a quotation."""
    return not _SIGNS.isdisjoint(token)


def quotations(text: str) -> list[Quotation]:
    """Return the quotations of a text whose words count for less, in order.

    Examples
    --------
    >>> [q.share for q in quotations('"You fool", he shouted to the whole room')]
    [0.25]
    >>> quotations('"You fool"')
    []
    """
    lines = (
        [match.span() for match in _QUOTED_LINE.finditer(text)] if ">" in text else []
    )
    stretches = lines + [
        match.span()
        for match in _QUOTATION.finditer(text)
        if not any(start <= match.start() < end for start, end in lines)
    ]
    stretches = sorted(stretches)[:MAX_QUOTATIONS]
    if not stretches:
        return []
    own = _outside(text, stretches)
    if sum(len(part.split(None, MIN_OWN_WORDS)) for part in own) < MIN_OWN_WORDS:
        return []
    return [
        Quotation(start=start, end=end, share=REPORTED_SHARE)
        for place, (start, end) in enumerate(stretches)
        if (start, end) in lines or _is_reported(own[place], own[place + 1])
    ]


def _is_reported(before: str, after: str) -> bool:
    """Return whether the words next to a quotation report or name it."""
    beside = f"{before[-REACH:]} {after[:REACH]}"
    return not REPORTING.isdisjoint(beside.lower().translate(_TO_SPACES).split())


def _outside(text: str, stretches: list[tuple[int, int]]) -> list[str]:
    """Return the parts of a text before, between, and after stretches of it."""
    parts, end = [], 0
    for first, last in stretches:
        parts.append(text[end:first])
        end = max(end, last)
    parts.append(text[end:])
    return parts
