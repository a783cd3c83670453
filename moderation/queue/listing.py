"""Lists of comments of every status: pages of them, and how many there are.

A page is read from a stream (`moderation.queue.streams`): the one whose newest comments
reach farthest back, as it passes over the least. No page looks at more than
`MAX_EXAMINED` comments. Where that isn't enough to fill it, it is short, and the next
one goes on behind the last comment that was looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.database import unindexed
from moderation.queue import pages
from moderation.queue.estimates import has_at_most
from moderation.queue.orders import (
    Position,
    Sorting,
    get_sorting,
    position_of,
    score_column,
)
from moderation.queue.query import CommentTab, QueueOrder, QueueQuery
from moderation.queue.streams import (
    MAX_MERGED,
    TimeRange,
    choose_rarest,
    get_extent,
    stream_of_tab,
    streams_of_filters,
)
from moderation.queue.tabs import get_range, get_tab, list_conditions
from moderation.tables.comments import KEPT, MIN_LISTED_SCORE, REPORTED, Comment

MAX_EXAMINED = 10_000  # comments that are looked at for one page
FEW = 2_000  # comments that are sorted whole

ORDERS_OF_TIME = (QueueOrder.NEWEST, QueueOrder.OLDEST)
#: Tabs that usually are sorted whole.
SMALL_TABS = (CommentTab.REPORTED, CommentTab.APPEALED, CommentTab.ESCALATED)

# Literals, as in the indexes; their type says less than they are.
_KEPT: Any = KEPT
_REPORTED: Any = REPORTED


@dataclass(frozen=True, kw_only=True)
class CommentPage:
    """Comments of a list, and where the next page begins; None: there is none."""

    comments: Sequence[Comment]
    next: Position | None


def list_page(
    session: Session,
    query: QueueQuery,
    *,
    staff_id: int,
    after: Position | None,
    limit: int,
) -> CommentPage:
    """Return up to `limit` comments of a query, of its tab, in its order.

    None that the person `staff_id` reviews as a QA sample just now: its status would
    tell what was decided. A page may be short, even empty, while others follow.
    """
    tab = get_tab(query)
    if query.order not in ORDERS_OF_TIME and tab is CommentTab.PENDING:
        rows = pages.list_comments(session, query, after=after, limit=limit + 1)
        return _page(query, rows, limit)
    conditions = list_conditions(session, query, staff_id)
    read = _read_in_time if query.order in ORDERS_OF_TIME else _read_by_key
    ids, reached = read(session, query, conditions, after, limit)
    found = sa.select(Comment).where(Comment.id.in_(ids[: limit + 1]))
    by_id = {comment.id: comment for comment in session.scalars(found)}
    page = _page(query, [by_id[number] for number in ids if number in by_id], limit)
    return page if page.next else replace(page, next=reached)


def _page(query: QueueQuery, rows: Sequence[Comment], limit: int) -> CommentPage:
    comments = rows[:limit]
    if len(rows) <= limit:
        return CommentPage(comments=comments, next=None)
    return CommentPage(comments=comments, next=position_of(comments[-1], query))


def _read_in_time(
    session: Session,
    query: QueueQuery,
    conditions: Sequence[sa.ColumnElement[bool]],
    after: Position | None,
    limit: int,
) -> tuple[list[int], Position | None]:
    """Return the ids of a page and one more, or where it stopped before it was full."""
    within = get_range(query, after)
    tab_stream = stream_of_tab(query.site_ids, get_tab(query))
    streams = streams_of_filters(session, query)
    is_chosen = any(stream.is_narrow for stream in streams)
    stream = choose_rarest(session, streams, within) if is_chosen else tab_stream
    ids: list[int] = []
    examined, size = 0, 2 * limit
    while examined < MAX_EXAMINED:
        found = stream.read(within, size)
        ids += _matching(session, found, conditions, within, limit + 1 - len(ids))
        if len(ids) > limit:
            return ids, None
        count, last = get_extent(session, found, within)
        if count < size:
            return ids, None
        within, examined, size = within.after(last), examined + size, size * 4
        if not is_chosen and len(ids) * MAX_EXAMINED < limit * examined:
            # So few match that the tab's own order would hardly fill the page.
            stream = choose_rarest(session, [tab_stream, *streams], within)
            is_chosen = True
    return ids, Position(key=None, comment_id=last)


def _matching(
    session: Session,
    ids: sa.Select[Any],
    conditions: Sequence[sa.ColumnElement[bool]],
    within: TimeRange,
    limit: int,
) -> Sequence[int]:
    """Return the first of some ids whose comments meet the conditions."""
    found = ids.subquery()
    order = found.c.id.desc() if within.is_descending else found.c.id
    query = sa.select(Comment.id).join(found, found.c.id == Comment.id)
    return session.scalars(query.where(*conditions).order_by(order).limit(limit)).all()


def _read_by_key(
    session: Session,
    query: QueueQuery,
    conditions: Sequence[sa.ColumnElement[bool]],
    after: Position | None,
    limit: int,
) -> tuple[list[int], Position | None]:
    """Return the ids of a page in an order by score or reports, as `_read_in_time`."""
    sorting, within = get_sorting(query), get_range(query)
    order = sorting.by(sorting.columns)
    small = _small_stream(session, query, within)
    if small is not None:
        found = small.subquery()
        rows = sa.select(Comment.id).join(found, found.c.id == Comment.id)
        rows = rows.where(*conditions, *_listed(query), *sorting.within(after))
        return list(session.scalars(rows.order_by(*order).limit(limit + 1))), None
    ids: list[int] = []
    examined, size = 0, 2 * limit
    dates = _date_conditions(within)
    while examined < MAX_EXAMINED:
        first = _first_by_key(query, sorting, after, size).subquery()
        rows = sa.select(Comment.id).join(first, first.c.id == Comment.id)
        rows = rows.where(*conditions, *dates)
        rows = rows.order_by(*sorting.by([first.c.key, first.c.id]))
        ids += session.scalars(rows.limit(limit + 1 - len(ids)))
        if len(ids) > limit:
            return ids, None
        ends = sa.select(first).order_by(first.c.key, first.c.id)
        last = session.execute(ends.limit(1)).one_or_none()
        count = session.scalar(sa.select(sa.func.count()).select_from(first)) or 0
        if last is None or count < size:
            return ids, None
        after = Position(key=last.key, comment_id=last.id)
        examined, size = examined + size, size * 4
    return ids, after


def _small_stream(
    session: Session, query: QueueQuery, within: TimeRange
) -> sa.Select[Any] | None:
    """Return a statement for few ids, all that can match; None: there is none."""
    streams = streams_of_filters(session, query)
    if get_tab(query) in SMALL_TABS:
        streams.append(stream_of_tab(query.site_ids, get_tab(query)))
    for stream in streams:
        found = stream.read(within, FEW + 1)
        if has_at_most(session, found, FEW):
            return found
    return None


def _first_by_key(
    query: QueueQuery, sorting: Sorting, after: Position | None, limit: int
) -> sa.Select[Any]:
    """Return the statement for the first ids in an order, with their keys."""
    table = Comment.__table__.c
    key = table[str(sorting.columns[0].key)]
    bounds = [*_listed(query), *([sorting.after(after)] if after else [])]
    parts = [
        sa.select(key.label("key"), table.id.label("id"))
        .where(is_of_site, _KEPT, *bounds)
        .order_by(*sorting.by([key, table.id]))
        .limit(limit)
        .subquery()
        for is_of_site in _site_conditions(query.site_ids)
    ]
    merged = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    order = sorting.by([merged.c.key, merged.c.id])
    return sa.select(merged.c.key, merged.c.id).order_by(*order).limit(limit)


def _site_conditions(site_ids: Sequence[int]) -> list[sa.ColumnElement[bool]]:
    site_id = Comment.__table__.c.site_id
    if len(site_ids) > MAX_MERGED:
        return [site_id.in_(site_ids)]
    return [site_id == number for number in site_ids] or [sa.false()]


def _listed(query: QueueQuery) -> list[sa.ColumnElement[bool]]:
    """Return the conditions under which an order has a place, as in its index."""
    if query.order is QueueOrder.REPORTS:
        return [_REPORTED]
    filters = query.filters
    # A literal, as in the index: a parameter would hide it.
    listed: Any = sa.text(f"comments.score_{filters.label} >= {MIN_LISTED_SCORE}")
    score = score_column(filters.label or "")
    bounds = [listed]
    if filters.min_score is not None:
        bounds.append(score >= filters.min_score)
    if filters.max_score is not None:
        bounds.append(score <= filters.max_score)
    return bounds


def _date_conditions(within: TimeRange) -> list[sa.ColumnElement[bool]]:
    number = unindexed(Comment.id > within.low)
    return [number, unindexed(Comment.id < within.high)]
