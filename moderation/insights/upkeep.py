"""Keep the figures counted: what has changed soon, all of it from time to time.

A worker counts the hours and days that new decisions and reports touch, also those of
the comment and of earlier decisions about it. What changes without a decision, such as
an article's section, is found as the last weeks are counted again each day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moderation.identifiers import moment_of
from moderation.insights.figures import COUNTS, DAY, HOUR, Dimension, Figures, start_of
from moderation.insights.tally import read_recorded, tally_day, tally_hours
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.insights import DailyFigures, FigureProgress, HourlyFigures
from moderation.tables.objections import Report
from moderation.tables.sites import Site

HOURS_KEPT = timedelta(days=60)  # twice the longest period of the overview, and more
OVERLAP = timedelta(minutes=5)  # a transaction may commit so long after it began
STORED_EVERY = timedelta(minutes=2)  # although nothing has changed: a worker lives
DAYS_EVERY = timedelta(minutes=5)  # between two counts of the days that changed
HEALED_EVERY = timedelta(days=1)
HEALED = timedelta(days=35)  # counted again then
CHUNK = 500  # comments whose decisions are looked up at once


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Counts of some time, to be stored."""

    #: beginnings of hours, each with its figures by section
    hours: Mapping[datetime, Mapping[str, Figures]]
    #: beginnings of days, each with its figures by dimension, section, and subject
    days: Mapping[datetime, Mapping[tuple[Dimension, str, str], Figures]]
    progress: Mapping[str, datetime | None]  #: new values of `FigureProgress`
    is_due: bool = True  #: false: nothing has changed, and it was stored shortly ago


def list_sites(session: Session) -> Sequence[int]:
    """Return the ids of all sites."""
    return session.scalars(sa.select(Site.id).order_by(Site.id)).all()


def count_changes(session: Session, site_id: int, now: datetime) -> Counted:
    """Count the hours, and at times the days, that have changed since last time."""
    progress = session.get(FigureProgress, site_id)
    if progress is None:
        return _begin(session, site_id, now)
    values: dict[str, datetime | None] = {"hours_until": now}
    moments = _touched(session, site_id, progress.hours_until - OVERLAP)
    hours = {start_of(moment, HOUR) for moment in moments}
    starts: set[datetime] = set()
    if now - progress.days_until >= DAYS_EVERY:
        moments = _touched(session, site_id, progress.days_until - OVERLAP)
        starts = {start_of(moment, DAY) for moment in moments}
        values["days_until"] = now
    if progress.next_day is None and now - progress.healed_at >= HEALED_EVERY:
        today = start_of(now, DAY)
        values |= {"next_day": today, "last_day": today - HEALED, "healed_at": now}
    return Counted(
        hours={
            hour: _count_hours(session, site_id, hour, hour + HOUR)[hour]
            for hour in sorted(hours)
            if hour > now - HOURS_KEPT
        },
        days={day: _count_day(session, site_id, day)[1] for day in sorted(starts)},
        progress=values,
        is_due=bool(hours or starts or "next_day" in values)
        or now - progress.hours_until >= STORED_EVERY,
    )


def count_next_day(session: Session, site_id: int, now: datetime) -> Counted | None:
    """Count the next one of the days to be counted again; None: there are none."""
    progress = session.get(FigureProgress, site_id)
    if progress is None or progress.next_day is None or progress.last_day is None:
        return None
    day = progress.next_day
    hours, parts = _count_day(session, site_id, day)
    is_last = day <= progress.last_day
    return Counted(
        hours=hours if day > now - HOURS_KEPT else {},
        days={day: parts},
        progress={
            "next_day": None if is_last else day - DAY,
            "last_day": None if is_last else progress.last_day,
        },
    )


def store(session: Session, site_id: int, counted: Counted) -> None:
    """Store what was counted in place of what was there."""
    progress = session.get(FigureProgress, site_id, with_for_update=True)
    if progress is None:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        insertion = (sqlite.insert if is_sqlite else postgresql.insert)(FigureProgress)
        first = insertion.values(site_id=site_id, **counted.progress)
        session.execute(first.on_conflict_do_nothing())  # another worker may be first
        progress = session.get_one(FigureProgress, site_id, with_for_update=True)
    for name, moment in counted.progress.items():
        setattr(progress, name, moment)
    session.flush()
    _delete(session, HourlyFigures, site_id, counted.hours)
    _delete(session, DailyFigures, site_id, counted.days)
    _insert(
        session,
        HourlyFigures,
        [
            {"start": hour, "section": section, **_columns(site_id, figures)}
            for hour, parts in counted.hours.items()
            for section, figures in parts.items()
        ],
    )
    _insert(
        session,
        DailyFigures,
        [
            {
                "start": day,
                "dimension": dimension.value,
                "section": section,
                "subject": subject,
                **_columns(site_id, figures),
            }
            for day, parts in counted.days.items()
            for (dimension, section, subject), figures in parts.items()
        ],
    )


