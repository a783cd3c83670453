"""The state of the installation and of a site, for admins."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.health import read_parts
from moderation.api.system_bodies import SystemStatusOut
from moderation.database import db
from moderation.monitoring import system_status
from moderation.monitoring.system_status import SystemStatus
from moderation.web.auth import needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("system", __name__, url_prefix="/api/v1", description="For admins")


@bp.route("/sites/<site>/system-status", methods=["GET"])
@needs_staff
@bp.response(200, SystemStatusOut)
@answers(404)
def read_system_status(site: str) -> ResponseReturnValue:
    """Get the service's state: its parts, the queue, jobs, events, and storage.

    `version`, `parts`, `worker_seen_at`, `database`, `storage`, and the last two are of
    the whole installation; the others are the site's.
    """
    status: ResponseReturnValue = vars(current_status(site_for(Role.ADMIN, site)))
    return status


def current_status(site_id: int) -> SystemStatus:
    """Return the state of the installation and of a site, now."""
    session, now, made = db.session(), datetime.now(UTC), services()
    parts = read_parts(now)
    return system_status.read_status(
        session, site_id, parts=parts, scoring=made.scoring, now=now
    )
