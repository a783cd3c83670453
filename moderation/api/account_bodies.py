"""A person's own account, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.accounts.staff import TokenScope
from moderation.tables.accounts import StaffToken
from moderation.web.fields import Line, refuse_unstorable

MAX_DAYS = 366  # a personal token is renewed once a year
MAX_PASSWORD_LENGTH = 1024  # characters
MAX_LINK_LENGTH = 100  # characters


def _password() -> ma.fields.String:
    return ma.fields.String(
        required=True,
        load_only=True,
        validate=[
            validate.Length(min=1, max=MAX_PASSWORD_LENGTH),
            refuse_unstorable,
        ],
    )


class NewPassword(ma.Schema):
    """The old and the new password."""

    old_password = _password()
    new_password = _password()


class FirstPassword(ma.Schema):
    """The token of a one-time link, and a password."""

    token = Line(required=True, longest=MAX_LINK_LENGTH)
    password = _password()


class LinkHolderOut(ma.Schema):
    """Whose password was set."""

    login = ma.fields.String(required=True)


class SessionOut(ma.Schema):
    """A log-in that still lasts."""

    id = ma.fields.Integer(required=True)
    client = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The browser or program; null: unknown"},
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    last_used_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "To the minute"},
    )
    expires_at = ma.fields.AwareDateTime(format="iso", required=True)
    is_current = ma.fields.Boolean(
        required=True, metadata={"description": "The one that asks"}
    )


class SessionList(ma.Schema):
    """A person's sessions, the newest first."""

    sessions = ma.fields.List(ma.fields.Nested(SessionOut), required=True)


class NewToken(ma.Schema):
    """A personal API token to create."""

    name = Line(required=True, longest=63)
    scopes = ma.fields.List(
        ma.fields.Enum(TokenScope, by_value=True),
        required=True,
        validate=validate.Length(min=1, max=len(TokenScope)),
        metadata={
            "description": "read: what a lead may read. moderate: also decide and "
            "note. manage: also what only an admin may read and change. Your roles "
            "limit each."
        },
    )
    days = ma.fields.Integer(
        load_default=90,
        strict=True,
        validate=validate.Range(min=1, max=MAX_DAYS),
        metadata={"description": "How long the token lasts"},
    )


class PersonalTokenOut(ma.Schema):
    """A personal API token, without its secret."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    scopes = ma.fields.List(ma.fields.String(), required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    last_used_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "To the minute; null: never"},
    )
    expires_at = ma.fields.AwareDateTime(format="iso", required=True)


class PersonalTokenList(ma.Schema):
    """A person's personal API tokens, the newest first."""

    tokens = ma.fields.List(ma.fields.Nested(PersonalTokenOut), required=True)


class CreatedTokenOut(PersonalTokenOut):
    """A new personal API token, with its secret, which isn't shown again."""

    token = ma.fields.String(required=True)


def dump_session(row: StaffToken, current_id: int) -> dict[str, Any]:
    """Return a session for `SessionOut`."""
    return {
        "id": row.id,
        "client": row.client,
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
        "expires_at": row.expires_at,
        "is_current": row.id == current_id,
    }


def dump_token(row: StaffToken) -> dict[str, Any]:
    """Return a personal API token for `PersonalTokenOut`."""
    return {
        "id": row.id,
        "name": row.name,
        "scopes": (row.scopes or "").split(),
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
        "expires_at": row.expires_at,
    }
