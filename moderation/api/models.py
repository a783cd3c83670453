"""A site's models: figures, promotion, rollback, export, and import."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from classifiers.serving import artifact
from classifiers.serving.scorer import Scorer
from moderation.accounts.staff import Role
from moderation.api.model_bodies import (
    ModelList,
    ModelOut,
    ModelWithReport,
    NewPromotion,
    PromotionOut,
)
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.models import registry
from moderation.models.model_card import format_card
from moderation.models.registry import ModelEntry
from moderation.tables.models import Promotion
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.fields import is_storable
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.parsing import read_body
from moderation.web.services import services

bp = StrictBlueprint("models", __name__, url_prefix="/api/v1", description="For admins")


@bp.route("/sites/<site>/models", methods=["GET"])
@needs_staff
@bp.response(200, ModelList)
@answers(404)
def list_models(site: str) -> ResponseReturnValue:
    """List the models of a site, the newest first, the default model last."""
    entries = registry.list_models(
        db.session(), site_for(Role.ADMIN, site), default_model()
    )
    return {"models": [_model(entry) for entry in entries]}


@bp.route("/sites/<site>/models/<version>", methods=["GET"])
@needs_staff
@bp.response(200, ModelWithReport)
@answers(404)
def read_model(site: str, version: str) -> ResponseReturnValue:
    """Get a model's figures, compared with the model active at its training.

    Both were measured on the same decisions, which neither had learned from: the
    latest ones, with no author on both sides.
    """
    site_id = site_for(Role.ADMIN, site)
    entry = registry.find_model(
        db.session(), site_id, storable_version(version), default_model()
    )
    return {**_model(entry), "report": _report(entry.report)}


@bp.route("/sites/<site>/models/<version>/promotion", methods=["POST"])
@needs_staff
@bp.arguments(NewPromotion)
@bp.response(201, PromotionOut)
@answers(400, 404, 409, 413, 415, 422)
def promote_model(
    fields: dict[str, Any], site: str, version: str
) -> ResponseReturnValue:
    """Make a model active from the next request on, on every machine.

    What its gate refused needs a written reason.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    registry.refuse_unservable(session, site_id, storable_version(version))
    start_writing(session)
    promotion = registry.promote(
        session,
        site_id,
        version,
        shipped=default_model(),
        staff_id=current_person().id,
        now=datetime.now(UTC),
        **fields,
    )
    session.commit()
    return _promotion(promotion)


@bp.route("/sites/<site>/rollback", methods=["POST"])
@needs_staff
@bp.response(201, PromotionOut)
@answers(404, 409)
def roll_back_model(site: str) -> ResponseReturnValue:
    """Return to the model that was active before the last promotion."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    promotion = registry.roll_back(
        session, site_id, staff_id=current_person().id, now=datetime.now(UTC)
    )
    session.commit()
    return _promotion(promotion)


@bp.route("/sites/<site>/models/<version>/file", methods=["GET"])
@needs_staff
@answers(404)
@bp.response(
    200, {"type": "string", "format": "binary"}, content_type="application/octet-stream"
)
def export_model(site: str, version: str) -> ResponseReturnValue:
    """Download a model as a file: weights and figures, no text and no name."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    data = registry.read_artifact(
        session, site_id, storable_version(version), default_model()
    )
    start_writing(session)
    registry.record_export(session, site_id, version)
    session.commit()
    return Response(data, mimetype="application/octet-stream")


@bp.route("/sites/<site>/models/<version>/card", methods=["GET"])
@needs_staff
@answers(404)
@bp.response(200, {"type": "string"}, content_type="text/markdown")
def read_model_card(site: str, version: str) -> ResponseReturnValue:
    """Get a model's card: its purpose, training data, and limits."""
    site_id = site_for(Role.ADMIN, site)
    entry = registry.find_model(
        db.session(), site_id, storable_version(version), default_model()
    )
    return Response(
        format_card(entry, site), content_type="text/markdown; charset=utf-8"
    )


@bp.route("/sites/<site>/models", methods=["POST"])
@needs_staff
@bp.response(201, ModelOut)
@answers(404, 409, 413, 415, 422)
@bp.doc(
    requestBody={
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"}
            }
        },
    }
)
def import_model(site: str) -> ResponseReturnValue:
    """Import a model file from `GET …/file`. It is checked and never executed.

    It decides nothing, and as it was measured on no decision here, only a written
    reason promotes it.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    if request.mimetype != "application/octet-stream":
        raise UnsupportedMediaType("Send the file as application/octet-stream.")
    request.max_content_length = artifact.MAX_BYTES
    data = read_body(request)
    scorer = registry.read_model(data)
    start_writing(session)
    registry.create_imported(
        session,
        site_id,
        scorer,
        data,
        shipped=default_model(),
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()
    return _model(
        registry.find_model(session, site_id, scorer.version, default_model())
    )


def default_model() -> Scorer | None:
    """Return the model of sites that have promoted none; None if it is missing."""
    return services().scoring.default


def storable_version(version: str) -> str:
    """Return the version in a request, if a database can be asked for it.

    Raises
    ------
    NotFound
        If it can't: there is no such model.
    """
    if not is_storable(version):
        raise NotFound("There is no such model at this site.")
    return version


def _model(entry: ModelEntry) -> dict[str, Any]:
    return {**vars(entry), "gate": entry.report["gate"] if entry.report else None}


def _report(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if stored is None or "comparison" not in stored:
        return None  # it was measured elsewhere
    since = stored["held_out_since"]
    return {
        "contributions": None,
        "teach": None,
        "slices": [],
        "thresholds": None,
        "curves": None,
        "otherwise": None,
        **stored,
        "held_out_since": since and datetime.fromisoformat(since),
    }


def _promotion(promotion: Promotion) -> dict[str, Any]:
    session, shipped = db.session(), default_model()
    previous = registry.get_version(session, promotion.previous_id, shipped)
    return {
        "action": registry.PromotionAction(promotion.action),
        "version": registry.get_version(session, promotion.model_id, shipped),
        "previous_version": previous,
        "despite_gate": promotion.despite_gate,
        "created_at": promotion.created_at,
    }
