"""The compatibility APIs of a site, switched on and off. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.api.integration_bodies import (
    IntegrationsChange,
    IntegrationsOut,
    NewCoralSecret,
    dump_integrations,
)
from moderation.database import db, start_writing
from moderation.sites import integrations
from moderation.sites.protocols import Protocol
from moderation.web.auth import needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "integrations", __name__, url_prefix="/api/v1/sites", description="For admins"
)
ONE = "/<site>/integrations"


@bp.route(ONE, methods=["GET"])
@needs_staff
@bp.response(200, IntegrationsOut)
@answers(404)
def read_integrations(site: str) -> ResponseReturnValue:
    """Get a site's compatibility APIs."""
    return _shown(db.session(), site_for(Role.ADMIN, site))


@bp.route(ONE, methods=["PUT"])
@needs_staff
@bp.arguments(IntegrationsChange)
@bp.response(200, IntegrationsOut)
@answers(400, 404, 409, 413, 415, 422)
def update_integrations(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Replace the settings of a site's compatibility APIs.

    Refused with 409 if they have changed since you read them.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    integrations.update_integrations(
        session, site_id, fields["wanted"], seen_version=fields["seen_version"]
    )
    session.commit()
    return _shown(session, site_id)


@bp.route(f"{ONE}/coral-secret", methods=["POST"])
@needs_staff
@bp.arguments(NewCoralSecret)
@bp.response(201, IntegrationsOut)
@answers(400, 404, 413, 415, 422)
def create_coral_secret(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Store the secret with which Coral signs the comments of a site.

    Older ones stay valid during the overlap. No answer shows a secret.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    integrations.create_secret(
        session,
        site_id,
        Protocol.CORAL,
        fields["secret"],
        privacy=services().privacy,
        now=datetime.now(UTC),
        overlap=fields["overlap"],
    )
    session.commit()
    return _shown(session, site_id)


def _shown(session: Session, site_id: int) -> dict[str, Any]:
    secrets = integrations.list_secrets(
        session,
        site_id,
        Protocol.CORAL,
        privacy=services().privacy,
        now=datetime.now(UTC),
    )
    stored = integrations.read_site_integrations(session, site_id)
    return dump_integrations(stored, has_coral_secret=bool(secrets))
