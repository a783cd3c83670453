"""Trusted flaggers, in and out."""

from __future__ import annotations

import marshmallow as ma

from moderation.web.fields import PublicLine

MAX_NAME_LENGTH = 200


class NewFlagger(ma.Schema):
    """A trusted flagger to add."""

    name = PublicLine(required=True, longest=MAX_NAME_LENGTH)
    reference = PublicLine(
        required=True,
        longest=500,
        metadata={"description": "Of the award: coordinator and number, or address"},
    )


class FlaggerChange(ma.Schema):
    """The state of a flagger's token."""

    is_suspended = ma.fields.Boolean(required=True)


class FlaggerOut(ma.Schema):
    """A trusted flagger."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    reference = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    suspended_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    token = ma.fields.String(metadata={"description": "Shown once, when it is added"})


class FlaggersOut(ma.Schema):
    """A site's trusted flaggers."""

    flaggers = ma.fields.List(ma.fields.Nested(FlaggerOut), required=True)
