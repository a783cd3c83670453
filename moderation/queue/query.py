"""What a moderator asks of the queue: filters and an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from moderation.errors import InvalidFields


class QueueOrder(StrEnum):
    """The sort orders of the queue."""

    DUE = "due"  #: the earliest due: arrival and patience
    NEWEST = "newest"  #: the last to arrive
    SCORE = "score"  #: the highest score of a label; only what has one
    UNCERTAINTY = "uncertainty"  #: the nearest to a threshold; only what is scored
    REPORTS = "reports"  #: what weighs most with readers; only what was reported
    TEACH = "teach"  #: of the most uncertain, what is least alike; see `teaching`


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Filters for pending comments; None filters nothing."""

    section: str | None = None
    article: str | None = None  #: the site's own name for it
    label: str | None = None  #: the one that the scores, or the order, are about
    min_score: float | None = None  #: 0 to 1
    max_score: float | None = None  #: 0 to 1
    language: str | None = None
    rule: int | None = None  #: that matched the text as it stands
    campaign: int | None = None
    author: str | None = None  #: the name as readers see it
    author_of: int | None = None  #: a comment whose author's others are wanted
    reason: str | None = None  #: code of the first reason for holding
    first_time: bool | None = None  #: the author's first comment at the site, or not
    text: str | None = None  #: words, all of which it must hold


@dataclass(frozen=True, kw_only=True)
class QueueQuery:
    """Filters and an order, at some sites."""

    site_ids: Sequence[int]
    filters: Filters = field(default_factory=Filters)
    order: QueueOrder = QueueOrder.DUE


def refuse_unclear(query: QueueQuery) -> None:
    """Refuse filters and orders that can't be combined.

    Raises
    ------
    InvalidFields
        Saying which.
    """
    filters = query.filters
    is_about_scores = filters.min_score is not None or filters.max_score is not None
    if filters.label is None and (is_about_scores or query.order is QueueOrder.SCORE):
        raise InvalidFields({"label": ["Say whose score."]})
    least, most = filters.min_score, filters.max_score
    if least is not None and most is not None and least > most:
        raise InvalidFields({"max_score": ["Must not be under min_score."]})
