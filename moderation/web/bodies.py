"""The one body of every error."""

from __future__ import annotations

import marshmallow as ma

from moderation.api.comment_bodies import ReasonOut
from moderation.policy import Source, Status, Verdict
from moderation.web.fields import CommentId


class CurrentOut(ma.Schema):
    """How a comment stands now, for whoever has seen it otherwise."""

    id = CommentId(required=True)
    version = ma.fields.Integer(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)
    revision = ma.fields.Integer(required=True)
    body = ma.fields.String(required=True)
    edited_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When its author last changed the text"},
    )
    claimed_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login of the moderator who holds it now"},
    )
    verdict = ma.fields.Enum(
        Verdict,
        by_value=True,
        required=True,
        metadata={"description": "Of the newest decision"},
    )
    source = ma.fields.Enum(Source, by_value=True, required=True)
    decided_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login, where a person decided"},
    )
    decided_at = ma.fields.AwareDateTime(format="iso", required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)


class ErrorBody(ma.Schema):
    """What went wrong, for a program and for a person."""

    code = ma.fields.String(
        required=True,
        metadata={"description": "For programs, such as `invalid_fields`"},
    )
    message = ma.fields.String(
        required=True, metadata={"description": "For people, one sentence"}
    )
    fields = ma.fields.Dict(  # type: ignore[assignment]  # the name is our API's
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={
            "description": "Each bad field with its complaints; nested names are "
            "joined by dots"
        },
    )
    current = ma.fields.Nested(
        CurrentOut,
        metadata={
            "description": "Beside `stale_version` and `already_claimed`: how the "
            "comment stands now"
        },
    )
