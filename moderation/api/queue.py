"""The queue and its decisions, for staff."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api import views
from moderation.api.comments import comment_number
from moderation.api.queue_bodies import QueuePage, QueueQuery
from moderation.api.queue_query import part_of
from moderation.api.review_bodies import ClaimOut, DecisionOut, History, NewDecision
from moderation.database import db, start_writing
from moderation.desk.history import history
from moderation.queue import query
from moderation.queue.entries import list_pending
from moderation.queue.query import Order, Position, Wanted
from moderation.review import claims, verdicts
from moderation.review.verdicts import GivenVerdict
from moderation.tables.comments import Comment
from moderation.web.auth import current_moderator, current_person, needs_staff
from moderation.web.cursors import read_cursor, refused_cursor, write_cursor
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("queue", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/queue", methods=["GET"])
@needs_staff
@bp.arguments(QueueQuery, location="query")
@bp.response(200, QueuePage)
@answers(404, 422)
def read_queue(query: dict[str, Any]) -> ResponseReturnValue:
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
        limit=limit + (wanted.order is not Order.TEACH),
        now=now,
    )
    page = entries[:limit]
    has_more = len(entries) > limit and wanted.order is not Order.TEACH
    return {
        "comments": [views.queued(entry, person.sites) for entry in page],
        "next": _cursor(page[-1].comment, wanted) if has_more else None,
    }


@bp.route("/comments/<comment_id>/claim", methods=["PUT"])
@needs_staff
@bp.response(200, ClaimOut)
@answers(404, 409)
def claim(comment_id: str) -> ResponseReturnValue:
    """Claim a pending comment for some minutes; again, to keep it longer."""
    session = db.session()
    start_writing(session)
    comment = claims.claim(
        session,
        comment_number(comment_id),
        current_moderator(),
        now=datetime.now(UTC),
        lasts=timedelta(minutes=services().settings.claim_minutes),
    )
    session.commit()
    return {"claimed_until": comment.claimed_until, "version": comment.version}


@bp.route("/comments/<comment_id>/claim", methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(404)
def release(comment_id: str) -> None:
    """Give a claimed comment back; without a claim of yours, nothing happens."""
    session = db.session()
    start_writing(session)
    claims.release(
        session,
        comment_number(comment_id),
        current_moderator(),
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
    decision = verdicts.decide(
        session,
        comment_number(comment_id),
        current_moderator(),
        GivenVerdict(
            verdict=fields["verdict"],
            reasons=fields["reasons"],
            labels=fields["labels"],
        ),
        version=fields["version"],
        now=datetime.now(UTC),
    )
    session.commit()
    return views.decision(decision, person.login)


@bp.route("/comments/<comment_id>/history", methods=["GET"])
@needs_staff
@bp.response(200, History)
@answers(404)
def read_history(comment_id: str) -> ResponseReturnValue:
    """Read all that was decided, scored and rewritten of a comment."""
    person = current_person()
    found = history(
        db.session(),
        comment_number(comment_id),
        person.site_ids(Role.MODERATOR),
        staff_id=person.id,
    )
    return views.history(found)


def _cursor(comment: Comment, wanted: Wanted) -> str:
    key = query.key_of(comment, wanted)
    return write_cursor([wanted.order, _label(wanted), _told(key), str(comment.id)])


def _position(cursor: str | None, wanted: Wanted) -> Position | None:
    if cursor is None:
        return None
    order, label, key, number = read_cursor(cursor, 4)
    is_same = (order, label) == (wanted.order, _label(wanted))
    if not is_same or wanted.order is Order.TEACH:  # it has one page
        raise refused_cursor()
    try:
        return Position(key=_read_key(key, wanted.order), comment_id=_read_id(number))
    except ValueError:
        raise refused_cursor() from None


def _label(wanted: Wanted) -> str:
    """Return what makes orders of one name differ."""
    return wanted.filters.label or "" if wanted.order is Order.SCORE else ""


def _told(key: datetime | float | None) -> str:
    return key.isoformat() if isinstance(key, datetime) else repr(key)


def _read_key(text: str, order: Order) -> datetime | float | None:
    if order is Order.NEWEST:
        return None
    if order is Order.DUE:
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
