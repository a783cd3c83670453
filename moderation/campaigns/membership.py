"""A comment's campaign, as stored: opened, merged, and counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.campaigns import arrivals
from moderation.tables.campaigns import Campaign, Sketch, StandingVerdict
from moderation.tables.comments import Comment


class Unplaced(Exception):
    """A comment's campaign could not be found or written: it is stored without."""


class SketchedComment(Protocol):
    """A stored comment with a signature."""

    @property
    def comment_id(self) -> int: ...

    @property
    def seen_at(self) -> datetime: ...


def open_campaign(
    session: Session, site_id: int, first: SketchedComment, now: datetime
) -> int:
    """Create a campaign for an earlier comment, unless another request does.

    Raises
    ------
    Unplaced
        If the earlier comment was erased meanwhile: the new one waits for its second.
    """
    campaign = Campaign(
        site_id=site_id,
        created_at=first.seen_at,
        last_seen_at=now,
        size=0,
        version=1,
    )
    session.add(campaign)
    session.flush()
    if adopt(session, site_id, campaign.id, first):
        return campaign.id
    adopted_by = session.scalars(
        sa.select(Sketch.campaign_id).where(Sketch.comment_id == first.comment_id)
    ).one_or_none()
    session.delete(campaign)
    session.flush()
    if adopted_by is None:
        raise Unplaced
    return adopted_by


def adopt(
    session: Session, site_id: int, campaign_id: int, near: SketchedComment
) -> bool:
    """Add an earlier comment to a campaign; return whether it had none."""
    adopted = session.scalar(
        sa.update(Sketch)
        .where(Sketch.comment_id == near.comment_id, Sketch.campaign_id.is_(None))
        .values(campaign_id=campaign_id)
        .returning(Sketch.comment_id)
    )
    if adopted is None:
        return False
    joined = session.scalar(
        sa.update(Comment)
        .where(Comment.id == near.comment_id, Comment.campaign_id.is_(None))
        .values(campaign_id=campaign_id)
        .returning(Comment.id)
    )
    if joined is not None:
        arrivals.adopt(session, site_id, campaign_id, near.comment_id, near.seen_at)
        session.execute(
            sa.update(Campaign)
            .where(Campaign.id == campaign_id)
            .values(size=Campaign.size + 1)
        )
    return True


def lock(
    session: Session, campaign_ids: Collection[int], comment_ids: Collection[int]
) -> None:
    """Lock campaigns, and signatures without one, in an order that all keep to.

    So of two requests that merge the same ones, one waits for the other. SQLite has one
    writer anyway.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    for key, ids in ((Campaign.id, campaign_ids), (Sketch.comment_id, comment_ids)):
        if ids:
            rows = sa.select(key).where(key.in_(ids)).order_by(key)
            session.execute(rows.with_for_update()).all()


def find_foremost(session: Session, campaign_ids: Collection[int]) -> int | None:
    """Return the campaign that the others are merged into."""
    has_verdict = sa.exists().where(
        StandingVerdict.campaign_id == Campaign.id, StandingVerdict.ended_at.is_(None)
    )
    return session.scalar(
        sa.select(Campaign.id)
        .where(Campaign.id.in_(campaign_ids), Campaign.merged_into.is_(None))
        .order_by(sa.case((has_verdict, 0), else_=1), Campaign.size.desc(), Campaign.id)
        .limit(1)
    )


def merge(
    session: Session, site_id: int, campaign_id: int, other_id: int, now: datetime
) -> None:
    """Merge a campaign into another; its standing decision ends."""
    size = session.scalar(
        sa.update(Campaign)
        .where(Campaign.id == other_id, Campaign.merged_into.is_(None))
        .values(merged_into=campaign_id)
        .returning(Campaign.size)
    )
    if size is None:
        return  # another person did just now
    for table in (Comment, Sketch):
        session.execute(
            sa.update(table)
            .where(table.campaign_id == other_id)
            .values(campaign_id=campaign_id)
            .execution_options(synchronize_session=False)
        )
    arrivals.merge(session, site_id, campaign_id, other_id, now)
    session.execute(
        sa.update(StandingVerdict)
        .where(
            StandingVerdict.campaign_id == other_id, StandingVerdict.ended_at.is_(None)
        )
        .values(ended_at=now)
    )
    session.execute(
        sa.update(Campaign)
        .where(Campaign.id == campaign_id)
        .values(size=Campaign.size + size, version=Campaign.version + 1)
    )


def count_in(session: Session, campaign_id: int, now: datetime) -> int:
    """Count a comment in a campaign, or the one it was merged into; return which."""
    found: int | None = campaign_id
    while found is not None:
        counted: int | None = session.scalar(
            sa.update(Campaign)
            .where(Campaign.id == found, Campaign.merged_into.is_(None))
            .values(size=Campaign.size + 1, last_seen_at=now)
            .returning(Campaign.id)
        )
        if counted is not None:
            return counted
        found = session.scalar(
            sa.select(Campaign.merged_into).where(Campaign.id == found)
        )
    raise Unplaced