def start_over(session: Session, site_id: int, now: datetime) -> int:
    """Let all days be counted again; return how many there are."""
    counted = _begin(session, site_id, now)
    store(session, site_id, counted)
    first, last = counted.progress["next_day"], counted.progress["last_day"]
    return 0 if first is None or last is None else (first - last) // DAY + 1


def delete_old_hours(session: Session, now: datetime) -> None:
    """Delete hours that nothing reads any more."""
    old = HourlyFigures.start < now - HOURS_KEPT
    session.execute(sa.delete(HourlyFigures).where(old))


def _begin(session: Session, site_id: int, now: datetime) -> Counted:
    """Plan to count everything there is."""
    comment_id = session.scalar(
        sa.select(sa.func.min(Comment.id)).where(Comment.site_id == site_id)
    )
    today = start_of(now, DAY)
    first = today if comment_id is None else start_of(moment_of(comment_id), DAY)
    earliest = session.scalar(
        sa.select(Decision.created_at)
        .where(Decision.site_id == site_id)
        .order_by(Decision.created_at)
        .limit(1)
    )
    if earliest is not None:
        first = min(first, start_of(earliest, DAY))
    progress = {"next_day": today, "last_day": min(first, today), "healed_at": now}
    progress |= {"hours_until": now, "days_until": now}
    return Counted(hours={}, days={}, progress=progress)


def _touched(session: Session, site_id: int, since: datetime) -> set[datetime]:
    """Return moments whose figures what was recorded since then may have changed."""
    moments = set(
        session.scalars(
            sa.select(Report.created_at).where(
                Report.site_id == site_id, Report.created_at >= since
            )
        )
    )
    comment_ids = session.scalars(
        sa.select(Decision.comment_id)
        .where(Decision.site_id == site_id, Decision.created_at >= since)
        .distinct()
    ).all()
    moments.update(map(moment_of, comment_ids))
    for place in range(0, len(comment_ids), CHUNK):
        about = Decision.comment_id.in_(comment_ids[place : place + CHUNK])
        moments.update(session.scalars(sa.select(Decision.created_at).where(about)))
    return moments


def _count_hours(
    session: Session, site_id: int, start: datetime, end: datetime
) -> dict[datetime, dict[str, Figures]]:
    recorded = read_recorded(session, site_id, start, end)
    return _by_hour(tally_hours(recorded), start, end)


def _count_day(
    session: Session, site_id: int, day: datetime
) -> tuple[
    dict[datetime, dict[str, Figures]], dict[tuple[Dimension, str, str], Figures]
]:
    """Return a day's figures by hour, and as they are stored by day."""
    recorded = read_recorded(session, site_id, day, day + DAY)
    parts = {
        (dimension, section, subject): figures
        for dimension in Dimension
        for (section, subject), figures in tally_day(recorded, dimension).items()
    }
    return _by_hour(tally_hours(recorded), day, day + DAY), parts


def _by_hour(
    parts: Mapping[tuple[datetime, str], Figures], start: datetime, end: datetime
) -> dict[datetime, dict[str, Figures]]:
    """Return figures by hour; of some, there are none."""
    hours: dict[datetime, dict[str, Figures]] = {
        start + number * HOUR: {} for number in range((end - start) // HOUR)
    }
    for (hour, section), figures in parts.items():
        hours[hour][section] = figures
    return hours


def _columns(site_id: int, figures: Figures) -> dict[str, Any]:
    counts = {name: getattr(figures, name) for name in COUNTS}
    waits = {str(seconds): number for seconds, number in figures.waits.items()}
    return {"site_id": site_id, **counts, "waits": waits}


def _delete(
    session: Session,
    table: type[HourlyFigures] | type[DailyFigures],
    site_id: int,
    starts: Iterable[datetime],
) -> None:
    chosen = list(starts)
    for place in range(0, len(chosen), CHUNK):
        some = table.start.in_(chosen[place : place + CHUNK])
        session.execute(sa.delete(table).where(table.site_id == site_id, some))


def _insert(
    session: Session,
    table: type[HourlyFigures] | type[DailyFigures],
    rows: list[dict[str, Any]],
) -> None:
    if rows:
        session.execute(sa.insert(table), rows)
