"""Remarks on a comment without a decision: notes, corrected labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.lookup import find
from moderation.errors import StaleVersion, TooManyNotes
from moderation.privacy import mask_emails
from moderation.review.blindness import blind_look
from moderation.tables.accounts import Staff
from moderation.tables.comments import Score
from moderation.tables.review import Correction, Note

MOST_NOTES = 50  # of one comment: beyond, it is a chat, and the desk grows slow


def add_note(
    session: Session,
    comment_id: int,
    *,
    staff_id: int,
    site_ids: Sequence[int],
    text: str,
    now: datetime,
) -> Note:
    """Leave a word for colleagues. Email addresses in it are masked.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    TooManyNotes
        If it has as many as it can have.
    """
    comment = find(session, site_ids, comment_id)
    count = sa.select(sa.func.count()).where(Note.comment_id == comment_id)
    if (session.scalar(count) or 0) >= MOST_NOTES:
        raise TooManyNotes
    note = Note(
        site_id=comment.site_id,
        comment_id=comment_id,
        staff_id=staff_id,
        created_at=now,
        text=mask_emails(text),
    )
    session.add(note)
    session.flush()
    return note


def notes_of(
    session: Session, comment_ids: Sequence[int]
) -> dict[int, list[tuple[Note, str]]]:
    """Return the notes about comments with logins, each list with the oldest first."""
    rows = session.execute(
        sa.select(Note, Staff.login)
        .join(Staff, Staff.id == Note.staff_id)
        .where(Note.comment_id.in_(comment_ids))
        .order_by(Note.id)
    )
    found: dict[int, list[tuple[Note, str]]] = {}
    for note, login in rows:
        found.setdefault(note.comment_id, []).append((note, login))
    return found


def correct_labels(
    session: Session,
    comment_id: int,
    *,
    staff_id: int,
    site_ids: Sequence[int],
    version: int,
    labels: Mapping[str, bool],
    now: datetime,
) -> Correction:
    """Record what a person says of labels; verdict and status stay as they are.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    StaleVersion
        If it has changed since the person saw it.
    """
    comment = find(session, site_ids, comment_id)
    look = blind_look(session, comment_id, staff_id=staff_id)
    if version != (look.shown_version if look else comment.version):
        raise StaleVersion
    scored_by = sa.select(Score.model_version).where(
        Score.comment_id == comment_id, Score.revision == comment.revision
    )
    correction = Correction(
        site_id=comment.site_id,
        comment_id=comment_id,
        revision=comment.revision,
        staff_id=staff_id,
        created_at=now,
        labels=dict(labels),
        model_version=session.scalar(scored_by.order_by(Score.id.desc()).limit(1)),
    )
    session.add(correction)
    session.flush()
    return correction


def corrections_of(session: Session, comment_id: int) -> list[tuple[Correction, str]]:
    """Return the labels that people have set on a comment, the oldest first."""
    rows = session.execute(
        sa.select(Correction, Staff.login)
        .join(Staff, Staff.id == Correction.staff_id)
        .where(Correction.comment_id == comment_id)
        .order_by(Correction.id)
    )
    return [(correction, login) for correction, login in rows]
