"""The orders of the queue, and positions in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from moderation.queue.query import QueueOrder, QueueQuery
from moderation.tables.comments import REPORTED, Comment

MIN_REPORT_WEIGHT = 1e-9  # what a report weighs at least


@dataclass(frozen=True, kw_only=True)
class Position:
    """A position in an order; a page starts after it."""

    key: datetime | float | None  #: as `get_sort_key`
    comment_id: int
    #: among the comments that call for care, which come first in the order `due`
    is_care: bool = False


@dataclass(frozen=True, kw_only=True)
class Sorting:
    """An order by a column and ID, or by ID alone."""

    column: sa.ColumnElement[Any] | None
    is_descending: bool
    least: float | None = None  #: of the column; what has less, or none, has no place

    @property
    def only(self) -> list[sa.ColumnElement[bool]]:
        if self.column is None or self.least is None:
            return []
        if self.least > 0:
            return [_REPORTED]
        return [self.column >= self.least]

    @property
    def columns(self) -> list[sa.ColumnElement[Any]]:
        named = [] if self.column is None else [self.column]
        return [*named, Comment.id.expression]

    def within(self, after: Position | None) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that bound a walk along the order."""
        if after is None:
            return self.only
        # One lower bound: of two, SQLite may start its walk from the farther one.
        only = self.only if self.is_descending else []
        return [*only, self.after(after)]

    def after(self, position: Position) -> sa.ColumnElement[bool]:
        """Return the condition for comments after a position."""
        if self.column is None:
            number = position.comment_id
            return Comment.id < number if self.is_descending else Comment.id > number
        place = sa.tuple_(*self.columns)
        reached = sa.tuple_(
            sa.bindparam(None, position.key, self.column.type),
            sa.bindparam(None, position.comment_id, Comment.id.type),
        )
        return place < reached if self.is_descending else place > reached

    def by(self, columns: Sequence[sa.ColumnElement[Any]]) -> list[Any]:
        """Return the ORDER BY terms."""
        return [column.desc() if self.is_descending else column for column in columns]


def get_sort_key(comment: Comment, query: QueueQuery) -> datetime | float | None:
    """Return a comment's sort key; None if the order is by ID alone."""
    column = get_sorting(query).column
    return None if column is None else getattr(comment, str(column.key))


def position_of(comment: Comment, query: QueueQuery) -> Position:
    """Return a comment's position in the order of a query."""
    return Position(
        key=get_sort_key(comment, query),
        comment_id=comment.id,
        is_care=query.order is QueueOrder.DUE and comment.calls_for_care,
    )


def sort_comments(comments: Sequence[Comment], query: QueueQuery) -> list[Comment]:
    """Return comments in the order of a query, those that call for care first.

    So a moderator gets them first, in any order of the others.
    """
    in_order = sorted(
        comments,
        key=lambda comment: (get_sort_key(comment, query) or 0, comment.id),
        reverse=get_sorting(query).is_descending,
    )
    return sorted(in_order, key=lambda comment: not comment.calls_for_care)


def get_sorting(query: QueueQuery) -> Sorting:
    """Return the sorting of a query's order."""
    column: sa.ColumnElement[Any]
    match query.order:
        case QueueOrder.DUE:
            return Sorting(column=Comment.due_at.expression, is_descending=False)
        case QueueOrder.NEWEST:
            return Sorting(column=None, is_descending=True)
        case QueueOrder.OLDEST:
            return Sorting(column=None, is_descending=False)
        case QueueOrder.UNCERTAINTY | QueueOrder.TEACH:
            column = Comment.margin.expression
            return Sorting(column=column, is_descending=False, least=0)
        case QueueOrder.REPORTS:
            column = Comment.report_weight.expression
            return Sorting(column=column, is_descending=True, least=MIN_REPORT_WEIGHT)
        case QueueOrder.SCORE:
            column = score_column(query.filters.label or "")
            return Sorting(column=column, is_descending=True, least=0)


_REPORTED: Any = REPORTED


def score_column(label: str) -> sa.ColumnElement[float]:
    """Return the column of a label's score, as indexes use it."""
    column: sa.ColumnElement[float] = Comment.__table__.c[f"score_{label}"]
    return column


def unindexed_column(column: Any) -> sa.ColumnElement[Any]:
    """Return a column that the planner uses no index for."""
    hidden: sa.ColumnElement[Any] = sa.func.coalesce(column, column)
    return hidden
