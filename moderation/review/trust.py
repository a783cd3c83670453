"""Comments of trusted authors, which a take-down of a wave leaves out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.standings import Standing
from moderation.policy.verdicts import Status
from moderation.sites.policies import load_policy
from moderation.tables.authors import Author
from moderation.tables.comments import Comment


def trust_at(session: Session, site_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a comment's author is trusted at its site.

    By staff, or by the site's own list of verified ids; trust that an author has earned
    by approved comments is none of them.
    """
    is_trusted = sa.exists().where(
        Author.id == Comment.author_record_id,
        Author.standing == Standing.TRUSTED.value,
        sa.or_(Author.standing_until.is_(None), Author.standing_until > now),
    )
    listed = load_policy(session, site_id).trusted_authors
    is_listed = sa.func.coalesce(Comment.author_id, "").in_(sorted(listed))
    return sa.or_(is_trusted, is_listed) if listed else is_trusted


def find_trusted(
    session: Session, comment_ids: Collection[int], is_trusted: sa.ColumnElement[bool]
) -> set[int]:
    """Return those of some comments whose author is trusted."""
    query = sa.select(Comment.id).where(Comment.id.in_(comment_ids), is_trusted)
    return set(session.scalars(query))


def count_trusted(
    session: Session, campaign_id: int, is_trusted: sa.ColumnElement[bool]
) -> dict[Status, int]:
    """Count a campaign's comments of trusted authors by status."""
    rows = session.execute(
        sa.select(Comment.status, sa.func.count())
        .where(
            Comment.campaign_id == campaign_id,
            Comment.deleted_at.is_(None),
            is_trusted,
        )
        .group_by(Comment.status)
    )
    counts = {row[0]: row[1] for row in rows}
    return {status: counts.get(status.value, 0) for status in Status}
