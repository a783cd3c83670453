"""The tabs of a list of comments, and what a comment of a list meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.database import unindexed
from moderation.identifiers import MAX_ID, MIN_ID, first_id
from moderation.queue.filters import filter_conditions
from moderation.queue.orders import Position
from moderation.queue.query import CommentTab, QueueOrder, QueueQuery
from moderation.queue.time_slices import TimeRange
from moderation.tables.comments import ESCALATED, KEPT, REPORTED, Comment
from moderation.tables.objections import Appeal
from moderation.tables.review import QaReview

_KEPT: Any = KEPT
_IS_OF_TAB: Mapping[CommentTab, Any] = {
    CommentTab.ALL: KEPT,
    CommentTab.REPORTED: REPORTED,
    CommentTab.ESCALATED: ESCALATED,
    CommentTab.APPEALED: sa.exists().where(
        Appeal.comment_id == Comment.id, Appeal.heard_at.is_(None)
    ),
    **{
        tab: unindexed(Comment.status == tab.value)
        for tab in (CommentTab.PENDING, CommentTab.APPROVED, CommentTab.REJECTED)
    },
}


def get_tab(query: QueueQuery) -> CommentTab:
    """Return the tab of a query."""
    return query.filters.status or CommentTab.ALL


def list_conditions(
    session: Session, query: QueueQuery, staff_id: int
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on a comment of a query's tab, but for its dates.

    Parameters
    ----------
    staff_id
        Who asks: what this person reviews as a QA sample just now is left out, as its
        status would tell what was decided.
    """
    of_tab = is_of_tab(query, get_tab(query))
    return [*of_tab, *list_filter_conditions_for(session, query, staff_id)]


def is_of_tab(query: QueueQuery, tab: CommentTab) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a comment of the query's sites belongs to a tab."""
    return [_KEPT, unindexed(Comment.site_id.in_(query.site_ids)), _IS_OF_TAB[tab]]


def list_filter_conditions_for(
    session: Session, query: QueueQuery, staff_id: int
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a query's filters, but for its tab and dates."""
    filters = replace(query.filters, status=None, since=None, until=None)
    conditions = filter_conditions(session, replace(query, filters=filters))
    reviewed = session.scalars(
        sa.select(QaReview.comment_id).where(
            QaReview.claimed_by == staff_id, QaReview.closed_at.is_(None)
        )
    ).all()
    return [*conditions, Comment.id.not_in(reviewed)] if reviewed else conditions


def get_range(query: QueueQuery, after: Position | None = None) -> TimeRange:
    """Return the ids between which a query's dates lie, and what is left of them."""
    since, until = query.filters.since, query.filters.until
    within = TimeRange(
        low=MIN_ID if since is None else first_id(since) - 1,
        high=MAX_ID if until is None else first_id(until),
        is_descending=query.order is not QueueOrder.OLDEST,
    )
    return within if after is None else within.after(after.comment_id)
