"""What would have happened under other thresholds or another model. For admins."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from flask.typing import ResponseReturnValue

from moderation import registry, sites, whatif
from moderation.api.auth import needs_staff, site_for
from moderation.api.documenting import StrictBlueprint, answers
from moderation.database import db
from moderation.errors import Conflict, NotFound
from moderation.people import Role
from moderation.policy import Threshold
from moderation.schemas.fields import is_storable
from moderation.schemas.whatif import WhatIfAnswer, WhatIfQuestion
from moderation.whatif import Replay

bp = StrictBlueprint("whatif", __name__, url_prefix="/api/v1", description="For admins")


@bp.route("/sites/<site>/what-if", methods=["POST"])
@needs_staff
@bp.arguments(WhatIfQuestion)
@bp.response(200, WhatIfAnswer)
@answers(400, 404, 409, 413, 415, 422)
def ask(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Replay the last days with a model's stored scores, under thresholds.

    It changes nothing. `missed` and `wrongly_held` count what people have decided
    about; of the rest nobody knows.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    context = sites.find_by_id(session, site_id)
    assert context is not None  # noqa: S101 - the person has a role there
    shipped = current_app.extensions["scoring"].default
    in_force = registry.version_of(session, context.model_id, shipped)
    if in_force is None:
        raise Conflict("No model decides now: there are no scores to replay.")
    version = fields["version"] or in_force
    if not is_storable(version):
        raise NotFound("There is no such model at this site.")
    registry.find_model(session, site_id, version, shipped)
    asked = context.policy
    if fields["thresholds"] is not None:
        cuts = {name: Threshold(**cut) for name, cut in fields["thresholds"].items()}
        asked = dataclasses.replace(asked, thresholds=cuts)
    since = datetime.now(UTC) - timedelta(days=fields["days"])
    given = {"since": since, "seconds_per_look": fields["seconds_per_look"]}
    if version == in_force:
        policies = [asked, context.policy]
        found = whatif.replay(session, site_id, policies, version, **given)
    else:
        found = [
            *whatif.replay(session, site_id, [asked], version, **given),
            *whatif.replay(session, site_id, [context.policy], in_force, **given),
        ]
    return {"since": since, "asked": _shown(found[0]), "in_force": _shown(found[1])}


def _shown(found: Replay) -> dict[str, Any]:
    return {
        "version": found.version,
        "unscored": found.unscored,
        "total": vars(found.total),
        "sections": [
            {"section": section, **vars(outcome)}
            for section, outcome in found.sections.items()
        ],
    }
