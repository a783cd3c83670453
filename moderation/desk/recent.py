"""Recent decisions, automatic or by moderators, for review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.verdicts import Source, Verdict
from moderation.tables.accounts import Staff
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision, is_effective
from moderation.tables.review import QaReview


@dataclass(frozen=True, kw_only=True)
class DecidedEntry:
    """A comment with its effective decision."""

    comment: Comment
    article: Article
    decision: Decision
    login: str | None  #: of the person who decided
    score: Score | None  #: that the decision rests on; None: unscored


def list_decided(
    session: Session,
    site_ids: Sequence[int],
    *,
    source: Source,
    verdict: Verdict,
    before: int | None,
    limit: int,
    staff_id: int,
) -> list[DecidedEntry]:
    """Return up to `limit` comments as they were decided, the newest decision first.

    Only effective decisions: a comment that was decided again is listed by the newest
    one alone, a deleted one not at all, and none that the person `staff_id`
    looks at again just now, as that would tell.

    Parameters
    ----------
    before
        Id of the decision that the page before ended with.
    """
    query = (
        _effective(staff_id)
        .where(
            Decision.site_id.in_(site_ids),
            Decision.source == source.value,
            Decision.verdict == verdict.value,
        )
        .order_by(Decision.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Decision.id < before)
    return [
        DecidedEntry(
            comment=comment,
            article=article,
            decision=decision,
            login=login,
            score=score,
        )
        for comment, article, decision, login, score in session.execute(query)
    ]


def _effective(staff_id: int) -> sa.Select[Comment, Article, Decision, str, Score]:
    """Select effective decisions with their comments, but those under blind review."""
    reviewed = sa.exists().where(
        QaReview.comment_id == Decision.comment_id,
        QaReview.claimed_by == staff_id,
        QaReview.closed_at.is_(None),
    )
    scored = sa.and_(
        Score.comment_id == Comment.id,
        Score.revision == Comment.revision,
        Score.model_version == Decision.model_version,
    )
    return (
        sa.select(Comment, Article, Decision, Staff.login, Score)
        .join_from(Decision, Comment, Comment.id == Decision.comment_id)
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .outerjoin(Score, scored)
        .where(Comment.deleted_at.is_(None), ~reviewed, is_effective())
    )
