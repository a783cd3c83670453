"""The queue and its decisions, for staff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from flask.typing import ResponseReturnValue

from moderation import claims, review
from moderation.api import views
from moderation.api.auth import asked_sites, current_person, needs_staff
from moderation.api.comments import comment_number
from moderation.api.cursors import read_cursor, refused_cursor, write_cursor
from moderation.api.documenting import StrictBlueprint, answers
from moderation.database import db, start_writing
from moderation.people import Role
from moderation.review import Position
from moderation.schemas.review import (
    ClaimOut,
    DecisionOut,
    History,
    NewDecision,
    QueuePage,
    QueueQuery,
)

bp = StrictBlueprint("queue", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/queue", methods=["GET"])
@needs_staff
@bp.arguments(QueueQuery, location="query")
@bp.response(200, QueuePage)
@answers(404, 422)
def read_queue(query: dict[str, Any]) -> ResponseReturnValue:
    """Read the comments that wait for a person, the most urgent first."""
    person, now = current_person(), datetime.now(UTC)
    limit = query["limit"]
    entries = review.list_pending(
        db.session(),
        asked_sites(query),
        after=_position(query.get("cursor")),
        limit=limit + 1,
        now=now,
    )
    page = entries[:limit]
    return {
        "comments": [views.queued(entry, person.sites) for entry in page],
        "next": _cursor(page[-1]) if len(entries) > limit else None,
    }


@bp.route("/comments/<comment_id>/claim", methods=["PUT"])
@needs_staff
@bp.response(200, ClaimOut)
@answers(404, 409)
def claim(comment_id: str) -> ResponseReturnValue:
    """Claim a pending comment for some minutes; again, to keep it longer."""
    person, session = current_person(), db.session()
    start_writing(session)
    comment = claims.claim(
        session,
        comment_number(comment_id),
        staff_id=person.id,
        site_ids=person.site_ids(Role.MODERATOR),
        lead_site_ids=person.site_ids(Role.LEAD),
        now=datetime.now(UTC),
        lasts=timedelta(minutes=current_app.extensions["settings"].claim_minutes),
    )
    session.commit()
    return {"claimed_until": comment.claimed_until, "version": comment.version}


@bp.route("/comments/<comment_id>/claim", methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(404)
def release(comment_id: str) -> None:
    """Give a claimed comment back; without a claim of yours, nothing happens."""
    person, session = current_person(), db.session()
    start_writing(session)
    claims.release(
        session,
        comment_number(comment_id),
        staff_id=person.id,
        site_ids=person.site_ids(Role.MODERATOR),
    )
    session.commit()


@bp.route("/comments/<comment_id>/decisions", methods=["POST"])
@needs_staff
@bp.arguments(NewDecision)
@bp.response(201, DecisionOut)
@answers(400, 404, 409, 413, 415, 422)
def decide(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Approve or reject a comment, or send a decided one back to the queue.

    `version` is the one you saw: if the comment changed since, the answer is 409.
    """
    person, session = current_person(), db.session()
    start_writing(session)
    decision = review.decide(
        session,
        comment_number(comment_id),
        staff_id=person.id,
        site_ids=person.site_ids(Role.MODERATOR),
        lead_site_ids=person.site_ids(Role.LEAD),
        now=datetime.now(UTC),
        **fields,
    )
    session.commit()
    return views.decision(decision, person.login)


@bp.route("/comments/<comment_id>/history", methods=["GET"])
@needs_staff
@bp.response(200, History)
@answers(404)
def read_history(comment_id: str) -> ResponseReturnValue:
    """Read all that was decided, scored and rewritten of a comment."""
    found = review.history(
        db.session(),
        comment_number(comment_id),
        current_person().site_ids(Role.MODERATOR),
    )
    return views.history(found)


def _cursor(entry: review.QueueEntry) -> str:
    return write_cursor([entry.comment.due_at.isoformat(), str(entry.comment.id)])


def _position(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    due_at, comment_id = read_cursor(cursor, 2)
    try:
        moment, number = datetime.fromisoformat(due_at), int(comment_id)
    except ValueError:
        raise refused_cursor() from None
    if moment.tzinfo != UTC or not 0 <= number < 1 << 63:
        raise refused_cursor()
    return Position(due_at=moment, comment_id=number)
