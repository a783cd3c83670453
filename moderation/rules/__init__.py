"""What admins look for in comments: conditions, and the matching of many at once."""

from __future__ import annotations

from moderation.rules.conditions import Condition, Kind, Mode, Rule, Subject
from moderation.rules.entries import MOST_ENTRIES, MOST_PATTERNS, clean
from moderation.rules.matching import Match, RuleSet, confirmed

__all__ = [
    "MOST_ENTRIES",
    "MOST_PATTERNS",
    "Condition",
    "Kind",
    "Match",
    "Mode",
    "Rule",
    "RuleSet",
    "Subject",
    "clean",
    "confirmed",
]
