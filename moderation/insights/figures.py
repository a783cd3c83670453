"""Pure: what is counted of comments and decisions, and how counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from moderation.insights.decision_figures import Pace, find_rank

#: The counts that add up, as columns of `tables.insights.Counts`; `waits` does, too.
COUNTS = (
    *("comments", "approved", "rejected", "automatic", "decisions", "rejections"),
    *("overturned", "timed", "overdue", "compared", "agreed", "reports"),
)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Dimension(StrEnum):
    """The dimension of daily figures, next to the section."""

    ALL = "all"  #: nothing: all of a section
    ARTICLE = "article"
    MODERATOR = "moderator"  #: who decided
    LABEL = "label"  #: why, as far as it is a label


@dataclass(kw_only=True)
class Figures:
    """Counts of comments, decisions, and reports; see `tables.insights.Counts`."""

    comments: int = 0
    approved: int = 0
    rejected: int = 0
    automatic: int = 0
    decisions: int = 0
    rejections: int = 0
    overturned: int = 0
    timed: int = 0
    overdue: int = 0
    compared: int = 0
    agreed: int = 0
    reports: int = 0
    waits: Counter[int] = field(default_factory=Counter)

    @property
    def decided(self) -> int:
        """Comments that are approved or rejected."""
        return self.approved + self.rejected

    @property
    def pending(self) -> int:
        """Comments that are pending."""
        return self.comments - self.decided

    @property
    def pace(self) -> Pace:
        """The time from a comment's arrival to its decision by a moderator."""
        return Pace(median=find_rank(self.waits, 0.5), p90=find_rank(self.waits, 0.9))

    def add(self, other: Figures) -> None:
        """Add the counts of another part."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.waits:
            self.waits.update(other.waits)


def total(parts: Iterable[Figures]) -> Figures:
    """Return the sum of figures."""
    result = Figures()
    for part in parts:
        result.add(part)
    return result


def start_of(moment: datetime, length: timedelta) -> datetime:
    """Return when the hour or day of a moment begins, in UTC."""
    return moment - (moment - EPOCH) % length
