"""Notes and corrected labels, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import HARMS
from moderation.tables.authors import AuthorNote
from moderation.tables.review import Correction, Note
from moderation.web.fields import CommentText

MOST_NOTE_BYTES = 2_000  # a word to a colleague, no essay


class SeenVersion(ma.Schema):
    """The version of a comment that a moderator saw."""

    version = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "The comment's version that you saw"},
    )


class NewNote(ma.Schema):
    """A word to colleagues."""

    text = CommentText(
        required=True,
        most_bytes=MOST_NOTE_BYTES,
        metadata={
            "description": f"At most {MOST_NOTE_BYTES} bytes in UTF-8. "
            "Email addresses in it are masked"
        },
    )


class NoteOut(ma.Schema):
    """A word to colleagues, and whose."""

    id = ma.fields.Integer(required=True)
    author = ma.fields.String(required=True, metadata={"description": "Login"})
    text = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)


class NewCorrection(SeenVersion):
    """Corrected labels, apart from any verdict."""

    labels = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(HARMS)),
        values=ma.fields.Boolean(truthy={True}, falsy={False}),
        required=True,
        validate=validate.Length(min=1),
        metadata={"description": "For training: label to true or false"},
    )


class CorrectionOut(ma.Schema):
    """Labels that a person has set."""

    by = ma.fields.String(required=True, metadata={"description": "Login"})
    at = ma.fields.AwareDateTime(format="iso", required=True)
    labels = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Boolean(), required=True
    )
    revision = ma.fields.Integer(
        required=True, metadata={"description": "The text that was read"}
    )


def dump_note(row: Note | AuthorNote, login: str) -> dict[str, Any]:
    """Return a note with who wrote it."""
    return {
        "id": row.id,
        "author": login,
        "text": row.text,
        "created_at": row.created_at,
    }


def dump_correction(row: Correction, login: str) -> dict[str, Any]:
    """Return labels that a person has set."""
    return {
        "by": login,
        "at": row.created_at,
        "labels": row.labels,
        "revision": row.revision,
    }
