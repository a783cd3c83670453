"""How many comments of each tab there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts import scope
from moderation.queue.estimates import count_up_to, has_at_most
from moderation.queue.query import CommentTab, QueueQuery
from moderation.queue.streams import choose_rarest, stream_of_tab, streams_of_filters
from moderation.queue.tabs import get_range, is_of_tab, list_filter_conditions_for
from moderation.tables.comments import Comment

MAX_COUNTED = 10_000  # comments of a tab without filters; beyond, "10,000+"
COUNT_EXAMINED = 3_000  # comments that are asked one by one for a count


@dataclass(frozen=True, kw_only=True)
class TabCount:
    """How many comments of a tab match."""

    number: int
    is_exact: bool  #: else there are at least so many


def count_tabs(
    session: Session, query: QueueQuery, *, staff_id: int
) -> dict[CommentTab, TabCount]:
    """Return how many comments of each tab meet the filters of a query.

    Where no filter finds few, up to `MAX_COUNTED` of each tab are counted, or
    `COUNT_EXAMINED` of them are asked the other filters.
    """
    conditions = list_filter_conditions_for(session, query, staff_id)
    streams = streams_of_filters(session, query)
    within = get_range(query)
    if streams:
        rarest = choose_rarest(session, streams, within)
        found = rarest.read(within, COUNT_EXAMINED + 1)
        if has_at_most(session, found, COUNT_EXAMINED):
            return _count_together(session, found, query, conditions)
        streams = [rarest]
    is_bare = not conditions and not scope.is_limited(session)
    counts = {}
    for tab in CommentTab:
        stream = stream_of_tab(query.site_ids, tab)
        if is_bare:
            most = count_up_to(session, stream.read(within, MAX_COUNTED), MAX_COUNTED)
            counts[tab] = TabCount(number=most, is_exact=most < MAX_COUNTED)
            continue
        stream = choose_rarest(session, [stream, *streams], within)
        found = stream.read(within, COUNT_EXAMINED)
        number = _count_matching(session, found, [*is_of_tab(query, tab), *conditions])
        is_exact = count_up_to(session, found, COUNT_EXAMINED) < COUNT_EXAMINED
        counts[tab] = TabCount(number=number, is_exact=is_exact)
    return counts


def _count_together(
    session: Session,
    ids: sa.Select[Any],
    query: QueueQuery,
    conditions: Sequence[sa.ColumnElement[bool]],
) -> dict[CommentTab, TabCount]:
    """Count all tabs among few ids."""
    found = ids.subquery()
    counts = [
        sa.func.count().filter(*is_of_tab(query, tab)).label(tab.value)
        for tab in CommentTab
    ]
    counted = sa.select(*counts).select_from(Comment)
    counted = counted.join(found, found.c.id == Comment.id).where(*conditions)
    row = session.execute(counted).one()
    return {
        tab: TabCount(number=number, is_exact=True)
        for tab, number in zip(CommentTab, row, strict=True)
    }


def _count_matching(
    session: Session,
    ids: sa.Select[Any],
    conditions: Sequence[sa.ColumnElement[bool]],
) -> int:
    found = ids.subquery()
    query = sa.select(sa.func.count(Comment.id)).join(found, found.c.id == Comment.id)
    return session.scalar(query.where(*conditions)) or 0
