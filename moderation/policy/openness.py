"""Openness of an article at a moment, and moderation of its new comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from moderation.policy.opening_hours import Outside
from moderation.policy.reasons import ReasonCode
from moderation.policy.thresholds import Moderation, Policy


class ClosedBy(StrEnum):
    """Why an article takes no comments."""

    ARTICLE = "article"  #: staff or the site's software closed it
    SECTION = "section"  #: its section is closed, or the whole site
    AGE = "age"  #: it is older than its section allows
    HOURS = "hours"  #: outside of the site's opening hours


@dataclass(frozen=True, kw_only=True)
class ArticleFacts:
    """The facts about an article that count."""

    section: str | None = None
    #: as staff or the site's software set it; None: as the policy says
    is_open: bool | None = None
    since: datetime | None = None  #: published, or first commented on; None: new


@dataclass(frozen=True, kw_only=True)
class Openness:
    """Whether comments are accepted, and what holds those without objections."""

    #: why a moderator sees all of them first; None: no such reason
    held_because: ReasonCode | None = None
    closed_by: ClosedBy | None = None  #: None: it is open
    opens_at: datetime | None = None  #: where that is known

    @property
    def is_open(self) -> bool:
        """Whether new comments are taken."""
        return self.closed_by is None


def get_openness(policy: Policy, article: ArticleFacts, at: datetime) -> Openness:
    """Return whether an article takes comments at a moment.

    An article that was closed by itself stays closed. One that was opened by itself is
    open in any section and at any age; outside of the opening hours it is what every
    article is. In a closed section, a moderator sees its comments first.
    """
    hours = policy.opening_hours
    is_outside = hours is not None and not hours.is_open(at)
    held_because = hold_of_section(policy, article.section)
    if is_outside:
        held_because = held_because or ReasonCode.OUTSIDE_HOURS
    closed_by = _closed_by(policy, article, at)
    if closed_by is not None:
        return Openness(held_because=held_because, closed_by=closed_by)
    if hours is not None and is_outside and hours.outside is Outside.CLOSED:
        return Openness(
            held_because=held_because,
            closed_by=ClosedBy.HOURS,
            opens_at=hours.opens_at(at),
        )
    return Openness(held_because=held_because)


def get_closing(policy: Policy, article: ArticleFacts, at: datetime) -> datetime | None:
    """Return when an open article closes, by its age or the opening hours, or None."""
    ends = [_ends_at(policy, article, at)]
    hours = policy.opening_hours
    if hours is not None and hours.outside is Outside.CLOSED:
        ends.append(hours.closes_at(at))
    return min((end for end in ends if end is not None), default=None)


def hold_of_section(policy: Policy, section: str | None) -> ReasonCode | None:
    """Return why a moderator sees a section's comments first, or None.

    Those of a closed section, too: nothing new is expected there.
    """
    is_post = policy.moderation_of(section) is Moderation.POST
    return None if is_post else ReasonCode.PREMODERATION


def _closed_by(policy: Policy, article: ArticleFacts, at: datetime) -> ClosedBy | None:
    if article.is_open is not None:
        return None if article.is_open else ClosedBy.ARTICLE
    if policy.moderation_of(article.section) is Moderation.CLOSED:
        return ClosedBy.SECTION
    ends_at = _ends_at(policy, article, at)
    return ClosedBy.AGE if ends_at is not None and ends_at <= at else None


def _ends_at(policy: Policy, article: ArticleFacts, at: datetime) -> datetime | None:
    """Return when an article closes by its age; None: never, or it was opened."""
    days = policy.closes_after(article.section)
    if days is None or article.is_open:
        return None
    return (article.since or at) + timedelta(days=days)
