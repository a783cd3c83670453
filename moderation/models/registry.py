"""The models of a site: listed, promoted, rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from classifiers.errors import ClassifierError
from classifiers.serving import artifact
from classifiers.serving.scorer import Scorer
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound, NotPromotable
from moderation.tables.models import Model, Promotion
from moderation.tables.sites import Site

ALREADY_THERE = "A model of this version is in the registry already."


class PromotionAction(StrEnum):
    """The kind of change of a site's active model."""

    PROMOTION = "promotion"  #: another one decides
    ROLLBACK = "rollback"  #: what decided before does so again


#: How each change of the active model is recorded.
ACTIONS = {
    PromotionAction.PROMOTION: AuditAction.MODEL_PROMOTED,
    PromotionAction.ROLLBACK: AuditAction.MODEL_ROLLED_BACK,
}


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """A model as listed, the default model included."""

    version: str
    is_shipped: bool
    is_active: bool
    base_version: str | None = None
    created_at: datetime | None = None
    report: Mapping[str, Any] | None = None  #: None: it was measured elsewhere


def list_models(
    session: Session, site_id: int, shipped: Scorer | None
) -> list[ModelEntry]:
    """Return a site's models, newest first, the default model last."""
    active_id = session.get_one(Site, site_id).model_id
    stored = session.scalars(
        sa.select(Model).where(Model.site_id == site_id).order_by(Model.id.desc())
    )
    entries = [_entry(model, active_id) for model in stored]
    if shipped is not None:
        entries.append(_shipped(shipped, active_id))
    return entries


def find_model(
    session: Session, site_id: int, version: str, shipped: Scorer | None
) -> ModelEntry:
    """Return a model of a site, or the default model.

    Raises
    ------
    NotFound
        If there is no such version at the site.
    """
    active_id = session.get_one(Site, site_id).model_id
    if shipped is not None and version == shipped.version:
        return _shipped(shipped, active_id)
    return _entry(_find(session, site_id, version), active_id)


def refuse_unservable(session: Session, site_id: int, version: str) -> None:
    """Refuse a version that can't be loaded. Slow: call it before any write.

    Raises
    ------
    NotPromotable
        If it is damaged, or made by another version of this software.
    """
    stored = session.scalar(
        sa.select(Model.artifact).where(
            Model.site_id == site_id, Model.version == version
        )
    )
    if stored is None:
        return  # the model that ships, or none: `promote` tells
    try:
        artifact.loads(stored)
    except ClassifierError as error:
        raise NotPromotable(f"This model can't be served: {error}.") from error


def read_artifact(
    session: Session, site_id: int, version: str, shipped: Scorer | None
) -> bytes:
    """Return the artifact of a site's model, or of the default model.

    Raises
    ------
    NotFound
        If there is no such version at the site.
    """
    if shipped is not None and version == shipped.version:
        return artifact.dumps(shipped.fast)
    return _find(session, site_id, version).artifact


def read_model(data: bytes) -> Scorer:
    """Return the scorer in a file. Slow: call it before any write.

    Raises
    ------
    InvalidFields
        If it is damaged, or no scorer that this version can serve.
    """
    try:
        return artifact.loads(data)
    except ClassifierError as error:
        raise InvalidFields({"file": [f"This is no model: {error}."]}) from error


def create_imported(
    session: Session,
    site_id: int,
    scorer: Scorer,
    data: bytes,
    *,
    shipped: Scorer | None,
    staff_id: int | None,
    now: datetime,
) -> Model:
    """Create a registry entry for an imported model.

    It was measured on nothing here, so that only a reason in writing promotes it.

    Raises
    ------
    Conflict
        If a model of this version is there already, or is the one that ships: older
        files name it by its weights alone.
    """
    if shipped is not None and scorer.fast.version == shipped.fast.version:
        raise Conflict(ALREADY_THERE)
    model = Model(
        site_id=site_id,
        version=scorer.version,
        base_version=str(scorer.manifest.get("base") or scorer.version)[:100],
        artifact=data,
        report={
            "active": {"version": None},
            "gate": {
                "allowed": False,
                "reasons": ["It was imported, and measured on no decision here."],
                "objections": [{"code": "imported"}],
            },
        },
        created_at=now,
        staff_id=staff_id,
    )
    try:
        with session.begin_nested():
            session.add(model)
    except IntegrityError as error:
        raise Conflict(ALREADY_THERE) from error
    _record(session, AuditAction.MODEL_IMPORTED, site_id, model.id, scorer.version)
    return model


