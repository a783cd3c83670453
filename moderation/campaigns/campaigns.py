"""Campaigns of near-duplicates, and standing decisions about them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.errors import NotFound
from moderation.policy.verdicts import Status, Verdict
from moderation.tables.accounts import Staff
from moderation.tables.campaigns import Campaign, StandingVerdict
from moderation.tables.comments import Comment, shown_status


@dataclass(kw_only=True)
class CampaignSummary:
    """A campaign with its counts and standing decision."""

    campaign: Campaign
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    authors: int = 0  #: different ones, as far as their addresses tell
    sample: Comment | None = None  #: its first comment that is not deleted
    standing: StandingVerdict | None = None
    said_by: str | None = None  #: login of who gave the verdict in advance


@dataclass(frozen=True, kw_only=True)
class CampaignPosition:
    """A position in the list of campaigns; a page starts after it."""

    last_seen_at: datetime
    campaign_id: int


def list_campaigns(
    session: Session,
    site_ids: Sequence[int],
    *,
    least: int,
    is_open: bool,
    after: CampaignPosition | None,
    limit: int,
    now: datetime,
) -> list[CampaignSummary]:
    """Return up to `limit` campaigns of `least` or more comments, newest first.

    Parameters
    ----------
    is_open
        Only those with comments that wait for a person.
    """
    query = (
        sa.select(Campaign)
        .where(
            Campaign.site_id.in_(site_ids),
            Campaign.size >= least,
            Campaign.merged_into.is_(None),
        )
        .order_by(Campaign.last_seen_at.desc(), Campaign.id.desc())
        .limit(limit)
    )
    if is_open:
        query = query.where(
            sa.exists().where(
                Comment.campaign_id == Campaign.id,
                Comment.status == Status.PENDING.value,
                Comment.deleted_at.is_(None),
            )
        )
    if after is not None:
        moment = sa.bindparam("seen", after.last_seen_at, Campaign.last_seen_at.type)
        query = query.where(
            sa.tuple_(Campaign.last_seen_at, Campaign.id)
            < sa.tuple_(moment, sa.literal(after.campaign_id))
        )
    return list_summaries(session, session.scalars(query).all(), now)


def find_campaign(
    session: Session, site_ids: Collection[int], campaign_id: int
) -> Campaign:
    """Return a campaign of one of the sites; follow merges.

    Raises
    ------
    NotFound
        If there is no such campaign there.
    """
    campaign = session.get(Campaign, campaign_id, populate_existing=True)
    while campaign is not None and campaign.merged_into is not None:
        campaign = session.get(Campaign, campaign.merged_into, populate_existing=True)
    if campaign is None or campaign.site_id not in site_ids:
        raise NotFound("There is no such campaign.")
    return campaign


def list_summaries(
    session: Session,
    campaigns: Sequence[Campaign],
    now: datetime,
    as_pending: Collection[int] = (),
) -> list[CampaignSummary]:
    """Return summaries of campaigns, in the given order.

    Parameters
    ----------
    as_pending
        Ids of comments that count as pending, whatever their status.
    """
    status_column = shown_status(as_pending)
    summaries = {
        campaign.id: CampaignSummary(campaign=campaign) for campaign in campaigns
    }
    mine = Comment.campaign_id.in_(summaries), Comment.deleted_at.is_(None)
    for campaign_id, status, count in session.execute(
        sa.select(Comment.campaign_id, status_column, sa.func.count())
        .where(*mine)
        .group_by(Comment.campaign_id, status_column)
    ):
        summaries[campaign_id or 0].counts[Status(status)] = count
    for campaign_id, authors in session.execute(
        sa.select(Comment.campaign_id, sa.func.count(sa.distinct(Comment.email_index)))
        .where(*mine)
        .group_by(Comment.campaign_id)
    ):
        summaries[campaign_id or 0].authors = authors
    first = (
        sa.select(sa.func.min(Comment.id)).where(*mine).group_by(Comment.campaign_id)
    )
    for comment in session.scalars(sa.select(Comment).where(Comment.id.in_(first))):
        summaries[comment.campaign_id or 0].sample = comment
    for standing, login in session.execute(
        sa.select(StandingVerdict, Staff.login)
        .join(Staff, Staff.id == StandingVerdict.staff_id)
        .where(StandingVerdict.campaign_id.in_(summaries), is_current(now))
    ):
        summaries[standing.campaign_id].standing = standing
        summaries[standing.campaign_id].said_by = login
    return list(summaries.values())


def list_comments(
    session: Session, campaign_id: int, *, after: int | None, limit: int
) -> list[Comment]:
    """Return up to `limit` comments of a campaign, newest first.

    Parameters
    ----------
    after
        Id of the comment that the page before ended with.
    """
    query = (
        sa.select(Comment)
        .where(Comment.campaign_id == campaign_id, Comment.deleted_at.is_(None))
        .order_by(Comment.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(Comment.id < after)
    return list(session.scalars(query))


def find_by_comments(
    session: Session,
    comments: Sequence[Comment],
    now: datetime,
    as_pending: Collection[int] = (),
) -> dict[int, CampaignSummary]:
    """Return the campaigns of comments, by campaign ID.

    Parameters
    ----------
    as_pending
        As for `list_summaries`.
    """
    campaign_ids = {comment.campaign_id for comment in comments} - {None}
    if not campaign_ids:
        return {}
    rows = session.scalars(sa.select(Campaign).where(Campaign.id.in_(campaign_ids)))
    summaries = list_summaries(session, rows.all(), now, as_pending)
    return {summary.campaign.id: summary for summary in summaries}


def list_near_duplicates(
    session: Session, comments: Sequence[Comment], limit: int
) -> dict[int, list[Comment]]:
    """Return up to `limit` near-duplicates of each comment, newest first."""
    campaign_ids = {comment.campaign_id for comment in comments} - {None}
    if not campaign_ids:
        return {}
    # One more than is shown of each campaign: the comment itself may be among them.
    newest = sa.union_all(
        *(
            sa.select(
                sa.select(Comment.id)
                .where(Comment.campaign_id == campaign_id, Comment.deleted_at.is_(None))
                .order_by(Comment.id.desc())
                .limit(limit + 1)
                .subquery()
                .c.id
            )
            for campaign_id in sorted(filter(None, campaign_ids))
        )
    )
    rows = session.scalars(
        sa.select(Comment).where(Comment.id.in_(newest)).order_by(Comment.id.desc())
    ).all()
    return {
        comment.id: [
            row
            for row in rows
            if row.campaign_id == comment.campaign_id and row.id != comment.id
        ][:limit]
        for comment in comments
        if comment.campaign_id is not None
    }


def create_standing_decision(
    session: Session,
    campaign: Campaign,
    verdict: Verdict,
    *,
    staff_id: int,
    batch_id: int,
    until: datetime,
    now: datetime,
) -> StandingVerdict:
    """Create a standing decision; an earlier one ends."""
    end_standing_decision(session, campaign, staff_id=staff_id, now=now)
    standing = StandingVerdict(
        campaign_id=campaign.id,
        verdict=verdict.value,
        staff_id=staff_id,
        batch_id=batch_id,
        created_at=now,
        until=until,
    )
    session.add(standing)
    session.flush()
    return standing


def end_standing_decision(
    session: Session, campaign: Campaign, *, staff_id: int | None, now: datetime
) -> bool:
    """End a campaign's standing decision; return whether there was one."""
    ended = session.scalar(
        sa.update(StandingVerdict)
        .where(
            StandingVerdict.campaign_id == campaign.id,
            StandingVerdict.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=staff_id)
        .returning(StandingVerdict.until)
    )
    return ended is not None and ended > now


def is_current(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a standing decision applies now."""
    return sa.and_(StandingVerdict.ended_at.is_(None), StandingVerdict.until > now)
