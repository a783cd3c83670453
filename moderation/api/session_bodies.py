"""Logging in."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.web.fields import Line, refuse_unstorable


class Credentials(ma.Schema):
    """A login and its password."""

    login = Line(required=True, longest=63)
    password = ma.fields.String(
        required=True,
        load_only=True,
        validate=[validate.Length(min=1, max=1024), refuse_unstorable],
    )
    code = ma.fields.String(
        load_only=True,
        allow_none=True,
        validate=[validate.Length(max=64), refuse_unstorable],
        metadata={
            "description": "The second factor's, where one is switched on; or a "
            "recovery code"
        },
    )


class MembershipOut(ma.Schema):
    """A role at a site, or in some of its sections."""

    site = ma.fields.String(required=True)
    role = ma.fields.String(required=True)
    sections = ma.fields.List(
        ma.fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "null: the whole site"},
    )


class TokenOut(ma.Schema):
    """A token for the Authorization header: `Bearer …`."""

    token = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(format="iso", required=True)


class StaffOut(ma.Schema):
    """Your account."""

    login = ma.fields.String(required=True)
    memberships = ma.fields.List(ma.fields.Nested(MembershipOut), required=True)
