"""The desk: reserved comments with their context, and what was decided recently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.desk_bodies import (
    DecidedPage,
    DecidedQuery,
    Hand,
    HandQuery,
    dump_decided,
    dump_desk_comment,
    dump_undoable,
)
from moderation.api.queue_query import part_of
from moderation.comments.claims import Claim
from moderation.database import db, start_writing
from moderation.desk import comment_card, recent
from moderation.objections import appeals
from moderation.queue import active_learning
from moderation.review import claims, reservations, undo
from moderation.web.auth import asked_sites, current_person, needs_staff
from moderation.web.cursors import read_number, write_cursor
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("desk", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/hand", methods=["POST"])
@needs_staff
@bp.arguments(HandQuery)
@bp.response(200, Hand)
@answers(400, 403, 404, 413, 415, 422)
def reserve_comments(fields: dict[str, Any]) -> ResponseReturnValue:
    """Reserve the next comments, and renew the claims on the others.

    No comment is claimed twice. Ask again before `claimed_until` to keep them. What you
    hold of another part of the queue is neither renewed nor released.
    """
    person, session = current_person(), db.session()
    wanted = part_of(fields)
    now = datetime.now(UTC)
    settings = services().settings
    lasts = timedelta(minutes=settings.claim_minutes)
    grace = timedelta(seconds=settings.undo_seconds)
    start_writing(session)
    hand = reservations.take(
        session,
        wanted,
        Claim(staff_id=person.id, now=now, lasts=lasts),
        lead_scope=person.scope(Role.LEAD),
        size=fields["size"],
        looks_share=settings.looks_percent / 100,
    )
    session.commit()
    entries = comment_card.lay_out(
        session, services().scoring, hand.comments, now, hand.looks
    )
    newest = undo.find_undoable(session, staff_id=person.id, now=now, grace=grace)
    return {
        "comments": [dump_desk_comment(entry, person.sites) for entry in entries],
        "claimed_until": now + lasts,
        "undoable": dump_undoable(newest, grace) if newest else None,
        "appeals_kept": appeals.count_kept(
            session, person.site_ids(Role.MODERATOR), person.id
        ),
        "taught_today": active_learning.count_decided_since(
            session,
            person.site_ids(Role.MODERATOR),
            now.replace(hour=0, minute=0, second=0, microsecond=0),
        ),
    }


@bp.route("/hand", methods=["DELETE"])
@needs_staff
@bp.response(204)
def release_comments() -> None:
    """Release all of your claims."""
    session = db.session()
    start_writing(session)
    claims.release_all(session, staff_id=current_person().id)
    session.commit()


@bp.route("/decided", methods=["GET"])
@needs_staff
@bp.arguments(DecidedQuery, location="query")
@bp.response(200, DecidedPage)
@answers(403, 404, 422)
def list_decided(query: dict[str, Any]) -> ResponseReturnValue:
    """List decisions by the policy and by people, the newest first."""
    person, limit = current_person(), query["limit"]
    entries = recent.list_decided(
        db.session(),
        asked_sites(query),
        source=query["source"],
        verdict=query["verdict"],
        before=read_number(query.get("cursor")),
        limit=limit + 1,
        staff_id=person.id,
    )
    page = entries[:limit]
    following = write_cursor([str(page[-1].decision.id)]) if page else None
    return {
        "comments": [dump_decided(entry, person.sites) for entry in page],
        "next": following if len(entries) > limit else None,
    }
