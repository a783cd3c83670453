"""Site keys, in and out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.sites.keys import MAX_EXPIRES_DAYS, MAX_NAME_LENGTH, KeyScope
from moderation.sites.protocols import MAX_ADDRESS_LENGTH, MAX_ORIGINS

OVERLAP_HOURS = 72  # a long weekend
MAX_OVERLAP_HOURS = 24 * 366
SCOPES = [scope.value for scope in KeyScope]
MEANING_OF_SCOPES = (
    "`read`: list and count published comments. `score`: score a text, which is not "
    "stored. `submit`: what `read` may, send comments, and appeal for authors. "
    "`report`: report comments for readers. "
    "`manage`: read, edit, and delete comments, and decide as site staff."
)


class NewSiteKey(ma.Schema):
    """A key to create."""

    name = ma.fields.String(
        required=True,
        validate=validate.Length(min=1, max=MAX_NAME_LENGTH),
        metadata={"description": "Where the key is used"},
    )
    scopes = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        validate=validate.Length(min=1, max=len(SCOPES)),
        metadata={"description": MEANING_OF_SCOPES},
    )
    origins = ma.fields.List(
        ma.fields.String(validate=validate.Length(min=1, max=MAX_ADDRESS_LENGTH)),
        load_default=list,
        validate=validate.Length(max=MAX_ORIGINS),
        metadata={
            "description": "Pages that may use the key from a browser, as "
            "`https://host[:port]`. Such a key can only have `read`, `score`, and "
            "`report`, and its secret can be shown again."
        },
    )
    expires_days = ma.fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(min=1, max=MAX_EXPIRES_DAYS),
        metadata={"description": "Days until the key expires; null: it doesn't"},
    )


class SiteKeyRotation(ma.Schema):
    """Options for replacing a site key."""

    overlap_hours = ma.fields.Integer(
        strict=True,
        load_default=OVERLAP_HOURS,
        validate=validate.Range(min=0, max=MAX_OVERLAP_HOURS),
        metadata={"description": "Hours for which the older key stays valid"},
    )


class SiteKeyOut(ma.Schema):
    """A key; without its secret, unless its pages show that."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    scopes = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        metadata={"description": MEANING_OF_SCOPES},
    )
    has_all_scopes = ma.fields.Boolean(
        required=True,
        metadata={"description": "It was created without limits, as before scopes"},
    )
    origins = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Pages that may use it; empty: it isn't for browsers"},
    )
    public_key = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The secret of a browser key, which its pages show; null: "
            "any other key, or a browser key of before it was stored"
        },
    )
    is_valid = ma.fields.Boolean(
        required=True, metadata={"description": "Neither expired nor revoked"}
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    created_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Username; null: created on the command line"},
    )
    expires_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    revoked_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "In the future while another key replaces it"},
    )
    last_used_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Accurate to a minute"},
    )


class SiteKeyWithSecret(SiteKeyOut):
    """A new key with its secret."""

    secret = ma.fields.String(
        required=True,
        metadata={
            "description": "12 characters `a-z0-9`; only that of a browser key can be "
            "shown again"
        },
    )


class SiteKeyList(ma.Schema):
    """All keys of a site, expired and revoked ones as well, oldest first."""

    keys = ma.fields.List(ma.fields.Nested(SiteKeyOut), required=True)


class SiteKeyRevoked(SiteKeyOut):
    """A revoked key."""

    scopes_lost = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        metadata={"description": "Scopes that no valid key of the site has any more"},
    )
