"""The queue, as staff read and count it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.api.queue_bodies import (
    PartQuery,
    QueueCountsOut,
    QueuePage,
    QueuePageQuery,
    dump_queued,
)
from moderation.api.queue_cursors import read_position, write_position
from moderation.api.queue_query import part_of
from moderation.comments import healing
from moderation.database import db
from moderation.desk import comment_card
from moderation.queue.entries import list_pending
from moderation.queue.orders import position_of
from moderation.queue.query import QueueOrder
from moderation.web.auth import current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("queue", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/queue", methods=["GET"])
@needs_staff
@bp.arguments(QueuePageQuery, location="query")
@bp.response(200, QueuePage)
@answers(404, 422)
def list_queue(query: dict[str, Any]) -> ResponseReturnValue:
    """List pending comments, the most urgent first.

    Or another part of the queue, in another order; pages follow each other by `next`.
    The order `teach` is chosen again each time and has one page.
    """
    person, now = current_person(), datetime.now(UTC)
    wanted, limit = part_of(query), query["limit"]
    entries = list_pending(
        db.session(),
        wanted,
        after=read_position(query.get("cursor"), wanted),
        limit=limit + (wanted.order is not QueueOrder.TEACH),
        now=now,
    )
    page = entries[:limit]
    has_more = len(entries) > limit and wanted.order is not QueueOrder.TEACH
    return {
        "comments": [dump_queued(entry, person.sites) for entry in page],
        "next": write_position(position_of(page[-1].comment, wanted), wanted)
        if has_more
        else None,
    }


@bp.route("/queue/counts", methods=["GET"])
@needs_staff
@bp.arguments(PartQuery, location="query")
@bp.response(200, QueueCountsOut)
@answers(403, 404, 422)
def count_queue(query: dict[str, Any]) -> ResponseReturnValue:
    """Count pending comments at your sites, or in a part of the queue."""
    session, part = db.session(), part_of(query)
    counts = comment_card.count(session, part, datetime.now(UTC))
    return {**vars(counts), "outage": healing.find_outage(session, part.site_ids)}
