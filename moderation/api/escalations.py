"""Comments passed to the leads of a site, and withdrawn from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.api.comments import comment_number
from moderation.api.escalation_bodies import Escalated, NewEscalation, TakenBack
from moderation.database import db, start_writing
from moderation.review import escalations
from moderation.web.auth import current_moderator, needs_staff
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "escalations", __name__, url_prefix="/api/v1/comments", description="For staff"
)


@bp.route("/<comment_id>/escalation", methods=["POST"])
@needs_staff
@bp.arguments(NewEscalation)
@bp.response(201, Escalated)
@answers(400, 404, 409, 413, 415, 422)
def escalate_comment(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Escalate a pending comment: only leads of its site can decide it.

    It stays pending. Without another lead at the site, the answer is 409 `no_lead`.
    """
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    number = comment_number(comment_id)
    state = escalations.escalate(
        session,
        number,
        current_moderator(),
        now=now,
        **fields,
    )
    entry = escalations.list_of(session, [number], only_open=True)[number][0]
    session.commit()
    return {**vars(entry), "version": state.version}


@bp.route("/<comment_id>/escalation", methods=["DELETE"])
@needs_staff
@bp.response(200, TakenBack)
@answers(404, 409)
def withdraw_escalation(comment_id: str) -> ResponseReturnValue:
    """Withdraw your escalation, unless a lead has claimed the comment.

    A lead gives anybody's back to the queue.
    """
    session, settings = db.session(), services().settings
    start_writing(session)
    comment = escalations.take_back(
        session,
        comment_number(comment_id),
        current_moderator(),
        now=datetime.now(UTC),
        lasts=timedelta(minutes=settings.claim_minutes),
    )
    session.commit()
    return {"version": comment.version, "claimed_until": comment.claimed_until}
