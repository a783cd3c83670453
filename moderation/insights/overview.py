"""The figures of the last hours or days, with their course and what was before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.insights import queue_samples
from moderation.insights.figures import HOUR, Figures, start_of, total
from moderation.insights.reading import is_visible, read_waits, sum_by, sum_counts_by
from moderation.tables.insights import FigureProgress, HourlyFigures, QueueSample


class Period(StrEnum):
    """The period of the overview, up to the end of the current hour."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "28d"


@dataclass(frozen=True, kw_only=True)
class PeriodShape:
    """The steps of a period, and the period to compare with."""

    step: timedelta  #: of its course
    count: int  #: steps
    before: timedelta  #: it is compared with what was so much earlier

    @property
    def length(self) -> timedelta:
        """The whole of it."""
        return self.step * self.count


# A day is compared with the same weekday: nights and Sundays are quiet.
SHAPES = {
    Period.DAY: PeriodShape(step=HOUR, count=24, before=timedelta(days=7)),
    Period.WEEK: PeriodShape(step=6 * HOUR, count=28, before=timedelta(days=7)),
    Period.MONTH: PeriodShape(step=24 * HOUR, count=28, before=timedelta(days=28)),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A part of a period's course."""

    start: datetime
    figures: Figures
    #: the most that a pending comment's age was seen to be, in seconds; None: not seen
    oldest_seconds: int | None
    #: pending comments when last seen; None: not seen
    pending: int | None


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The figures of a period."""

    period: Period
    since: datetime
    until: datetime
    as_of: datetime | None  #: what was recorded by then is counted; None: not yet
    figures: Figures
    #: of the whole hours of the period, and of the same hours before; None: some of
    #: them are from before the first comment
    whole_hours: Figures
    before: Figures | None
    course: Sequence[Step]
    oldest_seconds: (
        int | None
    )  #: age of the oldest pending comment; None: there is none
    by_section: dict[str, Figures]  #: the empty name: articles without a section
    by_site: dict[int, Figures]


def read_overview(
    session: Session,
    site_ids: Collection[int],
    period: Period,
    now: datetime,
    section: str | None = None,
) -> Overview:
    """Return the figures of a period at some sites, or in one of their sections."""
    shape = SHAPES[period]
    until = start_of(now, HOUR) + HOUR
    since = until - shape.length
    visible = is_visible(session, HourlyFigures, site_ids, section)
    within = (visible, HourlyFigures.start >= since, HourlyFigures.start < until)
    hours, parts = _read_hours(session, within)
    by_section: dict[str, Figures] = {}
    by_site: dict[int, Figures] = {site_id: Figures() for site_id in site_ids}
    for (site_id, name), figures in parts.items():
        by_section.setdefault(name, Figures()).add(figures)
        by_site[site_id].add(figures)
    open_hour = start_of(now, HOUR)
    oldest = None if section else queue_samples.find_oldest(session, site_ids)
    return Overview(
        period=period,
        since=since,
        until=until,
        as_of=_as_of(session, site_ids),
        figures=total(by_site.values()),
        whole_hours=total(each for start, each in hours.items() if start < open_hour),
        before=_before(
            session, visible, since - shape.before, open_hour - shape.before
        ),
        course=_course(session, site_ids, section, shape, since, hours),
        oldest_seconds=None if oldest is None else queue_samples.age_of(oldest, now),
        by_section=dict(sorted(by_section.items())),
        by_site=by_site,
    )


def _read_hours(
    session: Session, within: tuple[sa.ColumnElement[bool], ...]
) -> tuple[dict[datetime, Figures], dict[tuple[int, str], Figures]]:
    """Return figures by hour, and by site and section.

    Each is summed by the database; the times of decisions are read once for both.
    """
    table = HourlyFigures
    hours = sum_counts_by(session, table, (table.start,), *within)
    parts = sum_counts_by(session, table, (table.site_id, table.section), *within)
    columns = (table.start, table.site_id, table.section)
    for (start, site_id, section), waits in read_waits(
        session, table, columns, *within
    ):
        hours[start,].waits.update(waits)
        parts[site_id, section].waits.update(waits)
    return (
        {start: figures for (start,), figures in hours.items()},
        {(site_id, name): figures for (site_id, name), figures in parts.items()},
    )


def _as_of(session: Session, site_ids: Collection[int]) -> datetime | None:
    """Return up to when the figures of all sites are counted."""
    rows = session.scalars(
        sa.select(FigureProgress.hours_until).where(
            FigureProgress.site_id.in_(site_ids)
        )
    ).all()
    return min(rows) if rows and len(rows) == len(site_ids) else None


def _before(
    session: Session,
    visible: sa.ColumnElement[bool],
    since: datetime,
    until: datetime,
) -> Figures | None:
    """Return the figures of an earlier time; None: not all of it was counted."""
    is_known = session.scalar(
        sa.select(HourlyFigures.start)
        .where(visible, HourlyFigures.start <= since)
        .limit(1)
    )
    if is_known is None:
        return None
    parts = sum_by(
        session,
        HourlyFigures,
        (HourlyFigures.site_id,),
        visible,
        HourlyFigures.start >= since,
        HourlyFigures.start < until,
    )
    return total(parts.values())


def _course(
    session: Session,
    site_ids: Collection[int],
    section: str | None,
    shape: PeriodShape,
    since: datetime,
    hours: dict[datetime, Figures],
) -> list[Step]:
    queue = _queue(session, site_ids, section, since, since + shape.length)
    steps = []
    for number in range(shape.count):
        start = since + number * shape.step
        inside = [start + place * HOUR for place in range(shape.step // HOUR)]
        seen = [queue[hour] for hour in inside if hour in queue]
        steps.append(
            Step(
                start=start,
                figures=total(hours[hour] for hour in inside if hour in hours),
                oldest_seconds=max((seconds for _, seconds in seen), default=None),
                pending=seen[-1][0] if seen else None,
            )
        )
    return steps


def _queue(
    session: Session,
    site_ids: Collection[int],
    section: str | None,
    since: datetime,
    until: datetime,
) -> dict[datetime, tuple[int, int]]:
    """Return pending comments and the oldest one's age, by the hour."""
    rows = session.execute(
        sa.select(
            QueueSample.start,
            sa.func.sum(QueueSample.pending),
            sa.func.max(QueueSample.oldest_seconds),
        )
        .where(
            is_visible(session, QueueSample, site_ids, section),
            QueueSample.start >= since,
            QueueSample.start < until,
        )
        .group_by(QueueSample.start)
    )
    return {start: (int(pending), seconds) for start, pending, seconds in rows}
