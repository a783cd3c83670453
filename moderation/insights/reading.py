"""Read what was counted in advance: sums by any columns of the figures' tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.accounts import scope
from moderation.insights.figures import COUNTS, Figures
from moderation.tables.insights import DailyFigures, HourlyFigures, QueueSample

FigureTable = type[HourlyFigures] | type[DailyFigures]


def is_visible(
    session: Session,
    table: FigureTable | type[QueueSample],
    site_ids: Collection[int],
    section: str | None = None,
) -> sa.ColumnElement[bool]:
    """Return the condition that figures are of some sites, as far as one may see them.

    Counts belong to no comment, so the session doesn't limit them to sections.
    """
    parts: list[sa.ColumnElement[bool]] = [sa.false()]
    for site_id in site_ids:
        names = scope.sections_at(session, site_id)
        is_of_site = table.site_id == site_id
        if names is not None:
            is_of_site = sa.and_(is_of_site, table.section.in_(names))
        parts.append(is_of_site)
    visible = sa.or_(*parts)
    return visible if section is None else sa.and_(visible, table.section == section)


def sum_by(
    session: Session,
    table: FigureTable,
    columns: Collection[InstrumentedAttribute[Any]],
    *conditions: sa.ColumnElement[bool],
) -> dict[tuple[Any, ...], Figures]:
    """Return the sums of the figures that meet conditions, by some of their columns."""
    parts = sum_counts_by(session, table, columns, *conditions)
    for key, waits in read_waits(session, table, columns, *conditions):
        parts[key].waits.update(waits)
    return parts


def sum_counts_by(
    session: Session,
    table: FigureTable,
    columns: Collection[InstrumentedAttribute[Any]],
    *conditions: sa.ColumnElement[bool],
) -> dict[tuple[Any, ...], Figures]:
    """Return sums as `sum_by`, without the times of decisions."""
    sums = [sa.func.sum(getattr(table, name)) for name in COUNTS]
    width = len(columns)
    parts: dict[tuple[Any, ...], Figures] = defaultdict(Figures)
    query = sa.select(*columns, *sums).where(*conditions).group_by(*columns)
    for row in session.execute(query):
        figures = parts[tuple(row[:width])]
        for name, number in zip(COUNTS, row[width:], strict=True):
            setattr(figures, name, int(number or 0))
    return parts


def read_waits(
    session: Session,
    table: FigureTable,
    columns: Collection[InstrumentedAttribute[Any]],
    *conditions: sa.ColumnElement[bool],
) -> Iterator[tuple[tuple[Any, ...], dict[int, int]]]:
    """Yield the times of decisions, with the columns of each row."""
    width = len(columns)
    query = sa.select(*columns, table.waits).where(*conditions, table.timed > 0)
    for row in session.execute(query):
        waits = {int(seconds): number for seconds, number in row[width].items()}
        yield tuple(row[:width]), waits
