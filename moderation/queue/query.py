"""A moderator's query: filters and an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from moderation.errors import InvalidFields


class QueueOrder(StrEnum):
    """The sort orders of the queue."""

    DUE = "due"  #: the earliest due: arrival and patience
    NEWEST = "newest"  #: the last to arrive
    OLDEST = "oldest"  #: the first to arrive
    SCORE = "score"  #: the highest score of a label; only what has one
    UNCERTAINTY = "uncertainty"  #: the nearest to a threshold; only what is scored
    REPORTS = "reports"  #: what weighs most with readers; only what was reported
    TEACH = "teach"  #: of the most uncertain, what is least alike; see `teaching`


class CommentTab(StrEnum):
    """The parts of all comments that are listed and counted by themselves."""

    PENDING = "pending"
    REPORTED = "reported"  #: by readers, and no one has decided about it since
    APPEALED = "appealed"  #: its author asks to reconsider the rejection
    ESCALATED = "escalated"  #: waits for a lead
    APPROVED = "approved"
    REJECTED = "rejected"
    ALL = "all"


#: In place of a username: decided by thresholds, rules, or a campaign.
AUTOMATICALLY = "automatically"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Filters for comments; None filters nothing."""

    status: CommentTab | None = None

    section: str | None = None
    article: str | None = None  #: the site's own name for it
    label: str | None = None  #: the one that the scores, or the order, are about
    min_score: float | None = None  #: 0 to 1
    max_score: float | None = None  #: 0 to 1
    language: str | None = None
    rule: int | None = None  #: that matched the text as it stands
    campaign: int | None = None
    author_record: int | None = None  #: id of the author's record
    author: str | None = None  #: the name as readers see it
    author_of: int | None = None  #: a comment whose author's others are wanted
    reason: str | None = None  #: code of the first reason for holding
    first_time: bool | None = None  #: the author's first comment at the site, or not
    text: str | None = None  #: terms, all of which it must hold
    name: str | None = None  #: parts of the author's name, in any case
    since: datetime | None = None  #: came then or later
    until: datetime | None = None  #: came before
    decided_by: str | None = None  #: a username, or `AUTOMATICALLY`


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
    since, until = filters.since, filters.until
    if since is not None and until is not None and since >= until:
        raise InvalidFields({"to": ["Must not be before from."]})


def is_contradiction(filters: Filters, tab: CommentTab) -> bool:
    """Return whether no comment of a tab can meet the filters.

    A pending comment was decided by no one.
    """
    is_open = tab in (CommentTab.PENDING, CommentTab.APPEALED, CommentTab.ESCALATED)
    return is_open and filters.decided_by is not None


def has_order(tab: CommentTab | None, order: QueueOrder) -> bool:
    """Return whether a tab of a list can be sorted so.

    When they are due, and how near to a threshold, is kept for pending comments.
    """
    if order is QueueOrder.TEACH:
        return False
    is_of_pending = order in (QueueOrder.DUE, QueueOrder.UNCERTAINTY)
    return tab is CommentTab.PENDING or not is_of_pending


def refuse_order(query: QueueQuery) -> None:
    """Refuse an order that the tab of a list doesn't have.

    Raises
    ------
    InvalidFields
        If it is one of pending comments, or `teach`, which has no pages.
    """
    if query.order is QueueOrder.TEACH:
        raise InvalidFields({"order": ["Lists don't have this order."]})
    if not has_order(query.filters.status, query.order):
        raise InvalidFields({"order": ["Only pending comments have this order."]})
