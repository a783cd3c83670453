"""Escalations to the leads of a site, in and out."""

from __future__ import annotations

import marshmallow as ma

from moderation.api.note_bodies import MOST_NOTE_BYTES, SeenVersion
from moderation.web.fields import CommentText


class NewEscalation(SeenVersion):
    """A comment handed to the leads."""

    note = CommentText(
        load_default=None,
        allow_none=True,
        most_bytes=MOST_NOTE_BYTES,
        metadata={
            "description": "What the lead should look at; at most "
            f"{MOST_NOTE_BYTES} bytes in UTF-8. Email addresses in it are masked"
        },
    )


class EscalationOut(ma.Schema):
    """An escalation: by whom, when, and why."""

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
        metadata={
            "description": "It is reserved for you until then; null: in the queue"
        },
    )
