"""Sites: added by who is an admin of all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation.accounts import memberships
from moderation.accounts.staff import Person, Role
from moderation.api.site_bodies import NewSite, SiteOut
from moderation.database import db, start_writing
from moderation.errors import Forbidden
from moderation.sites import policies, sites
from moderation.web.auth import current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "sites", __name__, url_prefix="/api/v1/sites", description="For admins"
)


@bp.route("", methods=["POST"])
@needs_staff
@bp.arguments(NewSite)
@bp.response(201, SiteOut)
@answers(400, 403, 409, 413, 415, 422)
def create_site(fields: dict[str, Any]) -> ResponseReturnValue:
    """Create a site with the default model's thresholds, and become its first admin.

    Only an admin of every site can add one. Create a site key for it next.
    """
    session, person, now = db.session(), current_person(), datetime.now(UTC)
    default_model = services().scoring.default
    thresholds = default_model.manifest["thresholds"] if default_model else {}
    start_writing(session)
    if not may_add_sites(session, person):
        raise Forbidden("Only an admin of every site can add one.")
    policy = policies.default_policy(thresholds, fields["default"])
    site = sites.create_site(session, fields["name"], policy, now)
    memberships.update_role(session, person.id, site.id, Role.ADMIN)
    session.commit()
    return {"name": site.name, "created_at": site.created_at}


def may_add_sites(session: Session, person: Person) -> bool:
    """Return whether a person is an admin of every site."""
    own = set(person.whole_site_ids(Role.ADMIN))
    return bool(own) and own.issuperset(sites.list_site_ids(session))
