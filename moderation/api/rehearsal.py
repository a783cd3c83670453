"""Rehearsals: past comments replayed, against what was decided then. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation import jobs
from moderation.accounts.staff import Role
from moderation.api.job_bodies import JobOut
from moderation.api.jobs import shown
from moderation.api.models import default_model, storable_version
from moderation.api.rehearsal_bodies import NewRehearsal, RehearsalOut
from moderation.database import db, start_writing
from moderation.jobs import JobKind
from moderation.models import registry
from moderation.rehearsal import stored
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "rehearsal", __name__, url_prefix="/api/v1", description="For admins"
)


@bp.route("/sites/<site>/rehearsals", methods=["POST"])
@needs_staff
@bp.arguments(NewRehearsal)
@bp.response(202, JobOut, description="A worker will do it")
@answers(400, 404, 409, 413, 415, 422)
def start_rehearsal(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Replay past comments through rules, policy, and a model. Changes nothing.

    Follow the job; its result has the `report`, as `GET …/rehearsal` answers it.
    Comments that the model was trained on are left out.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    if fields["version"] is not None:
        version = storable_version(fields["version"])
        registry.find_model(session, site_id, version, default_model())
    since = fields["since"]
    start_writing(session)
    job = jobs.enqueue(
        session,
        site_id,
        JobKind.REHEARSAL,
        staff_id=current_person().id,
        now=datetime.now(UTC),
        arguments={**fields, "since": since and since.isoformat()},
    )
    session.commit()
    return shown(job)


@bp.route("/sites/<site>/rehearsal", methods=["GET"])
@needs_staff
@bp.response(200, RehearsalOut)
@answers(404)
def read_rehearsal(site: str) -> ResponseReturnValue:
    """Get the report of the newest rehearsal: counts, codes, and IDs, no texts."""
    site_id = site_for(Role.ADMIN, site)
    found = stored.get_newest(db.session(), site_id)
    return {
        "job": found.job_id,
        "finished_at": found.finished_at,
        "report": found.report,
    }
