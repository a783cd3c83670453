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
from moderation.policy.verdicts import Status
from moderation.queue import pages
from moderation.queue.orders import (
    Position,
    Sorting,
    get_sorting,
    position_of,
    score_column,
)
from moderation.queue.query import (
    CommentTab,
    QueueOrder,
    QueueQuery,
    is_contradiction,
)
from moderation.queue.streams import (
    MAX_MERGED,
    Stream,
    choose_rarest,
    fetch,
    stream_of_tab,
    streams_of_filters,
)
from moderation.queue.tabs import get_range, get_tab, list_conditions
from moderation.queue.time_slices import TimeRange
from moderation.tables.comments import KEPT, MIN_LISTED_SCORE, REPORTED, Comment

MAX_EXAMINED = 10_000  # comments that are looked at for one page
WALKED = 1_500  # of a tab, at most, if a filter's index may lead faster
MAX_SIZE = 2_000  # comments that one statement looks at
SURPLUS = 1.5  # times as many are looked at as should be enough
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
    if is_contradiction(query.filters, tab):
        return CommentPage(comments=[], next=None)
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
    of_tab = stream_of_tab(query.site_ids, get_tab(query))
    streams = streams_of_filters(session, query)
    is_chosen = any(stream.is_narrow for stream in streams)
    stream = of_tab
    if is_chosen:
        batch = choose_rarest(session, streams, within)
        if batch.is_last:
            return _matching(session, batch.ids, conditions, query, limit), None
        stream = batch.stream
    ids: list[int] = []
    total = examined = matched = 0
    size = 2 * limit
    while True:
        missing = limit + 1 - len(ids)
        matching, last = _examine(session, stream, within, size, conditions, missing)
        ids += matching
        if len(ids) > limit or last is None:
            return ids, None
        total, examined, matched = (
            total + size,
            examined + size,
            matched + len(matching),
        )
        if total >= MAX_EXAMINED:
            return ids, Position(key=None, comment_id=last)
        within = within.after(last)
        if is_chosen or matched * WALKED >= limit * examined:
            size = _next_size(limit + 1 - len(ids), matched / examined, size)
            continue
        # So few match that the tab's own order would hardly fill the page.
        is_chosen, examined, matched, size = True, 0, 0, 4 * limit
        batch = choose_rarest(session, [of_tab, *streams], within)
        if batch.is_last:
            most = limit - len(ids)
            rest = _matching(session, batch.ids, conditions, query, most)
            return [*ids, *rest], None
        stream = batch.stream


def _next_size(missing: int, share: float, size: int) -> int:
    """Return how many comments to look at next, where a share of them matches."""
    needed = missing / share * SURPLUS if share else size * 4
    return min(max(int(needed), size), MAX_SIZE)


def _examine(
    session: Session,
    stream: Stream,
    within: TimeRange,
    size: int,
    conditions: Sequence[sa.ColumnElement[bool]],
    limit: int,
) -> tuple[Sequence[int], int | None]:
    """Look at the next `size` comments of a stream.

    Returns
    -------
    Up to `limit` ids that meet the conditions, and the last one that was looked at;
    None: the stream has ended.
    """
    if stream.text is not None:
        head = fetch(session, stream, within, size)
        number = Comment.id.expression
        rows = sa.select(Comment.id).where(number.in_(head.ids))
        last = None if head.is_last else head.ids[-1]
    else:
        read = stream.read(within, size)
        number = read.subquery().c.id
        rows = sa.select(Comment.id).join(number.table, number == Comment.id)
        last = session.scalar(read.offset(size - 1))
    order = number.desc() if within.is_descending else number
    ids = session.scalars(rows.where(*conditions).order_by(order).limit(limit)).all()
    return ids, last


def _matching(
    session: Session,
    ids: Sequence[int],
    conditions: Sequence[sa.ColumnElement[bool]],
    query: QueueQuery,
    limit: int,
) -> list[int]:
    """Return the first ids, up to one more than `limit`, that meet the conditions."""
    order = get_sorting(query).by([Comment.id.expression])
    rows = sa.select(Comment.id).where(Comment.id.in_(ids), *conditions)
    return list(session.scalars(rows.order_by(*order).limit(limit + 1)))


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
    few = _find_few(session, query, within)
    if few is not None:
        rows = sa.select(Comment.id).where(Comment.id.in_(few), *conditions)
        rows = rows.where(*_listed(query), *sorting.within(after))
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


def _find_few(
    session: Session, query: QueueQuery, within: TimeRange
) -> Sequence[int] | None:
    """Return few ids, all that can match; None: they are too many."""
    streams = streams_of_filters(session, query)
    if get_tab(query) in SMALL_TABS:
        streams.append(stream_of_tab(query.site_ids, get_tab(query)))
    for stream in streams:
        batch = fetch(session, stream, within, FEW + 1)
        if batch.is_last:
            return batch.ids
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
        .where(*is_of_part, _KEPT, *bounds)
        .order_by(*sorting.by([key, table.id]))
        .limit(limit)
        .subquery()
        for is_of_part in _parts(query)
    ]
    merged = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    order = sorting.by([merged.c.key, merged.c.id])
    return sa.select(merged.c.key, merged.c.id).order_by(*order).limit(limit)


def _parts(query: QueueQuery) -> list[list[sa.ColumnElement[bool]]]:
    """Return conditions for parts of a list, each in order in the order's index."""
    table = Comment.__table__.c
    sites = [[table.site_id == number] for number in query.site_ids] or [[sa.false()]]
    if len(query.site_ids) > MAX_MERGED:
        sites = [[table.site_id.in_(query.site_ids)]]
    if query.order is not QueueOrder.REPORTS:
        return sites
    tab = get_tab(query).value
    statuses = [status for status in Status if tab == status.value] or list(Status)
    return [[*site, table.status == each.value] for site in sites for each in statuses]


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
