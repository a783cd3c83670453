"""What-if analysis: other thresholds or another model on past comments. For admins."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.api.what_if_bodies import (
    DistributionOut,
    DistributionQuery,
    ProposalOut,
    ThresholdQuery,
    WhatIfAnswer,
    WhatIfQuestion,
)
from moderation.database import db
from moderation.errors import Conflict, NotFound
from moderation.models import registry
from moderation.monitoring import score_distribution, thresholds, what_if
from moderation.monitoring.what_if import Replay
from moderation.policy.thresholds import Threshold
from moderation.sites import sites
from moderation.web.auth import needs_staff, site_for
from moderation.web.fields import is_storable
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("whatif", __name__, url_prefix="/api/v1", description="For admins")


@bp.route("/sites/<site>/what-if", methods=["POST"])
@needs_staff
@bp.arguments(WhatIfQuestion)
@bp.response(200, WhatIfAnswer)
@answers(400, 404, 409, 413, 415, 422)
def run_what_if(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Replay the last days with a model's stored scores, under thresholds and modes.

    It changes nothing. `missed` and `wrongly_held` count only comments that
    moderators decided; the others have no known answer.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    context = sites.find_by_id(session, site_id)
    assert context is not None  # noqa: S101 - the person has a role there
    in_force = _version(session, site_id, None)
    version = _version(session, site_id, fields["version"] or in_force)
    asked = context.policy
    if fields["thresholds"] is not None:
        cuts = {name: Threshold(**cut) for name, cut in fields["thresholds"].items()}
        asked = dataclasses.replace(asked, thresholds=cuts)
    modes = {
        name: fields[name]
        for name in ("default", "sections")
        if fields[name] is not None
    }
    asked = dataclasses.replace(asked, **modes)
    since = datetime.now(UTC) - timedelta(days=fields["days"])
    given = {"since": since, "seconds_per_look": fields["seconds_per_look"]}
    if version == in_force:
        policies = [asked, context.policy]
        found = what_if.replay(session, site_id, policies, version, **given)
    else:
        found = [
            *what_if.replay(session, site_id, [asked], version, **given),
            *what_if.replay(session, site_id, [context.policy], in_force, **given),
        ]
    return {"since": since, "asked": _shown(found[0]), "in_force": _shown(found[1])}


@bp.route("/sites/<site>/thresholds", methods=["GET"])
@needs_staff
@bp.arguments(ThresholdQuery, location="query")
@bp.response(200, ProposalOut)
@answers(404, 409, 422)
def propose_thresholds(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Propose thresholds for two targets, from the last days' scores and decisions.

    It changes nothing. Ask a what-if for the load of the queue that they mean.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    version = _version(session, site_id, query["version"])
    found = thresholds.propose(
        session,
        site_id,
        version,
        since=datetime.now(UTC) - timedelta(days=query["days"]),
        one_in=query["one_in"],
        right=query["right"],
    )
    return {
        "version": found.version,
        "comments": found.comments,
        "thresholds": {name: vars(cut) for name, cut in found.thresholds.items()},
        "held": vars(found.held),
        "rejected": vars(found.rejected) if query["right"] is not None else None,
    }


@bp.route("/sites/<site>/score-distribution", methods=["GET"])
@needs_staff
@bp.arguments(DistributionQuery, location="query")
@bp.response(200, DistributionOut)
@answers(404, 409, 422)
def read_score_distribution(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Count recent comments by score, label by label."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    version = _version(session, site_id, query["version"])
    since = datetime.now(UTC) - timedelta(days=query["days"])
    found = score_distribution.count_scores(session, site_id, version, since)
    return {"version": version, **vars(found)}


def _version(session: Session, site_id: int, asked: str | None) -> str:
    """Return the model that is asked for, or the one that decides.

    Raises
    ------
    Conflict
        If none is asked for and none decides.
    NotFound
        If there is no such model at the site.
    """
    shipped = services().scoring.default
    context = sites.find_by_id(session, site_id)
    assert context is not None  # noqa: S101 - the person has a role there
    version = asked or registry.get_version(session, context.model_id, shipped)
    if version is None:
        raise Conflict("No model is active, so there are no scores to replay.")
    if not is_storable(version):
        raise NotFound("There is no such model at this site.")
    registry.find_model(session, site_id, version, shipped)
    return version


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
