"""What staff say of a comment without deciding it: notes, labels, escalation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api import views
from moderation.api.comments import comment_number
from moderation.api.note_bodies import (
    CorrectionOut,
    Escalated,
    NewCorrection,
    NewEscalation,
    NewNote,
    NoteOut,
    TakenBack,
)
from moderation.database import db, start_writing
from moderation.review import escalations, notes
from moderation.web.auth import current_moderator, current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "remarks", __name__, url_prefix="/api/v1/comments", description="For staff"
)


@bp.route("/<comment_id>/notes", methods=["POST"])
@needs_staff
@bp.arguments(NewNote)
@bp.response(201, NoteOut)
@answers(400, 404, 409, 413, 415, 422)
def add_note(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Leave a word for colleagues about a comment."""
    person, session = current_person(), db.session()
    start_writing(session)
    note = notes.add_note(
        session,
        comment_number(comment_id),
        staff_id=person.id,
        site_ids=person.site_ids(Role.MODERATOR),
        text=fields["text"],
        now=datetime.now(UTC),
    )
    session.commit()
    return views.note(note, person.login)


@bp.route("/<comment_id>/labels", methods=["POST"])
@needs_staff
@bp.arguments(NewCorrection)
@bp.response(201, CorrectionOut)
@answers(400, 404, 409, 413, 415, 422)
def correct_labels(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Say which labels a comment deserves, for training: its verdict stays.

    The newest word on a label counts, whether said here or with a decision.
    """
    person, session = current_person(), db.session()
    start_writing(session)
    correction = notes.correct_labels(
        session,
        comment_number(comment_id),
        staff_id=person.id,
        site_ids=person.site_ids(Role.MODERATOR),
        now=datetime.now(UTC),
        **fields,
    )
    session.commit()
    return views.correction(correction, person.login)


@bp.route("/<comment_id>/escalation", methods=["POST"])
@needs_staff
@bp.arguments(NewEscalation)
@bp.response(201, Escalated)
@answers(400, 404, 409, 413, 415, 422)
def escalate(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Hand a pending comment to the leads of its site: nobody else gets it then.

    It stays pending. Without another lead at the site, the answer is 409 `no_lead`.
    """
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    comment = escalations.escalate(
        session,
        comment_number(comment_id),
        current_moderator(),
        now=now,
        **fields,
    )
    entry = escalations.list_of(session, [comment.id], only_open=True)[comment.id][0]
    session.commit()
    return {**vars(entry), "version": comment.version}


@bp.route("/<comment_id>/escalation", methods=["DELETE"])
@needs_staff
@bp.response(200, TakenBack)
@answers(404, 409)
def take_back(comment_id: str) -> ResponseReturnValue:
    """Take your escalation back into your hand, while no lead holds the comment.

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
