"""Cursors of lists of comments: a position in an order."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from moderation.identifiers import MAX_ID, MIN_ID
from moderation.queue.orders import Position
from moderation.queue.query import QueueOrder, QueueQuery
from moderation.web.cursors import read_cursor, refused_cursor, write_cursor

#: In place of a label: the position is among the comments that call for care.
CARE = "care"


def write_position(position: Position, query: QueueQuery) -> str:
    """Return the cursor of the page that starts after a position."""
    key = position.key
    text = key.isoformat() if isinstance(key, datetime) else repr(key)
    part = CARE if position.is_care else _label(query)
    return write_cursor([query.order, part, text, str(position.comment_id)])


def read_position(cursor: str | None, query: QueueQuery) -> Position | None:
    """Return the position in a cursor; None for the first page.

    Raises
    ------
    InvalidFields
        If it isn't ours, or of another order.
    """
    if cursor is None:
        return None
    order, label, key, number = read_cursor(cursor, 4)
    is_care = query.order is QueueOrder.DUE and label == CARE
    is_same = order == query.order and (is_care or label == _label(query))
    if not is_same or query.order is QueueOrder.TEACH:  # it has one page
        raise refused_cursor()
    try:
        return Position(
            key=_read_key(key, query.order),
            comment_id=_read_id(number),
            is_care=is_care,
        )
    except ValueError:
        raise refused_cursor() from None


def _label(query: QueueQuery) -> str:
    """Return what makes orders of one name differ."""
    return query.filters.label or "" if query.order is QueueOrder.SCORE else ""


def _read_key(text: str, order: QueueOrder) -> datetime | float | None:
    if order in (QueueOrder.NEWEST, QueueOrder.OLDEST):
        return None
    if order is QueueOrder.DUE:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo != UTC:
            raise ValueError("our own moments are in UTC")
        return moment
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("our own numbers are finite")
    return number


def _read_id(text: str) -> int:
    number = int(text)
    if not MIN_ID <= number <= MAX_ID:
        raise ValueError("not an id")
    return number
