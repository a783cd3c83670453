"""Notes, escalation and corrected labels, in and out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.web.fields import CommentText

MOST_NOTE_BYTES = 2_000  # a word to a colleague, no essay


class SeenVersion(ma.Schema):
    """Which version of a comment a moderator saw."""

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
            "E-mail addresses in it are masked"
        },
    )


class NoteOut(ma.Schema):
    """A word to colleagues, and whose."""

    id = ma.fields.Integer(required=True)
    author = ma.fields.String(required=True, metadata={"description": "Login"})
    text = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)


class NewEscalation(SeenVersion):
    """A comment handed to the leads."""

    note = CommentText(
        load_default=None,
        allow_none=True,
        most_bytes=MOST_NOTE_BYTES,
        metadata={
            "description": "What the lead should look at; at most "
            f"{MOST_NOTE_BYTES} bytes in UTF-8. E-mail addresses in it are masked"
        },
    )


class EscalationOut(ma.Schema):
    """Who handed a comment to the leads, when and why."""

    by = ma.fields.String(required=True, metadata={"description": "Login"})
    at = ma.fields.AwareDateTime(format="iso", required=True)
    note = ma.fields.String(required=True, allow_none=True)


class EndedEscalationOut(EscalationOut):
    """An escalation, and who ended it."""

    ended_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    ended_by = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Login"}
    )


class Escalated(EscalationOut):
    """A comment that waits for a lead now."""

    version = ma.fields.Integer(
        required=True, metadata={"description": "The comment's version now"}
    )


class TakenBack(ma.Schema):
    """A comment that no longer waits for a lead."""

    version = ma.fields.Integer(
        required=True, metadata={"description": "The comment's version now"}
    )
    claimed_until = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "It is in your hand until then; null: in the queue"},
    )


class NewCorrection(SeenVersion):
    """What you say of labels, apart from any verdict."""

    labels = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(LABELS)),
        values=ma.fields.Boolean(truthy={True}, falsy={False}),
        required=True,
        validate=validate.Length(min=1),
        metadata={"description": "For training: label to true or false"},
    )


class CorrectionOut(ma.Schema):
    """What a person said of labels."""

    by = ma.fields.String(required=True, metadata={"description": "Login"})
    at = ma.fields.AwareDateTime(format="iso", required=True)
    labels = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Boolean(), required=True
    )
    revision = ma.fields.Integer(
        required=True, metadata={"description": "The text that was read"}
    )
