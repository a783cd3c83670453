"""Names that deceive: hidden characters, mixed scripts, and imitations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from classifiers.text.characters import LEET, LOOKALIKES
from moderation.text.links import script_of

#: Characters that look like nothing although Unicode calls them letters or symbols:
#: Hangul fillers and the empty Braille pattern.
INVISIBLE = "\u115f\u1160\u2800\u3164\uffa0"
#: What the people are called whom readers believe.
ROLE_NAMES = ("admin", "admins", "administrator", "moderator", "moderators")
#: They join letters of Arabic and Indic scripts, and emoji. Source: Unicode
#: Standard Annex 31, section 2.3 (read 2026-11).
JOINERS = "\u200c\u200d"
#: They set punctuation right next to letters that run from right to left.
DIRECTION_MARKS = "\u061c\u200e\u200f"
#: Format characters that are drawn: signs that enclose numbers.
DRAWN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
#: Scripts whose letters are drawn alike; no word has letters of two of them.
ALIKE = frozenset({"ARMENIAN", "CHEROKEE", "CYRILLIC", "GREEK", "LATIN"})

#: Signs around a word, which stand for letters only inside one.
_FRAME = re.compile(r"(?<!\w)[(+]+|[!|+]+(?!\w)")


def is_deceptive(name: str, site_name: str) -> bool:
    """Return whether a name hides characters, mixes scripts, or imitates the site.

    >>> is_deceptive("Ada", "gazette"), is_deceptive("Ga\u200bzette", "gazette")
    (False, True)
    """
    return (
        has_hidden(name)
        or mixes_scripts(name)
        or imitates(name, [site_name])
        or any(imitates(word, ROLE_NAMES) for word in (name, *name.split()))
    )


def has_hidden(name: str) -> bool:
    """Return whether a name has characters that no one sees or that reorder it."""
    return without_hidden(name) != name


def without_hidden(name: str) -> str:
    """Return a name without the characters that no one sees or that reorder it.

    Joiners stay between letters that they join, and direction marks in names that run
    from right to left.

    >>> without_hidden("\u202eAda\u200b")
    'Ada'
    """
    is_right_to_left = any(unicodedata.bidirectional(c) in {"R", "AL"} for c in name)
    kept: list[str] = []
    for char in name:
        if char in JOINERS:
            is_hidden = not kept or script_of(kept[-1]) in ALIKE
        elif char in DIRECTION_MARKS:
            is_hidden = not is_right_to_left
        else:
            is_hidden = char in INVISIBLE or (
                unicodedata.category(char) == "Cf" and char not in DRAWN
            )
        if not is_hidden:
            kept.append(char)
    return "".join(kept)


def mixes_scripts(name: str) -> bool:
    """Return whether one word has letters of scripts that are drawn alike."""
    return any(
        len(ALIKE & {script_of(char) for char in word}) > 1 for word in name.split()
    )


def has_lookalikes(name: str) -> bool:
    """Return whether a name has letters of other scripts drawn like Latin ones."""
    return any(
        ord(char) in LOOKALIKES and script_of(char) in ALIKE - {"LATIN"}
        for char in name.casefold()
    )


def imitates(name: str, others: Iterable[str]) -> bool:
    """Return whether a name reads as one of others, with signs and accents left out."""
    drawn = {_drawn(name), _drawn(_FRAME.sub("", name))} - {""}
    return any(_drawn(other) in drawn for other in others)


def skeleton(name: str) -> str:
    """Return what all spellings of a name have in common.

    Letter case, accents, spaces, signs, and letters that only look alike make no
    difference. A name of signs alone is itself.

    >>> skeleton("(B1g Dâve!)") == skeleton("bigdave"), skeleton("$!")
    (True, '$!')
    """
    if not any(map(str.isalnum, name)):
        return name.casefold()
    return _drawn(_FRAME.sub("", name)) or name.casefold()


def _drawn(name: str) -> str:
    """Return plain letters and digits that are drawn like a name."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = plain.translate(LOOKALIKES).translate(LEET)
    return "".join(char for char in letters if char.isalnum())
