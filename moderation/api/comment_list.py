"""Comments of every status, as staff list, search, and count them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.api.comment_list_bodies import (
    CommentListPage,
    CommentListQuery,
    TabCountQuery,
    TabCountsOut,
    dump_listed,
)
from moderation.api.queue_cursors import read_position, write_position
from moderation.api.queue_query import list_of
from moderation.comments import search_index
from moderation.database import db
from moderation.desk.listed import lay_out_list
from moderation.queue import tab_counts
from moderation.queue.listing import list_page
from moderation.web.auth import current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "comment_list", __name__, url_prefix="/api/v1/comments", description="For staff"
)


@bp.route("", methods=["GET"])
@needs_staff
@bp.arguments(CommentListQuery, location="query")
@bp.response(200, CommentListPage)
@answers(403, 404, 422)
def list_comments(query: dict[str, Any]) -> ResponseReturnValue:
    """List and search comments of every status.

    All filters combine. Without an order, pending comments are listed by when they are
    due, others the newest first. By `score`, comments that aren't pending are listed
    from a score of 0.5 on.
    """
    session, person = db.session(), current_person()
    wanted = list_of(query)
    page = list_page(
        session,
        wanted,
        staff_id=person.id,
        after=read_position(query.get("cursor"), wanted),
        limit=query["limit"],
    )
    listed = lay_out_list(session, page.comments, datetime.now(UTC))
    return {
        "comments": [dump_listed(row, person.sites) for row in listed],
        "next": page.next and write_position(page.next, wanted),
        "is_search_complete": not search_index.has_backlog(session),
    }


@bp.route("/counts", methods=["GET"])
@needs_staff
@bp.arguments(TabCountQuery, location="query")
@bp.response(200, TabCountsOut)
@answers(403, 404, 422)
def count_comments(query: dict[str, Any]) -> ResponseReturnValue:
    """Count the matching comments of each status."""
    session, now = db.session(), datetime.now(UTC)
    counts = tab_counts.count_tabs(
        session, list_of(query), staff_id=current_person().id
    )
    return {
        "counts": counts,
        "is_search_complete": not search_index.has_backlog(session),
        "as_of": now,
    }
