"""Training from decisions: candidates, comparisons, lineage, and examples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from classifiers.text.labels import HARMS
from moderation import jobs
from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.job_bodies import JobOut
from moderation.api.jobs import shown
from moderation.api.learning_bodies import LineageOut, NewComparison
from moderation.api.models import default_model, storable_version
from moderation.database import db, start_writing
from moderation.jobs import JobKind
from moderation.learning import comparison, examples, lineage, provenance, retraining
from moderation.learning.training_set import TrainingSet
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "learning", __name__, url_prefix="/api/v1", description="For admins"
)


@bp.route("/sites/<site>/retrainings", methods=["POST"])
@needs_staff
@bp.response(202, JobOut, description="A worker will do it")
@answers(404, 409)
def start_retraining(site: str) -> ResponseReturnValue:
    """Train a candidate from the decisions of the site's staff.

    It changes nothing that is served. Follow the job; its result names the model.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    retraining.refuse_unready(session, site_id)
    start_writing(session)
    job = jobs.enqueue(
        session,
        site_id,
        JobKind.RETRAINING,
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()
    return shown(job)


@bp.route("/sites/<site>/comparisons", methods=["POST"])
@needs_staff
@bp.arguments(NewComparison)
@bp.response(202, JobOut, description="A worker will do it")
@answers(400, 404, 409, 413, 415, 422)
def start_comparison(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Compare two models on decisions that neither was trained on.

    Follow the job; its result has the `report`, as a candidate's, of `second` next to
    `first`.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    versions = [storable_version(fields["first"]), storable_version(fields["second"])]
    comparison.refuse_unknown(session, site_id, versions, default_model())
    start_writing(session)
    job = jobs.enqueue(
        session,
        site_id,
        JobKind.COMPARISON,
        staff_id=current_person().id,
        now=datetime.now(UTC),
        arguments=fields,
    )
    session.commit()
    return shown(job)


@bp.route("/sites/<site>/comments/<comment_id>/models", methods=["GET"])
@needs_staff
@bp.response(200, LineageOut)
@answers(404)
def read_lineage(site: str, comment_id: str) -> ResponseReturnValue:
    """List the models trained on a comment, also of a deleted one.

    An empty list also answers for a comment that was never here: nothing is kept of
    what was learned from but keyed hashes.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    number, key = comment_number(comment_id), services().lineage_key
    found = lineage.list_trained_models(session, site_id, number, key)
    start_writing(session)
    lineage.record_read(session, site_id, number)
    session.commit()
    return {"models": [vars(each) for each in found]}


@bp.route("/sites/<site>/examples", methods=["GET"])
@needs_staff
@answers(404)
@bp.response(200, {"type": "string"}, content_type="application/x-ndjson")
def export_examples(site: str) -> ResponseReturnValue:
    """Export training examples as JSON Lines, without personal data.

    Each line has `text`, `labels`, `weight` and the day; addresses are masked.
    """
    session, site_id = db.session(), site_for(Role.ADMIN, site)
    lessons = TrainingSet(examples.read_training_examples(session, site_id, HARMS))
    lessons.weigh()
    start_writing(session)
    provenance.record_export(session, site_id, len(lessons))
    session.commit()
    lines = (
        json.dumps(each, ensure_ascii=False) + "\n"
        for each in provenance.to_plain_rows(lessons)
    )
    return Response(lines, mimetype="application/x-ndjson")
