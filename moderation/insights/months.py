"""The figures of any months: their course, and by section, article, or moderator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.insights import agencies
from moderation.insights.figures import DAY, EPOCH, Dimension, Figures, total
from moderation.insights.reading import is_visible, sum_by
from moderation.tables.accounts import Staff
from moderation.tables.comments import Article
from moderation.tables.insights import DailyFigures, FigureProgress, QueueSample

MAX_DAYS = 731  # two years, one of them a leap year
MAX_DAILY = 62  # days that are shown day by day
MAX_WEEKLY = 371  # days that are shown week by week


class StepLength(StrEnum):
    """The length of a step of the course."""

    DAY = "day"
    WEEK = "week"  #: from Monday on
    MONTH = "month"


class Breakdown(StrEnum):
    """The breakdown of figures."""

    TIME = "time"
    SECTION = "section"
    ARTICLE = "article"
    MODERATOR = "moderator"
    AGENCY = "agency"
    LABEL = "label"


DIMENSIONS = {
    Breakdown.TIME: Dimension.ALL,
    Breakdown.SECTION: Dimension.ALL,
    Breakdown.ARTICLE: Dimension.ARTICLE,
    Breakdown.MODERATOR: Dimension.MODERATOR,
    Breakdown.AGENCY: Dimension.MODERATOR,
    Breakdown.LABEL: Dimension.LABEL,
}


@dataclass(frozen=True, kw_only=True)
class InsightsQuery:
    """A range of a site's days, in UTC."""

    site_id: int
    first: date
    last: date  #: included
    section: str | None = None

    @property
    def step(self) -> StepLength:
        """The length of the steps in which these days are shown."""
        days = (self.last - self.first).days + 1
        if days <= MAX_DAILY:
            return StepLength.DAY
        return StepLength.WEEK if days <= MAX_WEEKLY else StepLength.MONTH

    @property
    def start(self) -> datetime:
        """When the first day begins."""
        return datetime.combine(self.first, time(), EPOCH.tzinfo)

    @property
    def end(self) -> datetime:
        """When the last day ends."""
        return datetime.combine(self.last, time(), EPOCH.tzinfo) + DAY


@dataclass(frozen=True, kw_only=True)
class InsightsRow:
    """The figures of one part: a step of the course, or a subject."""

    key: str  #: a date, a name, an article's reference; empty: of none
    title: str | None  #: of an article
    figures: Figures
    oldest_seconds: int | None = None  #: of a step: as `overview.Step`


@dataclass(frozen=True, kw_only=True)
class Insights:
    """The figures of some days."""

    query: InsightsQuery
    as_of: datetime | None  #: what was recorded by then is counted; None: not yet
    figures: Figures
    rows: Sequence[InsightsRow]


def read_insights(session: Session, query: InsightsQuery, by: Breakdown) -> Insights:
    """Return the figures of some days and what they consist of.

    Steps are in order of time, people and agencies by name, articles and labels by
    comments, the most first.
    """
    progress = session.get(FigureProgress, query.site_id)
    everything = _sum(session, query, Dimension.ALL, DailyFigures.start)
    return Insights(
        query=query,
        as_of=progress.days_until if progress else None,
        figures=total(everything.values()),
        rows=_rows(session, query, by, everything),
    )


def list_sections(session: Session, site_id: int) -> Sequence[str]:
    """Return the names of a site's sections that have figures."""
    return session.scalars(
        sa.select(DailyFigures.section)
        .distinct()
        .where(
            is_visible(session, DailyFigures, [site_id]),
            DailyFigures.dimension == Dimension.ALL.value,
            DailyFigures.section != "",
        )
        .order_by(DailyFigures.section)
    ).all()


