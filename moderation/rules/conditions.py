"""The conditions of a rule, and the comment fields they apply to."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from moderation.policy.brakes import BrakeKind
from moderation.policy.rule_matches import RuleAction


class ConditionKind(StrEnum):
    """The kinds of conditions."""

    WORDS = "words"  #: words and phrases, whole, also where they are disguised
    PATTERN = "pattern"  #: regular expressions of RE2
    DOMAIN = "domain"  #: where links lead, the author's own address included
    LINKS = "links"  #: how many links there are
    AUTHOR = "author"  #: who wrote it
    FIRST_COMMENT = "first_comment"  #: nothing of this author was approved here yet
    LENGTH = "length"  #: characters of the text
    LANGUAGE = "language"  #: that the text is in
    RATE = "rate"  #: more have come of its author, network, or article than so many


class SearchedField(StrEnum):
    """The field in which words and patterns are searched."""

    TEXT = "text"
    NAME = "name"  #: the author's name
    BOTH = "both"  #: one of them is enough


class RuleMode(StrEnum):
    """The modes of a rule."""

    OFF = "off"  #: it is kept, and nothing is asked of it
    SHADOW = "shadow"  #: what it matches is noted, and nothing is done
    ON = "on"  #: it decides


#: Kinds that can be searched in the author's name, too.
SEARCHING = frozenset({ConditionKind.WORDS, ConditionKind.PATTERN})
#: What a rate can be counted of.
COUNTED = (BrakeKind.AUTHOR, BrakeKind.NETWORK, BrakeKind.ARTICLE)

#: Kinds with a list that may be long, one entry a line where it is imported.
LISTS = (ConditionKind.WORDS, ConditionKind.PATTERN, ConditionKind.DOMAIN)


def folded_name(name: str) -> str:
    """Return an author's name, normalized for comparison.

    >>> folded_name("  Ａda   LOVELACE ")
    'ada lovelace'
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of a rule; which parts count depends on its kind."""

    kind: ConditionKind
    entries: tuple[str, ...] = ()  #: words, patterns, domains or languages
    ids: frozenset[str] = frozenset()  #: of authors, as the site has verified them
    names: frozenset[str] = frozenset()  #: of authors, as `folded_name` gives them
    email_indexes: frozenset[str] = frozenset()  #: blind indexes of addresses
    least: int = 0  #: characters or links
    most: int | None = None  #: characters or links; None: no end
    field: SearchedField = SearchedField.TEXT  #: that words or patterns are searched in
    of: BrakeKind = BrakeKind.AUTHOR  #: whose comments a rate counts
    more_than: int = 0  #: comments, the new one included, for a rate to hold
    minutes: int = 0  #: 1 to 1440, that a rate is counted over

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Condition:
        """Return a condition from its stored JSON."""
        return cls(
            kind=ConditionKind(stored["kind"]),
            entries=tuple(stored.get("entries") or ()),
            ids=frozenset(stored.get("ids") or ()),
            names=frozenset(folded_name(name) for name in stored.get("names") or ()),
            email_indexes=frozenset(stored.get("email_indexes") or ()),
            least=stored.get("least") or 0,
            most=stored.get("most"),
            # Conditions from before there was a choice go on to search the text.
            field=SearchedField(stored.get("field") or SearchedField.TEXT),
            of=BrakeKind(stored.get("of") or BrakeKind.AUTHOR),
            more_than=stored.get("more_than") or 0,
            minutes=stored.get("minutes") or 0,
        )

    def spans_length(self, number: int) -> bool:
        """Return whether a number is between `least` and `most`."""
        return self.least <= number and (self.most is None or number <= self.most)


@dataclass(frozen=True, kw_only=True)
class CompiledRule:
    """One version of a rule that is on or in shadow mode."""

    id: int
    version: int
    name: str
    action: RuleAction
    conditions: tuple[Condition, ...]  #: all of them must hold
    tag: str | None = None
    section: str | None = None  #: of the site; None: everywhere
    is_shadow: bool = False  #: it is noted what it would have done, and no more

    @property
    def rates(self) -> tuple[Condition, ...]:
        """Return the conditions about how many comments came recently."""
        return tuple(
            condition
            for condition in self.conditions
            if condition.kind is ConditionKind.RATE
        )

    @property
    def needs_first_comment(self) -> bool:
        """Return whether it applies only to authors without approved comments."""
        return any(
            condition.kind is ConditionKind.FIRST_COMMENT
            for condition in self.conditions
        )


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The fields of a comment that rules apply to."""

    body: str
    author_name: str = ""
    author_url: str | None = None
    author_id: str | None = None
    email_indexes: tuple[str, ...] = ()  #: as they may be stored, never the address
    language: str | None = None  #: as the site says
