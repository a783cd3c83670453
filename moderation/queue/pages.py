"""Pages of the queue, each found after a position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.database import unindexed
from moderation.queue.estimates import has_at_most
from moderation.queue.filters import is_of_sites, list_filter_conditions
from moderation.queue.orders import Position, get_sorting, unindexed_column
from moderation.queue.query import QueueOrder, QueueQuery
from moderation.tables.comments import CALLS_FOR_CARE, PENDING, Comment

FEW = 2_000  # comments that are sorted in less time than an order takes to walk
FEW_IN_INDEX = 30_000  # the same, where an index holds what they are sorted by
MAX_MERGED = 100  # sites whose orders are merged; SQLite joins at most 500 parts


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """The way to find a page: by IDs, or along the order."""

    conditions: list[sa.ColumnElement[bool]]
    ids: sa.Select[Any] | None = None  #: what few match; None: the order is walked
    is_led: bool = False  #: an index other than the order's leads; the rest is sorted


def list_comments(
    session: Session, query: QueueQuery, *, after: Position | None, limit: int
) -> Sequence[Comment]:
    """Return up to `limit` comments of a query, in its order.

    In the order `due`, those that call for care come before all others.
    """
    if query.order is not QueueOrder.DUE or not has_care(session, query):
        after = None if after is not None and after.is_care else after
        return _list_part(session, query, None, after, limit)
    comments: list[Comment] = []
    if after is None or after.is_care:
        comments += _list_part(session, query, True, after, limit)
        after = None
    if len(comments) < limit:
        comments += _list_part(session, query, False, after, limit - len(comments))
    return comments


def has_care(session: Session, query: QueueQuery) -> bool:
    """Return whether a pending comment at the sites of a query calls for care."""
    found = sa.exists().where(
        Comment.site_id.in_(query.site_ids), PENDING, CALLS_FOR_CARE
    )
    return session.scalar(sa.select(found)) is True


def _list_part(
    session: Session,
    query: QueueQuery,
    is_care: bool | None,
    after: Position | None,
    limit: int,
) -> Sequence[Comment]:
    sorting = get_sorting(query)
    ids = select_first_ids(session, query, after=after, limit=limit, is_care=is_care)
    rows = (
        sa.select(Comment)
        .where(Comment.id.in_(ids))
        .order_by(*sorting.by(sorting.columns))
    )
    return session.scalars(rows).all()


def select_first_ids(
    session: Session,
    query: QueueQuery,
    *conditions: sa.ColumnElement[bool],
    after: Position | None = None,
    limit: int,
    for_update: bool = False,
    is_care: bool | None = None,
) -> sa.Select[Any]:
    """Return the statement that selects the IDs of the first comments.

    Parameters
    ----------
    is_care
        Only those that call for care, or only the others; None: all.
    for_update
        Lock them; those that another moderator is just locking are passed over.
    """
    sorting = get_sorting(query)
    plan = _plan(session, query, is_bare=not conditions)
    if plan.is_led:
        sorting = replace(sorting, column=unindexed_column(sorting.column))
    within = [*sorting.within(after), *_care_conditions(is_care)]
    groups: list[list[int]] = [[site_id] for site_id in query.site_ids]
    if plan.ids is not None or not 0 < len(groups) <= MAX_MERGED:
        groups = [list(query.site_ids)]
    columns = [*sorting.columns[:-1], Comment.id]
    branches = []
    for group in groups:
        branch = (
            sa.select(*columns)
            .where(PENDING, *within, *plan.conditions, *conditions)
            .order_by(*sorting.by(sorting.columns))
            .limit(limit)
        )
        if plan.ids is None:
            branch = branch.where(is_of_sites(group))
        else:
            here = unindexed(Comment.site_id.in_(group))
            branch = branch.where(Comment.id.in_(plan.ids), here)
        if for_update:
            branch = branch.with_for_update(skip_locked=True, of=Comment)
        branches.append(branch.subquery())
    if len(branches) == 1:
        return sa.select(branches[0].c.id)
    merged = sa.union_all(*(sa.select(selected) for selected in branches)).subquery()
    return sa.select(merged.c.id).order_by(*sorting.by(list(merged.c))).limit(limit)


def _care_conditions(is_care: bool | None) -> list[Any]:
    """Return the conditions of a part of the queue; see `select_first_ids`."""
    if is_care is None:
        return []
    return [CALLS_FOR_CARE] if is_care else [sa.not_(Comment.calls_for_care)]


def _plan(session: Session, query: QueueQuery, *, is_bare: bool) -> _Plan:
    """Choose the index that leads to a page.

    Parameters
    ----------
    is_bare
        Nothing but the filters is asked, which an index may hold.
    """
    parts = list_filter_conditions(session, query)
    if query.order is QueueOrder.DUE:
        for part in parts:
            if part.by_due is not None:
                others = [other.condition for other in parts if other is not part]
                return _Plan(conditions=[part.by_due, *others])
    for part in parts:
        if part.ids is None:
            continue
        rest = [
            other.condition for other in parts if other is not part or other.is_superset
        ]
        if part.led is not None and is_bare and not rest:
            if has_at_most(session, part.ids, FEW_IN_INDEX):
                return _Plan(conditions=[part.led], is_led=True)
        elif has_at_most(session, part.ids, FEW):
            return _Plan(conditions=rest, ids=part.ids)
    return _Plan(conditions=[part.condition for part in parts])
