"""A person merges campaigns that are one wave, which nothing in their texts tells."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.campaigns import membership
from moderation.campaigns.arrivals import subject_of
from moderation.errors import InvalidFields, StaleVersion
from moderation.policy.brakes import BrakeKind
from moderation.tables.campaigns import Brake, Campaign

SAME = "A campaign can't be merged into itself."
ELSEWHERE = "The campaigns belong to different sites."


def merge_into(
    session: Session,
    campaign: Campaign,
    target: Campaign,
    *,
    version: int,
    now: datetime,
) -> None:
    """Move all comments of a campaign, present and to come, to another one.

    Its standing decision ends. Its brake goes on for the other one, unless that has
    one. It can't be undone: which comments were whose isn't kept.

    Parameters
    ----------
    version
        Of the campaign that is merged, as the person saw it.

    Raises
    ------
    InvalidFields
        If both are the same, or belong to different sites.
    StaleVersion
        If the campaign was merged or decided since.
    """
    if campaign.id == target.id:
        raise InvalidFields({"into": [SAME]})
    if campaign.site_id != target.site_id:
        raise InvalidFields({"into": [ELSEWHERE]})
    both = sa.select(Campaign).where(Campaign.id.in_((campaign.id, target.id)))
    session.scalars(  # in the order of their ids, as all code that locks two does
        both.order_by(Campaign.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if campaign.version != version or campaign.merged_into or target.merged_into:
        raise StaleVersion("The campaign changed since you saw it; read it again.")
    size, seen_at = campaign.size, campaign.last_seen_at
    membership.merge(session, target.site_id, target.id, campaign.id, now)
    session.execute(
        sa.update(Campaign)
        .where(Campaign.id == target.id, Campaign.last_seen_at < seen_at)
        .values(last_seen_at=seen_at)
    )
    _move_brake(session, campaign, target)
    record(
        session,
        AuditAction.CAMPAIGN_MERGED,
        target=(TargetKind.CAMPAIGN, campaign.id),
        site_id=target.site_id,
        into=target.id,
        comments=size,
    )


def _move_brake(session: Session, campaign: Campaign, target: Campaign) -> None:
    """Let a brake go on for the other campaign, where none holds yet."""
    kind = BrakeKind.NEAR_DUPLICATES
    subject = subject_of(target.site_id, kind, target.id)
    is_holding = sa.exists().where(Brake.subject == subject, Brake.ended_at.is_(None))
    if session.scalar(sa.select(is_holding)):
        return
    former = subject_of(campaign.site_id, kind, campaign.id)
    session.execute(
        sa.update(Brake)
        .where(Brake.subject == former, Brake.ended_at.is_(None))
        .values(subject=subject, campaign_id=target.id)
    )
