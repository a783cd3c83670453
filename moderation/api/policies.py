"""A site's policy, for its admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.policy_bodies import PolicyBody, PolicyChange, PolicyLog, PolicyOut
from moderation.database import db, start_writing
from moderation.sites import policies
from moderation.tables.sites import Site, SitePolicy
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "policies", __name__, url_prefix="/api/v1/sites", description="For admins"
)

policy_body = PolicyBody()


@bp.route("/<site>/policy", methods=["GET"])
@needs_staff
@bp.response(200, PolicyOut)
@answers(404)
def read_policy(site: str) -> ResponseReturnValue:
    """Get the current policy."""
    session = db.session()
    site_row = session.get_one(Site, site_for(Role.MODERATOR, site))
    return _dumped(session.get_one(SitePolicy, site_row.policy_id))


@bp.route("/<site>/policies", methods=["GET"])
@needs_staff
@bp.response(200, PolicyLog)
@answers(404)
def list_policies(site: str) -> ResponseReturnValue:
    """List a site's policies with their authors, the newest first."""
    session = db.session()
    found = policies.list_policies(session, site_for(Role.ADMIN, site))
    return {
        "policies": [
            {**_dumped(each), "written_by": staff.find_login(session, each.staff_id)}
            for each in found
        ]
    }


@bp.route("/<site>/policy", methods=["PUT"])
@needs_staff
@bp.arguments(PolicyChange)
@bp.response(200, PolicyOut)
@answers(400, 404, 409, 413, 415, 422)
def replace_policy(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Apply a policy to new comments; the older one stays on record.

    With `replaces`, nothing is overwritten that another admin has applied meanwhile.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    replaced_id = fields.pop("replaces")
    start_writing(session)
    policy = policies.create_policy(
        session,
        site_id,
        policy_body.dump(fields),
        staff_id=current_person().id,
        now=datetime.now(UTC),
        replaced_id=replaced_id,
    )
    session.commit()
    return _dumped(policy)


def _dumped(policy: SitePolicy) -> dict[str, Any]:
    loaded: dict[str, Any] = policy_body.load(policy.body)
    return {**loaded, "id": policy.id, "created_at": policy.created_at}