def _rows(
    session: Session,
    query: InsightsQuery,
    by: Breakdown,
    everything: dict[Any, Figures],
) -> list[InsightsRow]:
    match by:
        case Breakdown.TIME:
            return _course(session, query, everything)
        case Breakdown.SECTION:
            parts = _sum(session, query, Dimension.ALL, DailyFigures.section)
            return _by_name(parts)
        case Breakdown.ARTICLE:
            return _articles(session, query)
        case Breakdown.LABEL:
            parts = _sum(session, query, Dimension.LABEL, DailyFigures.subject)
            return _by_size(_by_name(parts))
        case Breakdown.MODERATOR | Breakdown.AGENCY:
            parts = _sum(session, query, Dimension.MODERATOR, DailyFigures.subject)
            people = {int(subject): figures for subject, figures in parts.items()}
            if by is Breakdown.AGENCY:
                return _by_name(_of_agencies(session, query.site_id, people))
            return _by_name(_named(session, people))


def _sum(
    session: Session,
    query: InsightsQuery,
    dimension: Dimension,
    column: InstrumentedAttribute[Any],
) -> dict[Any, Figures]:
    parts = sum_by(
        session,
        DailyFigures,
        (column,),
        is_visible(session, DailyFigures, [query.site_id], query.section),
        DailyFigures.dimension == dimension.value,
        DailyFigures.start >= query.start,
        DailyFigures.start < query.end,
    )
    return {key: figures for (key,), figures in parts.items()}


def _by_name(parts: dict[str, Figures]) -> list[InsightsRow]:
    return [
        InsightsRow(key=name, title=None, figures=parts[name]) for name in sorted(parts)
    ]


def _by_size(rows: list[InsightsRow]) -> list[InsightsRow]:
    return sorted(rows, key=lambda row: (-row.figures.comments, row.key))


def _articles(session: Session, query: InsightsQuery) -> list[InsightsRow]:
    parts = _sum(session, query, Dimension.ARTICLE, DailyFigures.subject)
    articles = {
        str(number): (reference, title)
        for number, reference, title in session.execute(
            sa.select(Article.id, Article.reference, Article.title).where(
                Article.site_id == query.site_id
            )
        )
        if str(number) in parts
    }
    rows = [
        InsightsRow(key=articles[number][0], title=articles[number][1], figures=part)
        for number, part in parts.items()
        if number in articles  # one that was merged is counted again as another
    ]
    return _by_size(rows)


def _named(session: Session, people: dict[int, Figures]) -> dict[str, Figures]:
    rows = session.execute(sa.select(Staff.id, Staff.login).where(Staff.id.in_(people)))
    return {login: people[staff_id] for staff_id, login in rows}


def _of_agencies(
    session: Session, site_id: int, people: dict[int, Figures]
) -> dict[str, Figures]:
    names = agencies.read_members(session, site_id)
    parts: dict[str, Figures] = {}
    for staff_id, figures in people.items():
        parts.setdefault(names.get(staff_id, ""), Figures()).add(figures)
    return parts


def _course(
    session: Session, query: InsightsQuery, days: dict[datetime, Figures]
) -> list[InsightsRow]:
    oldest = {
        row[0]: row[1]
        for row in session.execute(
            sa.select(QueueSample.start, sa.func.max(QueueSample.oldest_seconds))
            .where(
                is_visible(session, QueueSample, [query.site_id], query.section),
                QueueSample.start >= query.start,
                QueueSample.start < query.end,
            )
            .group_by(QueueSample.start)
        )
    }
    parts: dict[date, Figures] = {}
    ages: dict[date, int] = {}
    day = query.start
    while day < query.end:
        step = max(query.first, _step_of(day, query.step))
        parts.setdefault(step, Figures()).add(days.get(day, Figures()))
        day += DAY
    for hour, seconds in oldest.items():
        step = max(query.first, _step_of(hour, query.step))
        ages[step] = max(ages.get(step, 0), seconds)
    return [
        InsightsRow(
            key=step.isoformat(),
            title=None,
            figures=figures,
            oldest_seconds=ages.get(step),
        )
        for step, figures in parts.items()
    ]


def _step_of(moment: datetime, length: StepLength) -> date:
    """Return the first day of the step that a moment belongs to."""
    day = moment.date()
    if length is StepLength.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if length is StepLength.MONTH else day
