"""Pending comments with what a moderator needs to decide them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments import decisions
from moderation.comments.display import CommentState, ShownDecision
from moderation.queue import active_learning, orders, pages
from moderation.queue.orders import Position
from moderation.queue.query import QueueOrder, QueueQuery
from moderation.tables.accounts import Staff
from moderation.tables.comments import Article, Comment, Score


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """A pending comment with what a moderator needs to decide it."""

    comment: Comment
    state: CommentState  #: as it is shown
    article: Article
    decision: ShownDecision  #: the effective one
    score: Score | None
    claimed_by: str | None  #: login of the moderator who holds it now
    is_overdue: bool  #: a person should have looked by now
    is_blind: bool = False  #: the state shown isn't the stored one


def list_pending(
    session: Session,
    wanted: QueueQuery,
    *,
    after: Position | None,
    limit: int,
    now: datetime,
) -> list[QueueEntry]:
    """Return up to `limit` comments of a query, in its order.

    The comments most useful for training are chosen at each call: they have a first
    page only.
    """
    if wanted.order is QueueOrder.TEACH:
        ids = active_learning.choose_comments(session, wanted, limit=limit)
        rows = session.scalars(sa.select(Comment).where(Comment.id.in_(ids))).all()
        comments: Sequence[Comment] = orders.sort_comments(rows, wanted)
    else:
        comments = pages.list_comments(session, wanted, after=after, limit=limit)
    return entries_of(session, comments, now)


def entries_of(
    session: Session, comments: Sequence[Comment], now: datetime
) -> list[QueueEntry]:
    """Return comments with what a moderator needs, in the given order."""
    ids = [comment.id for comment in comments]
    rows = session.execute(
        sa.select(Comment.id, Article, Staff.login)
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(
            Staff, sa.and_(Staff.id == Comment.claimed_by, Comment.claimed_until > now)
        )
        .where(Comment.id.in_(ids))
    )
    about = {comment_id: (article, login) for comment_id, article, login in rows}
    effective = decisions.effective_of(session, ids)
    scores = _scores(session, comments)
    return [
        QueueEntry(
            comment=comment,
            state=CommentState.of(comment),
            article=about[comment.id][0],
            decision=ShownDecision.of(effective[comment.id]),
            score=scores.get(comment.id),
            claimed_by=about[comment.id][1],
            is_overdue=comment.due_at <= now,
        )
        for comment in comments
    ]


def _scores(session: Session, comments: Sequence[Comment]) -> dict[int, Score]:
    """Return the newest scores of the current text, by comment."""
    revisions = {comment.id: comment.revision for comment in comments}
    scores = session.scalars(
        sa.select(Score).where(Score.comment_id.in_(revisions)).order_by(Score.id)
    )
    return {
        score.comment_id: score
        for score in scores
        if score.revision == revisions[score.comment_id]
    }
