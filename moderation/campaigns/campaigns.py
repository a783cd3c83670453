"""Campaigns of near-duplicates, and standing decisions about them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.campaigns.brakes import is_let_go
from moderation.errors import NotFound
from moderation.policy.verdicts import Status, Verdict
from moderation.tables.accounts import Staff
from moderation.tables.campaigns import Brake, Campaign, StandingVerdict
from moderation.tables.comments import Comment, shown_status

ARRIVING_FOR = timedelta(hours=1)  # after its newest comment, more are expected
RANKED_FOR = timedelta(days=30)  # after that, what no one has decided comes last


@dataclass(kw_only=True)
class CampaignSummary:
    """A campaign with its counts and standing decision."""

    campaign: Campaign
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    authors: int = 0  #: different ones, as far as their addresses tell
    networks: int = 0  #: different IP addresses, as far as the site sent them
    articles: int = 0
    last_minute: int = 0  #: comments that came within it
    last_hour: int = 0
    is_arriving: bool = False  #: its newest comment came within `ARRIVING_FOR`
    brake: Brake | None = None  #: that holds its new comments
    sample: Comment | None = None  #: its first comment that is not deleted
    standing: StandingVerdict | None = None
    said_by: str | None = None  #: login of who gave the verdict in advance
    rank: int = 0  #: its place in `CampaignOrder.HARM`, 0 first


class CampaignOrder(StrEnum):
    """The orders of the list of campaigns."""

    #: what is published and still comes, what is pending, what is published, the rest
    HARM = "harm"
    NEWEST = "newest"  #: what was seen last


@dataclass(frozen=True, kw_only=True)
class CampaignPosition:
    """A position in the list of campaigns; a page starts after it."""

    last_seen_at: datetime
    campaign_id: int
    rank: int = 0  #: of `CampaignOrder.HARM`


@dataclass(frozen=True, kw_only=True)
class CampaignQuery:
    """Filters and order of campaigns."""

    least: int  #: comments that they have at least
    is_open: bool = False  #: only those with comments that wait for a person
    order: CampaignOrder = CampaignOrder.HARM
    after: CampaignPosition | None = None


def list_campaigns(
    session: Session,
    site_ids: Sequence[int],
    query: CampaignQuery,
    *,
    limit: int,
    now: datetime,
) -> list[CampaignSummary]:
    """Return up to `limit` campaigns of the sites.

    Parameters
    ----------
    now
        The same for all pages: the order depends on it.
    """
    is_ranked = query.order is CampaignOrder.HARM
    rank = _rank(now) if is_ranked else sa.literal(0, sa.Integer())
    statement = (
        sa.select(Campaign, rank)
        .where(
            Campaign.site_id.in_(site_ids),
            Campaign.size >= query.least,
            Campaign.merged_into.is_(None),
        )
        .order_by(rank, Campaign.last_seen_at.desc(), Campaign.id.desc())
        .limit(limit)
    )
    if query.is_open:
        statement = statement.where(_has_comment(Status.PENDING))
    after = query.after
    if after is not None:
        moment = sa.bindparam("seen", after.last_seen_at, Campaign.last_seen_at.type)
        is_later = sa.tuple_(Campaign.last_seen_at, Campaign.id) < sa.tuple_(
            moment, sa.literal(after.campaign_id)
        )
        statement = statement.where(
            sa.or_(rank > after.rank, sa.and_(rank == after.rank, is_later))
        )
    rows = session.execute(statement).all()
    summaries = list_summaries(session, [campaign for campaign, _ in rows], now)
    for summary, (_, number) in zip(summaries, rows, strict=True):
        summary.rank = number
    return summaries


def _has_comment(status: Status) -> sa.Exists:
    return sa.exists().where(
        Comment.campaign_id == Campaign.id,
        Comment.status == status.value,
        Comment.deleted_at.is_(None),
    )


def _rank(now: datetime) -> sa.Case[int]:
    """Return how soon someone should look at a campaign, 0 first."""
    is_wanted = sa.exists().where(
        StandingVerdict.campaign_id == Campaign.id,
        StandingVerdict.verdict == Verdict.APPROVE.value,
        is_current(now),
    )
    is_published = _has_comment(Status.APPROVED)
    is_arriving = Campaign.last_seen_at > now - ARRIVING_FOR
    return sa.case(
        # No one is asked about it any more: cheap for the many of years ago.
        (Campaign.last_seen_at <= now - RANKED_FOR, 3),
        (sa.and_(is_arriving, is_published, ~is_wanted), 0),
        (_has_comment(Status.PENDING), 1),
        (is_published, 2),
        else_=3,
    )


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
        Ids of comments that count as pending, with any status.
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
    for row in session.execute(_origins(now).where(*mine)):
        summary = summaries[row.campaign_id or 0]
        summary.authors, summary.networks = row.authors, row.networks
        summary.articles = row.articles
        summary.last_minute, summary.last_hour = row.last_minute, row.last_hour
        summary.is_arriving = summary.campaign.last_seen_at > now - ARRIVING_FOR
    brakes = sa.select(Brake).where(
        Brake.campaign_id.in_(summaries), Brake.ended_at.is_(None)
    )
    for brake in session.scalars(brakes):
        if not is_let_go(brake, now):
            summaries[brake.campaign_id or 0].brake = brake
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


def _origins(now: datetime) -> sa.Select[int | None, int, int, int, int, int]:
    """Select how many authors, networks, and articles campaigns have, and how fast."""

    def since(span: timedelta) -> sa.Function[int]:
        is_new = Comment.received_at > now - span
        return sa.func.count(sa.case((is_new, Comment.id)))

    return sa.select(
        Comment.campaign_id,
        sa.func.count(sa.distinct(Comment.email_index)).label("authors"),
        sa.func.count(sa.distinct(Comment.ip_pseudonym)).label("networks"),
        sa.func.count(sa.distinct(Comment.article_id)).label("articles"),
        since(timedelta(minutes=1)).label("last_minute"),
        since(timedelta(hours=1)).label("last_hour"),
    ).group_by(Comment.campaign_id)


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
