"""Site keys: created, listed, replaced, and revoked. For admins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.key_bodies import (
    NewSiteKey,
    SiteKeyList,
    SiteKeyRevoked,
    SiteKeyRotation,
    SiteKeyWithSecret,
)
from moderation.database import db, start_writing
from moderation.sites import keys
from moderation.sites.keys import KeyScope, KeySettings
from moderation.tables.sites import SiteKey
from moderation.web.auth import current_person, needs_staff, site_for, token_key
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "keys", __name__, url_prefix="/api/v1/sites", description="For admins"
)

ONE = "/<site>/keys/<int(min=1, max=2147483647):key_id>"


@bp.route("/<site>/keys", methods=["GET"])
@needs_staff
@bp.response(200, SiteKeyList)
@answers(404)
def list_site_keys(site: str) -> ResponseReturnValue:
    """List the keys of a site.

    Includes expired and revoked keys, oldest first. Only a browser key's secret, which
    its pages show, is shown again.
    """
    rows = keys.list_keys(db.session(), site_for(Role.ADMIN, site))
    return {"keys": [_shown(key) for key in rows]}


@bp.route("/<site>/keys", methods=["POST"])
@needs_staff
@bp.arguments(NewSiteKey)
@bp.response(201, SiteKeyWithSecret)
@answers(400, 404, 409, 413, 415, 422)
def create_site_key(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Create a site key.

    The response shows the secret, once; that of a browser key can be listed again.
    """
    site_id, session, now = site_for(Role.ADMIN, site), db.session(), datetime.now(UTC)
    days = fields["expires_days"]
    settings = KeySettings(
        name=fields["name"],
        scopes=frozenset(map(KeyScope, fields["scopes"])),
        origins=tuple(fields["origins"]),
        expires_at=now + timedelta(days=days) if days else None,
    )
    start_writing(session)
    key, secret = keys.create_key(session, site_id, settings, **_maker(now))
    session.commit()
    return {**_shown(key), "secret": secret}


@bp.route(f"{ONE}/rotation", methods=["POST"])
@needs_staff
@bp.arguments(SiteKeyRotation)
@bp.response(201, SiteKeyWithSecret)
@answers(400, 404, 409, 413, 415, 422)
def rotate_site_key(
    fields: dict[str, Any], site: str, key_id: int
) -> ResponseReturnValue:
    """Replace a site key.

    Creates a key with the same name, scopes, origins, and lifetime, and shows its
    secret, once. The older key stays valid during the overlap.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    key, secret = keys.replace_key(
        session,
        site_id,
        key_id,
        overlap=timedelta(hours=fields["overlap_hours"]),
        **_maker(datetime.now(UTC)),
    )
    session.commit()
    return {**_shown(key), "secret": secret}


@bp.route(ONE, methods=["DELETE"])
@needs_staff
@bp.response(200, SiteKeyRevoked)
@answers(404)
def revoke_site_key(site: str, key_id: int) -> ResponseReturnValue:
    """Revoke a site key.

    The key is refused from the next request on. `scopes_lost` names what no valid key
    of the site can do any more: without `submit`, the site can't send comments.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    revocation = keys.revoke_key(session, site_id, key_id, datetime.now(UTC))
    session.commit()
    return {**_shown(revocation.key), "scopes_lost": list(revocation.scopes_lost)}


def _maker(now: datetime) -> dict[str, Any]:
    return {"hash_keys": token_key(), "created_by": current_person().id, "now": now}


def _shown(key: SiteKey) -> dict[str, Any]:
    allowed = keys.scopes_of(key)
    return {
        "id": key.id,
        "name": key.name,
        "scopes": [scope for scope in KeyScope if scope in allowed],
        "has_all_scopes": key.scopes is None,
        "origins": key.origins or [],
        "public_key": key.public_key,
        "is_valid": keys.is_valid_at(key, datetime.now(UTC)),
        "created_at": key.created_at,
        "created_by": staff.find_login(db.session(), key.created_by),
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
