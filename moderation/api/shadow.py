"""A model that scores silently: started, read, judged blind, ended."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation import identifiers, jobs
from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.job_bodies import JobOut
from moderation.api.jobs import shown
from moderation.api.shadow_bodies import (
    BlindSample,
    LookCounts,
    NewLook,
    NewRescoring,
    NewShadow,
    ShadowOut,
)
from moderation.comments.lookup import find
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.jobs import JobKind
from moderation.models import registry
from moderation.monitoring import blind_reviews, shadow
from moderation.monitoring.blind_reviews import BlindReviewCounts
from moderation.policy.thresholds import Policy
from moderation.sites import sites
from moderation.statistics import wilson_interval
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.fields import is_storable
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("shadow", __name__, url_prefix="/api/v1", description="For admins")


@bp.route("/sites/<site>/shadow", methods=["PUT"])
@needs_staff
@bp.arguments(NewShadow)
@bp.response(204)
@answers(400, 404, 409, 413, 415, 422)
def start_shadow(fields: dict[str, Any], site: str) -> None:
    """Run a model in shadow: it scores new comments and decides nothing.

    A worker scores within seconds of a comment's arrival. One model at a time does.
    """
    site_id, session, version = (
        site_for(Role.ADMIN, site),
        db.session(),
        fields["version"],
    )
    if not is_storable(version):
        raise NotFound("There is no such model at this site.")
    registry.refuse_unservable(session, site_id, version)
    start_writing(session)
    shadow.start(session, site_id, version, datetime.now(UTC))
    session.commit()


@bp.route("/sites/<site>/shadow", methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(404)
def stop_shadow(site: str) -> None:
    """Stop the shadow model."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    shadow.stop(session, site_id)
    session.commit()


@bp.route("/sites/<site>/shadow", methods=["GET"])
@needs_staff
@bp.response(200, ShadowOut)
@answers(404)
def read_shadow(site: str) -> ResponseReturnValue:
    """Get verdicts that the shadow model would change, and who was right."""
    session, site_id = db.session(), site_for(Role.ADMIN, site)
    found = shadow.build_report(session, site_id, _policy(site_id))
    return {
        "version": found.version,
        "since": found.since,
        "scored": found.scored,
        "verdicts": [
            {
                "active": active,
                "shadow": silent,
                "comments": number,
                "share": wilson_interval(number, found.scored),
            }
            for (active, silent), number in sorted(found.counts.items())
        ],
        "differences": [
            {**vars(each), "comment": identifiers.encode(each.comment_id)}
            for each in found.differences
        ],
        "blind": _counted(found.looks),
    }


@bp.route("/sites/<site>/shadow/sample", methods=["GET"])
@needs_staff
@bp.response(200, BlindSample)
@answers(404)
def sample_shadow(site: str) -> ResponseReturnValue:
    """Get up to 20 texts for a blind review, without the models' verdicts."""
    site_id = site_for(Role.MODERATOR, site)
    found = blind_reviews.draw_sample(
        db.session(),
        site_id,
        _policy(site_id),
        current_person().id,
        seed=secrets.randbits(32),
    )
    texts = [{"comment": identifiers.encode(x.id), "text": x.body} for x in found]
    return {"texts": texts}


@bp.route("/sites/<site>/shadow/looks", methods=["GET"])
@needs_staff
@bp.response(200, LookCounts)
@answers(404)
def count_blind_reviews(site: str) -> ResponseReturnValue:
    """Count which model the blind reviews agree with."""
    site_id = site_for(Role.MODERATOR, site)
    return _counted(
        blind_reviews.count_reviews(db.session(), site_id, _policy(site_id))
    )


@bp.route("/sites/<site>/shadow/looks", methods=["POST"])
@needs_staff
@bp.arguments(NewLook)
@bp.response(204)
@answers(400, 404, 409, 413, 415, 422)
def create_blind_review(fields: dict[str, Any], site: str) -> None:
    """Record whether a text is harmful. The comment doesn't change."""
    site_id, session = site_for(Role.MODERATOR, site), db.session()
    start_writing(session)
    comment = find(session, [site_id], comment_number(fields["comment"]))
    blind_reviews.record_review(
        session,
        comment,
        staff_id=current_person().id,
        is_harmful=fields["is_harmful"],
        now=datetime.now(UTC),
    )
    session.commit()


@bp.route("/sites/<site>/rescorings", methods=["POST"])
@needs_staff
@bp.arguments(NewRescoring)
@bp.response(202, JobOut, description="A worker will do it")
@answers(400, 404, 409, 413, 415, 422)
def start_rescoring(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Rescore pending comments with the active model; their queue positions change.

    With `version` and `days`, that model scores the last days silently instead, so
    that a what-if can be asked of it. Nothing is decided again.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    version = fields["version"]
    if version is not None:
        if not is_storable(version):
            raise NotFound("There is no such model at this site.")
        shipped = services().scoring.default
        registry.find_model(session, site_id, version, shipped)
    start_writing(session)
    job = jobs.enqueue(
        session,
        site_id,
        JobKind.RESCORING,
        staff_id=current_person().id,
        now=datetime.now(UTC),
        arguments={name: each for name, each in fields.items() if each is not None},
    )
    session.commit()
    return shown(job)


def _counted(looks: BlindReviewCounts) -> dict[str, Any]:
    return {
        "looks": looks.number,
        "shadow_right": looks.shadow_right,
        "active_right": looks.active_right,
        "share": looks.share,
    }


def _policy(site_id: int) -> Policy:
    context = sites.find_by_id(db.session(), site_id)
    assert context is not None  # noqa: S101 - the person has a role there
    return context.policy
