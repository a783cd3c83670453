"""Waves that still come: campaigns and brakes that need attention now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.campaigns import brakes, campaigns
from moderation.campaigns.brake_summaries import BrakeSummary, summarize
from moderation.campaigns.campaigns import CampaignQuery, CampaignSummary
from moderation.identifiers import first_id, moment_of
from moderation.policy.brakes import NEAR_DUPLICATE_LIMIT, BrakeKind
from moderation.policy.verdicts import Status
from moderation.tables.campaigns import Brake
from moderation.tables.comments import Comment

MAX_WAVES = 3
RATE_MINUTES = 10  # of the drawing of how many come a minute
MAX_BRAKES = 20


@dataclass(frozen=True, kw_only=True)
class Wave:
    """A campaign that comes fast, or other comments that a brake holds."""

    campaign: CampaignSummary | None  #: None: they have something else in common
    brake: BrakeSummary | None  #: None: new comments are not held
    site_id: int
    #: comments of the campaign in each of the last minutes, the current one last
    rate: Sequence[int]


def list_waves(
    session: Session, site_ids: Collection[int], now: datetime
) -> list[Wave]:
    """Return up to `MAX_WAVES` waves that still come, the most harmful first.

    A brake that a person has put on or extended, and that let nothing through, needs
    no one.
    """
    found = campaigns.list_campaigns(
        session,
        list(site_ids),
        CampaignQuery(least=NEAR_DUPLICATE_LIMIT.count),
        limit=MAX_WAVES,
        now=now,
    )
    holding = brakes.list_brakes(
        session,
        site_ids,
        is_holding=True,
        before=None,
        limit=MAX_BRAKES,
        now=now,
    )
    summaries = {each.brake.id: each for each in summarize(session, holding)}
    waves = [
        Wave(
            campaign=summary,
            brake=summaries.get(summary.brake.id) if summary.brake else None,
            site_id=summary.campaign.site_id,
            rate=_rate(session, summary.campaign.id, now),
        )
        for summary in found
        if _is_wave(summary)
    ]
    told = {wave.brake.brake.id for wave in waves if wave.brake}
    for brake in holding:
        if brake.id in told or brake.kind == BrakeKind.NEAR_DUPLICATES.value:
            continue
        if needs_attention(brake, summaries[brake.id].published):
            waves.append(
                Wave(
                    campaign=None,
                    brake=summaries[brake.id],
                    site_id=brake.site_id,
                    rate=(),
                )
            )
    return waves[:MAX_WAVES]


def needs_attention(brake: Brake, published: int) -> bool:
    """Return whether no one has handled a brake, or something got through."""
    return published > 0 or (brake.started_by is None and brake.held_by is None)


def _is_wave(summary: CampaignSummary) -> bool:
    """Return whether many comments of a campaign arrive and no one has acted on it.

    A standing decision counts as acting; while a brake is on, so does extending it.
    """
    if summary.standing is not None:
        return False
    if summary.brake is not None:
        published = summary.counts[Status.APPROVED]
        return needs_attention(summary.brake, published)
    return summary.is_arriving and summary.last_hour >= NEAR_DUPLICATE_LIMIT.count


def _rate(session: Session, campaign_id: int, now: datetime) -> list[int]:
    since = now - timedelta(minutes=RATE_MINUTES)
    ids = session.scalars(
        sa.select(Comment.id).where(
            Comment.campaign_id == campaign_id, Comment.id >= first_id(since)
        )
    )
    minutes = Counter((now - moment_of(each)) // timedelta(minutes=1) for each in ids)
    return [minutes[back] for back in range(RATE_MINUTES - 1, -1, -1)]
