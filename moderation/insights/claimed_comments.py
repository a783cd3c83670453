"""The comments that each moderator has claimed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.tables.comments import Article, Comment
from moderation.tables.review import QaReview

MAX_ARTICLES = 3  # named of what someone holds


@dataclass(frozen=True, kw_only=True)
class ClaimedComments:
    """The comments that a moderator has claimed."""

    comments: int
    since: datetime | None
    until: datetime
    articles: list[tuple[str, int]]  #: title or name, comments; the most first


def list_claimed(
    session: Session, site_id: int, now: datetime
) -> dict[int, ClaimedComments]:
    """Return each moderator's claimed comments, QA samples included."""
    comments = sa.select(
        Comment.claimed_by,
        Comment.claimed_at,
        Comment.claimed_until,
        Article.title,
        Article.reference,
    ).join(Article, Article.id == Comment.article_id)
    looks = (
        sa.select(
            QaReview.claimed_by,
            QaReview.claimed_at,
            QaReview.claimed_until,
            Article.title,
            Article.reference,
        )
        .join(Comment, Comment.id == QaReview.comment_id)
        .join(Article, Article.id == Comment.article_id)
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in (
        *session.execute(
            comments.where(
                Comment.site_id == site_id,
                Comment.claimed_by.is_not(None),
                Comment.claimed_until > now,
            )
        ),
        *session.execute(
            looks.where(
                QaReview.site_id == site_id,
                QaReview.claimed_by.is_not(None),
                QaReview.claimed_until > now,
                QaReview.closed_at.is_(None),
            )
        ),
    ):
        rows[row[0]].append(row)
    return {staff_id: _as_held(claimed) for staff_id, claimed in rows.items()}


def _as_held(rows: Sequence[Any]) -> ClaimedComments:
    named = Counter(title or reference for *_, title, reference in rows)
    return ClaimedComments(
        comments=len(rows),
        since=min((row[1] for row in rows if row[1] is not None), default=None),
        until=max(row[2] for row in rows),
        articles=named.most_common(MAX_ARTICLES),
    )
