"""The facts about a comment that a policy takes into account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from moderation.policy.openness import Openness
from moderation.policy.rule_matches import RuleMatch
from moderation.policy.standings import UNKNOWN_AUTHOR, AuthorFacts
from moderation.policy.verdicts import Verdict


class Signal(StrEnum):
    """A report by a site's software about an author."""

    STAFF = "staff"  #: an administrator of the site, logged in
    BOT = "bot"  #: filled in a field that people don't see
    TEST = "test"  #: one of the values that a protocol keeps for tests: spam


@dataclass(frozen=True, kw_only=True)
class StandingDecision:
    """A moderator's decision about a campaign's future comments."""

    verdict: Verdict  #: approve or reject
    campaign: int
    batch: int  #: the decision that it was given with, and is undone with


class ModelResult(Protocol):
    """A model's result for one text."""

    @property
    def scores(self) -> Mapping[str, float]: ...

    @property
    def is_language_supported(self) -> bool: ...

    @property
    def is_read_whole(self) -> bool: ...

    @property
    def weak_labels(self) -> frozenset[str]: ...


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts about a comment that a policy decides on."""

    scores: Mapping[str, float] | None  #: label to 0–1; None: there are none
    is_language_supported: bool = True
    is_read_whole: bool = True  #: the scores are about all of the text
    #: labels that the model is not known to be good at in this language
    weak_labels: frozenset[str] = frozenset()
    #: of the article, when the comment came; None: as for an article of no section
    openness: Openness | None = None
    author_id: str | None = None
    author: AuthorFacts = UNKNOWN_AUTHOR
    is_edit_of_decided: bool = False  #: a person decided about an earlier text
    signal: Signal | None = None
    #: the author's name hides characters, mixes scripts, or imitates the site or staff
    is_name_deceptive: bool = False
    #: where the text holds personal data, in code points; none if the site doesn't ask
    personal_data: tuple[tuple[int, int], ...] = ()
    standing: StandingDecision | None = (
        None  #: on the campaign that the text belongs to
    )
    hits: tuple[RuleMatch, ...] = ()  #: rules that matched, those in shadow included
    has_rules: bool = True  #: False: the site's rules could not be asked

    @classmethod
    def of(cls, scored: ModelResult | None) -> Facts:
        """Return the facts in a model's result; None means that scoring failed."""
        if scored is None:
            return cls(scores=None, is_language_supported=False)
        return cls(
            scores=scored.scores,
            is_language_supported=scored.is_language_supported,
            is_read_whole=scored.is_read_whole,
            weak_labels=scored.weak_labels,
        )
