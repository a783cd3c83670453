"""Checks and normalizes the entries of a rule's lists."""

from __future__ import annotations

import re
import unicodedata

from moderation.privacy import has_email
from moderation.rules import domains, patterns
from moderation.rules.conditions import ConditionKind
from moderation.rules.word_index import MAX_WORDS
from moderation.rules.words import get_keys

#: Entries of one rule's list.
MAX_ENTRIES = 100_000
#: Patterns of one rule.
MAX_PATTERNS = 5_000
MAX_ENTRY_LENGTH = 200  # characters
MAX_PATTERN_LENGTH = 1_000  # characters

# In a pattern "+@" is no address; a name with a dot and a suffix behind an @ is.
_ADDRESS = re.compile(r"[\w%-][\w.%+-]*@[\w-]+(?:\\?\.[a-z]{2,})+", re.IGNORECASE)


def get_max_entries(kind: ConditionKind) -> int:
    """Return the maximum number of entries for a kind."""
    return MAX_PATTERNS if kind is ConditionKind.PATTERN else MAX_ENTRIES


def normalize_entry(kind: ConditionKind, entry: str) -> str:
    """Return an entry, normalized for storage.

    Raises
    ------
    ValueError
        Saying what is wrong with it; the text never holds the entry itself.
    """
    kept = entry.strip()
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in kept):
        raise ValueError("Holds a control character or half a character.")
    if not kept:
        raise ValueError("Must not be blank.")
    if kind is ConditionKind.PATTERN:
        return _pattern(kept)
    if len(kept) > MAX_ENTRY_LENGTH:
        raise ValueError(f"Longer than maximum length {MAX_ENTRY_LENGTH}.")
    if has_email(kept):
        raise ValueError("Must not contain an email address; put it under `emails`.")
    return (
        domains.normalize_domain(kept) if kind is ConditionKind.DOMAIN else _words(kept)
    )


def _words(kept: str) -> str:
    kept = " ".join(kept.split())
    plain, _ = get_keys(kept)
    if not plain.strip():
        raise ValueError("Holds no word.")
    if plain.count(" ") >= MAX_WORDS:
        raise ValueError(f"More than {MAX_WORDS} words.")
    return kept


def _pattern(kept: str) -> str:
    if len(kept) > MAX_PATTERN_LENGTH:
        raise ValueError(f"Longer than maximum length {MAX_PATTERN_LENGTH}.")
    if _ADDRESS.search(kept):
        raise ValueError("Must not contain an email address; put it under `emails`.")
    try:
        patterns.check(kept)
    except patterns.InvalidPattern as error:
        raise ValueError(f"Not a valid pattern: {error}.") from None
    return kept
