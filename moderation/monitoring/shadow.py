"""A shadow model: scores live comments without deciding."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments.rescoring import RescoringOrder
from moderation.errors import Conflict, NotFound
from moderation.monitoring.blind_reviews import BlindReviewCounts, count_judged
from moderation.monitoring.shadow_differences import (
    ShadowDisagreement,
    get_shadow,
    list_differences,
    select_verdicts,
)
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import Verdict
from moderation.tables.models import Model
from moderation.tables.monitoring import SilentScore
from moderation.tables.sites import Site

#: A comment whose request took longer than this, or that was edited later, is missed.
LATE_IDS = 3_600_000 << identifiers.RANDOM_BITS  # an hour, as ids count it


@dataclass(frozen=True, kw_only=True)
class ShadowReport:
    """The figures of a shadow model so far."""

    version: str
    since: datetime
    scored: int  #: comments that both models have scored
    counts: dict[tuple[Verdict, Verdict], int]  #: the active's verdict, the shadow's
    differences: Sequence[ShadowDisagreement]
    looks: BlindReviewCounts


def start(session: Session, site_id: int, version: str, now: datetime) -> None:
    """Start a shadow model, for comments from now on.

    Raises
    ------
    NotFound
        If there is no such model at the site.
    Conflict
        If it decides there already.
    """
    model_id = session.scalar(
        sa.select(Model.id).where(Model.site_id == site_id, Model.version == version)
    )
    if model_id is None:
        raise NotFound("There is no such model at this site.")
    started = session.scalar(
        sa.update(Site)
        .where(Site.id == site_id, Site.model_id.is_distinct_from(model_id))
        .values(shadow_model_id=model_id, shadow_since=now)
        .returning(Site.id)
    )
    if started is None:
        raise Conflict("This model is already active.")
    target = (TargetKind.MODEL, model_id)
    record(session, AuditAction.SHADOW_STARTED, target=target, site_id=site_id)


def stop(session: Session, site_id: int) -> None:
    """Stop the shadow model; its scores stay."""
    session.execute(
        sa.update(Site)
        .where(Site.id == site_id)
        .values(shadow_model_id=None, shadow_since=None)
    )
    record(session, AuditAction.SHADOW_STOPPED, site_id=site_id)


def is_running(session: Session, site_ids: Collection[int]) -> bool:
    """Return whether any of the sites has a shadow model."""
    shadowed_id = session.scalar(
        sa.select(Site.id)
        .where(Site.id.in_(site_ids), Site.shadow_model_id.is_not(None))
        .limit(1)
    )
    return shadowed_id is not None


def list_orders(session: Session) -> list[RescoringOrder]:
    """Return the rescoring orders of all shadow models.

    They cover comments since a little before the newest that they have scored; later
    edits of older comments aren't scored again.
    """
    rows = session.execute(
        sa.select(Site.id, Site.shadow_model_id, Site.shadow_since, Model.version).join(
            Model, Model.id == Site.shadow_model_id
        )
    )
    return [
        RescoringOrder(
            site_id=site_id,
            model_id=model_id,
            policy=Policy(thresholds={}),
            first_id=_next_id(session, version, since),
            is_silent=True,
        )
        for site_id, model_id, since, version in rows.all()
        if since is not None
    ]


def _next_id(session: Session, version: str, since: datetime) -> int:
    """Return the comment ID from which scores may be missing."""
    first = identifiers.first_id(since)
    newest = session.scalar(
        sa.select(SilentScore.comment_id)
        .where(SilentScore.model_version == version, SilentScore.comment_id >= first)
        .order_by(SilentScore.comment_id.desc())
        .limit(1)
    )
    return first if newest is None else max(first, newest - LATE_IDS)


def build_report(session: Session, site_id: int, policy: Policy) -> ShadowReport:
    """Return the report on a site's shadow model.

    Raises
    ------
    NotFound
        If no model scores silently there.
    """
    version, since = get_shadow(session, site_id)
    both = select_verdicts(site_id, version, since, policy)
    counts = {
        (Verdict(active), Verdict(silent)): number
        for active, silent, number in session.execute(
            sa.select(both.c.active, both.c.silent, sa.func.count()).group_by(
                both.c.active, both.c.silent
            )
        )
    }
    return ShadowReport(
        version=version,
        since=since,
        scored=sum(counts.values()),
        counts=counts,
        differences=list_differences(session, both, version, policy),
        looks=count_judged(session, both, version),
    )
