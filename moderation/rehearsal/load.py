"""The load of the queue: comments and minutes a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from moderation.rehearsal.counts import GroupCounts
from moderation.rehearsal.replaying import WouldBe
from moderation.statistics import ConfidenceInterval, SampledStratum, stratified_share

USUAL_SECONDS = 10.0  # for one decision, where none were measured
MIN_TIMED = 30  # decisions; fewer say little about the usual one
DAY = timedelta(days=1)


class SecondsSource(StrEnum):
    """The source of the seconds for a decision."""

    GIVEN = "given"  #: in the request
    MEASURED = "measured"  #: the median of the site's own decisions
    ASSUMED = "assumed"  #: too few were measured


@dataclass(frozen=True, kw_only=True)
class DecisionSeconds:
    """The time that a moderator needs for one decision."""

    seconds: float = USUAL_SECONDS
    source: SecondsSource = SecondsSource.ASSUMED
    decisions: int = 0  #: that were measured


def choose_seconds(
    given: float | None, median: float | None, timed: int
) -> DecisionSeconds:
    """Return the seconds for a decision: those given, the site's own, or the usual.

    Parameters
    ----------
    median, timed
        Of the site's own decisions that were timed, and how many were.
    """
    if given is not None:
        return DecisionSeconds(seconds=given, source=SecondsSource.GIVEN)
    if median and timed >= MIN_TIMED:
        return DecisionSeconds(
            seconds=median, source=SecondsSource.MEASURED, decisions=timed
        )
    return DecisionSeconds()


@dataclass(frozen=True, kw_only=True)
class QueueLoad:
    """Moderators' decisions on an average day."""

    comments: ConfidenceInterval
    minutes: ConfidenceInterval


def estimate_load(
    groups: Sequence[GroupCounts],
    days: float,
    population_share: float,
    seconds: float,
) -> QueueLoad:
    """Return the load of comments of some days.

    What was left out, or not read, is taken to be held as often as what was replayed.
    The error is that of reading a part; without one, both ends are the value.

    Parameters
    ----------
    days
        Over 0.
    population_share
        Of the comments, the share that was read, over 0 to 1.
    """
    held = sum(group.count(would_be=WouldBe.HELD) for group in groups)
    replayed = sum(group.replayed for group in groups)
    read = replayed + sum(group.left_out for group in groups)
    everything = round(read / population_share)
    if not replayed:
        nothing = ConfidenceInterval(value=0.0, low=0.0, high=0.0)
        return QueueLoad(comments=nothing, minutes=nothing)
    stratum = SampledStratum(
        hits=held, sample=replayed, population=max(replayed, everything)
    )
    share = stratified_share([stratum])
    assert share is not None  # noqa: S101 - there are comments
    return scale_load(share, everything / days, seconds)


def scale_load(
    share: ConfidenceInterval, comments_a_day: float, seconds: float
) -> QueueLoad:
    """Return the load of a share of comments that is held."""
    return QueueLoad(
        comments=_times(share, comments_a_day),
        minutes=_times(share, comments_a_day * seconds / 60),
    )


def _times(share: ConfidenceInterval, factor: float) -> ConfidenceInterval:
    return ConfidenceInterval(
        value=share.value * factor, low=share.low * factor, high=share.high * factor
    )


def days_between(first: datetime, last: datetime) -> float:
    """Return the days that comments are spread over, 1 at least."""
    return max(1.0, (last - first) / DAY)


def days_in_month(month: str, first: datetime, last: datetime) -> float:
    """Return the days of a month, such as `2026-11`, within a period; 1 at least."""
    year, number = map(int, month.split("-"))
    start = first.replace(
        year=year, month=number, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    end = (start + 31 * DAY).replace(day=1)
    return days_between(max(start, first), min(end, last))
