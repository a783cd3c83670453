"""What a rule is made of, and what of a comment it looks at."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from moderation.policy.rule_matches import RuleAction


class ConditionKind(StrEnum):
    """What a condition looks at."""

    WORDS = "words"  #: words and phrases, whole, also where they are disguised
    PATTERN = "pattern"  #: regular expressions of RE2
    DOMAIN = "domain"  #: where links lead, the author's own address included
    LINKS = "links"  #: how many links there are
    AUTHOR = "author"  #: who wrote it
    FIRST_COMMENT = "first_comment"  #: nothing of this author was approved here yet
    LENGTH = "length"  #: characters of the text
    LANGUAGE = "language"  #: that the text is in


class RuleMode(StrEnum):
    """Whether a rule counts."""

    OFF = "off"  #: it is kept, and nothing is asked of it
    SHADOW = "shadow"  #: what it matches is noted, and nothing is done
    ON = "on"  #: it decides


#: Kinds with a list that may be long, one entry a line where it is imported.
LISTS = (ConditionKind.WORDS, ConditionKind.PATTERN, ConditionKind.DOMAIN)


def folded_name(name: str) -> str:
    """Return an author's name as it is compared.

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

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Condition:
        """Return the condition that a stored body describes."""
        return cls(
            kind=ConditionKind(stored["kind"]),
            entries=tuple(stored.get("entries") or ()),
            ids=frozenset(stored.get("ids") or ()),
            names=frozenset(folded_name(name) for name in stored.get("names") or ()),
            email_indexes=frozenset(stored.get("email_indexes") or ()),
            least=stored.get("least") or 0,
            most=stored.get("most"),
        )

    def spans_length(self, number: int) -> bool:
        """Tell whether a number lies between `least` and `most`."""
        return self.least <= number and (self.most is None or number <= self.most)


@dataclass(frozen=True, kw_only=True)
class CompiledRule:
    """A rule in force or in shadow, as one of its versions says."""

    id: int
    version: int
    name: str
    action: RuleAction
    conditions: tuple[Condition, ...]  #: all of them must hold
    tag: str | None = None
    section: str | None = None  #: of the site; None: everywhere
    is_shadow: bool = False  #: it is noted what it would have done, and no more

    @property
    def needs_first_comment(self) -> bool:
        """Tell whether it is for authors of whom nothing was approved yet."""
        return any(
            condition.kind is ConditionKind.FIRST_COMMENT
            for condition in self.conditions
        )


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What rules look at of a comment."""

    body: str
    author_name: str = ""
    author_url: str | None = None
    author_id: str | None = None
    email_index: str | None = None  #: the blind index, never the address
    language: str | None = None  #: as the site says