def promote(
    session: Session,
    site_id: int,
    version: str,
    *,
    shipped: Scorer | None,
    despite_gate: str | None,
    staff_id: int | None,
    now: datetime,
) -> Promotion:
    """Make a model active at a site, from the next request on.

    Parameters
    ----------
    despite_gate
        Why a model is wanted that its gate refused, in the words of who wants it.

    Raises
    ------
    NotFound
        If there is no such version at the site.
    NotPromotable
        If it decides already; or if its gate refused it, or it was measured against
        another model than the one that decides now, and no reason is given.
    """
    site = _locked(session, site_id)
    model = None
    if shipped is None or version != shipped.version:
        model = _find(session, site_id, version)
    model_id = None if model is None else model.id
    if model_id == site.model_id:
        raise NotPromotable("This model is already active.")
    objections = [] if model is None else _objections(session, site, model, shipped)
    if objections and not despite_gate:
        raise NotPromotable(
            f"{' '.join(objections)} It can be promoted with a written reason."
        )
    return _switch(
        session,
        site,
        model_id,
        PromotionAction.PROMOTION,
        despite_gate=despite_gate if objections else None,
        staff_id=staff_id,
        now=now,
    )


def can_roll_back(session: Session, site_id: int) -> bool:
    """Return whether a site has a promotion to roll back."""
    return len(_promoted(session, site_id)) > 1


def _promoted(session: Session, site_id: int) -> list[int | None]:
    """Return the models that were promoted and not rolled back, oldest first.

    The first one is None, the model that ships.
    """
    promoted: list[int | None] = [None]
    log = sa.select(Promotion).where(Promotion.site_id == site_id)
    for promotion in session.scalars(log.order_by(Promotion.id)):
        if promotion.action == PromotionAction.PROMOTION.value:
            promoted.append(promotion.model_id)
        else:
            promoted.pop()
    return promoted


def roll_back(
    session: Session, site_id: int, *, staff_id: int | None, now: datetime
) -> Promotion:
    """Return a site to the model that was active before the last promotion.

    A second rollback undoes the promotion before that one, and so on.

    Raises
    ------
    Conflict
        If no promotion is left to roll back.
    """
    site = _locked(session, site_id)
    decided = _promoted(session, site_id)
    if len(decided) < 2:
        raise Conflict("There is no promotion to roll back.")
    return _switch(
        session, site, decided[-2], PromotionAction.ROLLBACK, staff_id=staff_id, now=now
    )


def get_version(
    session: Session, model_id: int | None, shipped: Scorer | None
) -> str | None:
    """Return a model's version; None if the default model isn't available."""
    if model_id is None:
        return shipped.version if shipped else None
    return session.get_one(Model, model_id).version


def _objections(
    session: Session, site: Site, model: Model, shipped: Scorer | None
) -> list[str]:
    """Return the objections to a promotion, as sentences."""
    objections = []
    if not model.report["gate"]["allowed"]:
        objections = ["The gate refused this model.", *model.report["gate"]["reasons"]]
    measured, deciding = (
        model.report["active"]["version"],
        get_version(session, site.model_id, shipped),
    )
    if measured is not None and measured != deciding:
        objections.append(
            f"It was measured against {measured}, but {deciding} decides now."
        )
    return objections


def _switch(
    session: Session,
    site: Site,
    model_id: int | None,
    action: PromotionAction,
    *,
    despite_gate: str | None = None,
    staff_id: int | None,
    now: datetime,
) -> Promotion:
    promotion = Promotion(
        site_id=site.id,
        model_id=model_id,
        previous_id=site.model_id,
        action=action.value,
        despite_gate=despite_gate,
        created_at=now,
        staff_id=staff_id,
    )
    session.add(promotion)
    site.model_id = model_id
    session.flush()
    record(
        session,
        ACTIONS[action],
        target=_target(model_id),
        site_id=site.id,
        reason=despite_gate,
        former=promotion.previous_id,
    )
    return promotion


def _target(model_id: int | None) -> tuple[TargetKind, int] | None:
    """Return a model as what is acted on; the default model has no id."""
    return None if model_id is None else (TargetKind.MODEL, model_id)


def _record(
    session: Session,
    action: AuditAction,
    site_id: int,
    model_id: int | None,
    version: str,
) -> None:
    target = _target(model_id)
    record(session, action, target=target, site_id=site_id, version=version)


def record_export(session: Session, site_id: int, version: str) -> None:
    """Record that a model of a site, or the default model, was taken away."""
    model_id = find_id(session, site_id, version)
    _record(session, AuditAction.MODEL_EXPORTED, site_id, model_id, version)


def _locked(session: Session, site_id: int) -> Site:
    """Return the site, locked until the commit."""
    return session.scalars(
        sa.select(Site)
        .where(Site.id == site_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _find(session: Session, site_id: int, version: str) -> Model:
    model = session.scalar(
        sa.select(Model).where(Model.site_id == site_id, Model.version == version)
    )
    if model is None:
        raise NotFound("There is no such model at this site.")
    return model


def _entry(model: Model, active_id: int | None) -> ModelEntry:
    return ModelEntry(
        version=model.version,
        is_shipped=False,
        is_active=model.id == active_id,
        base_version=model.base_version,
        created_at=model.created_at,
        report=model.report,
    )


def _shipped(shipped: Scorer, active_id: int | None) -> ModelEntry:
    return ModelEntry(
        version=shipped.version, is_shipped=True, is_active=active_id is None
    )


def find_id(session: Session, site_id: int, version: str) -> int | None:
    """Return the ID of a site's model by version, or None."""
    return session.scalar(
        sa.select(Model.id).where(Model.site_id == site_id, Model.version == version)
    )
