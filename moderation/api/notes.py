"""Notes of staff about a comment, and the labels that they correct."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.note_bodies import (
    CorrectionOut,
    NewCorrection,
    NewNote,
    NoteOut,
    dump_correction,
    dump_note,
)
from moderation.database import db, start_writing
from moderation.review import notes
from moderation.web.auth import current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "remarks", __name__, url_prefix="/api/v1/comments", description="For staff"
)


@bp.route("/<comment_id>/notes", methods=["POST"])
@needs_staff
@bp.arguments(NewNote)
@bp.response(201, NoteOut)
@answers(400, 404, 409, 413, 415, 422)
def create_note(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Add a note about a comment for your colleagues."""
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
    return dump_note(note, person.login)


@bp.route("/<comment_id>/labels", methods=["POST"])
@needs_staff
@bp.arguments(NewCorrection)
@bp.response(201, CorrectionOut)
@answers(400, 404, 409, 413, 415, 422)
def correct_labels(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Set a comment's training labels; its verdict stays.

    The newest value of a label counts, set here or with a decision.
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
    return dump_correction(correction, person.login)
