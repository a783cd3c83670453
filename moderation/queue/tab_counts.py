"""Count the comments of each tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts import scope
from moderation.queue.estimates import count_up_to
from moderation.queue.query import CommentTab, QueueQuery, is_contradiction
from moderation.queue.streams import (
    choose_rarest,
    in_chunks,
    stream_of_tab,
    streams_of_filters,
)
from moderation.queue.tabs import get_range, is_of_tab, list_filter_conditions_for
from moderation.tables.comments import Comment

MAX_COUNTED = 10_000  # comments of a tab without filters; beyond, "10,000+"
COUNT_TOGETHER = 3_000  # comments that are asked for all tabs at once
COUNT_EXAMINED = 1_000  # comments that are asked for one tab


@dataclass(frozen=True, kw_only=True)
class TabCount:
    """The number of a tab's matching comments."""

    number: int
    is_exact: bool  #: else there are at least so many


def count_tabs(
    session: Session, query: QueueQuery, *, staff_id: int
) -> dict[CommentTab, TabCount]:
    """Return how many comments of each tab meet the filters of a query.

    Exact where a filter finds up to `COUNT_TOGETHER`. Else up to `COUNT_EXAMINED` of
    each tab are asked the filters or, without any, `MAX_COUNTED` are counted.
    """
    conditions = list_filter_conditions_for(session, query, staff_id)
    streams = streams_of_filters(session, query)
    within = get_range(query)
    if streams:
        batch = choose_rarest(session, streams, within, COUNT_TOGETHER)
        if batch.is_last:
            return _count_together(session, batch.ids, query, conditions)
        streams = [batch.stream]
    is_bare = not conditions and not scope.is_limited(session)
    counts = {}
    for tab in CommentTab:
        if is_contradiction(query.filters, tab):
            counts[tab] = TabCount(number=0, is_exact=True)
            continue
        stream = stream_of_tab(query.site_ids, tab)
        if is_bare:
            number = count_up_to(session, stream.read(within, MAX_COUNTED), MAX_COUNTED)
            counts[tab] = TabCount(number=number, is_exact=number < MAX_COUNTED)
            continue
        batch = choose_rarest(session, [stream, *streams], within, COUNT_EXAMINED)
        meet = [*is_of_tab(query, tab), *conditions]
        number = sum(_count_all(session, chunk, meet) for chunk in in_chunks(batch.ids))
        counts[tab] = TabCount(number=number, is_exact=batch.is_last)
    return counts


def _count_together(
    session: Session,
    ids: Sequence[int],
    query: QueueQuery,
    conditions: Sequence[sa.ColumnElement[bool]],
) -> dict[CommentTab, TabCount]:
    """Count all tabs among few ids."""
    numbers = dict.fromkeys(CommentTab, 0)
    columns = [sa.func.count().filter(*is_of_tab(query, tab)) for tab in CommentTab]
    for chunk in in_chunks(ids):
        counted = sa.select(*columns).select_from(Comment)
        row = session.execute(counted.where(Comment.id.in_(chunk), *conditions)).one()
        for tab, number in zip(CommentTab, row, strict=True):
            numbers[tab] += number
    return {
        tab: TabCount(number=number, is_exact=True) for tab, number in numbers.items()
    }


def _count_all(
    session: Session,
    ids: Sequence[int],
    conditions: Sequence[sa.ColumnElement[bool]],
) -> int:
    counted = sa.select(sa.func.count(Comment.id))
    return session.scalar(counted.where(Comment.id.in_(ids), *conditions)) or 0
