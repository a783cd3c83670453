"""The queue, as staff read and count it."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.api.queue_bodies import (
    CountsOut,
    PartQuery,
    QueuePage,
    QueuePageQuery,
    dump_queued,
)
from moderation.api.queue_query import part_of
from moderation.database import db
from moderation.desk import comment_card
from moderation.queue import orders
from moderation.queue.entries import list_pending
from moderation.queue.orders import Position
from moderation.queue.query import QueueOrder, QueueQuery
from moderation.tables.comments import Comment
from moderation.web.auth import current_person, needs_staff
from moderation.web.cursors import read_cursor, refused_cursor, write_cursor
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("queue", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/queue", methods=["GET"])
@needs_staff
@bp.arguments(QueuePageQuery, location="query")
@bp.response(200, QueuePage)
@answers(404, 422)
def list_queue(query: dict[str, Any]) -> ResponseReturnValue:
    """Read the comments that wait for a person, the most urgent first.

    Or another part of the queue, in another order; pages follow each other by `next`.
    The order `teach` is chosen anew each time and has one page.
    """
    person, now = current_person(), datetime.now(UTC)
    wanted, limit = part_of(query), query["limit"]
    entries = list_pending(
        db.session(),
        wanted,
        after=_position(query.get("cursor"), wanted),
        limit=limit + (wanted.order is not QueueOrder.TEACH),
        now=now,
    )
    page = entries[:limit]
    has_more = len(entries) > limit and wanted.order is not QueueOrder.TEACH
    return {
        "comments": [dump_queued(entry, person.sites) for entry in page],
        "next": _cursor(page[-1].comment, wanted) if has_more else None,
    }


@bp.route("/queue/counts", methods=["GET"])
@needs_staff
@bp.arguments(PartQuery, location="query")
@bp.response(200, CountsOut)
@answers(403, 404, 422)
def count_queue(query: dict[str, Any]) -> ResponseReturnValue:
    """Read how much waits at your sites, or in a part of the queue."""
    return vars(comment_card.count(db.session(), part_of(query), datetime.now(UTC)))


def _cursor(comment: Comment, wanted: QueueQuery) -> str:
    key = orders.get_sort_key(comment, wanted)
    return write_cursor([wanted.order, _label(wanted), _told(key), str(comment.id)])


def _position(cursor: str | None, wanted: QueueQuery) -> Position | None:
    if cursor is None:
        return None
    order, label, key, number = read_cursor(cursor, 4)
    is_same = (order, label) == (wanted.order, _label(wanted))
    if not is_same or wanted.order is QueueOrder.TEACH:  # it has one page
        raise refused_cursor()
    try:
        return Position(key=_read_key(key, wanted.order), comment_id=_read_id(number))
    except ValueError:
        raise refused_cursor() from None


def _label(wanted: QueueQuery) -> str:
    """Return what makes orders of one name differ."""
    return wanted.filters.label or "" if wanted.order is QueueOrder.SCORE else ""


def _told(key: datetime | float | None) -> str:
    return key.isoformat() if isinstance(key, datetime) else repr(key)


def _read_key(text: str, order: QueueOrder) -> datetime | float | None:
    if order is QueueOrder.NEWEST:
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
    if not 0 <= number < 1 << 63:
        raise ValueError("not an id")
    return number
