"""People decide: claims, decisions, undo, and the history of a comment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.legal_bodies import read_basis
from moderation.api.review_bodies import (
    ClaimOut,
    DecisionOut,
    History,
    NewDecision,
    Undo,
    dump_decision,
    dump_history,
)
from moderation.database import db, start_writing
from moderation.desk.history import history
from moderation.review import claims, verdicts
from moderation.review import undo as undoing
from moderation.review.verdicts import GivenVerdict
from moderation.web.auth import current_moderator, current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("review", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/comments/<comment_id>/claim", methods=["PUT"])
@needs_staff
@bp.response(200, ClaimOut)
@answers(404, 409)
def claim_comment(comment_id: str) -> ResponseReturnValue:
    """Claim a pending comment for some minutes, or renew your claim."""
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
def release_comment(comment_id: str) -> None:
    """Release a claim. Does nothing if you hold no claim."""
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
def decide_comment(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Approve or reject a comment, or return a decided one to the queue.

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
            basis=read_basis(fields["basis"]),
        ),
        version=fields["version"],
        now=datetime.now(UTC),
    )
    session.commit()
    return dump_decision(decision, person.login)


@bp.route("/comments/<comment_id>/history", methods=["GET"])
@needs_staff
@bp.response(200, History)
@answers(404)
def read_history(comment_id: str) -> ResponseReturnValue:
    """Get all decisions, scores, and revisions of a comment."""
    person = current_person()
    found = history(
        db.session(),
        comment_number(comment_id),
        person.site_ids(Role.MODERATOR),
        staff_id=person.id,
    )
    return dump_history(found)


@bp.route("/comments/<comment_id>/undo", methods=["POST"])
@needs_staff
@bp.arguments(Undo)
@bp.response(201, DecisionOut)
@answers(400, 404, 409, 413, 415, 422)
def undo_decision(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Undo your own newest decision during the undo period.

    The comment stands as it did before. Both decisions stay on record.
    """
    person, session = current_person(), db.session()
    settings = services().settings
    start_writing(session)
    decision = undoing.undo(
        session,
        comment_number(comment_id),
        current_moderator(),
        version=fields["version"],
        now=datetime.now(UTC),
        grace=timedelta(seconds=settings.undo_seconds),
        lasts=timedelta(minutes=settings.claim_minutes),
    )
    session.commit()
    return dump_decision(decision, person.login)
