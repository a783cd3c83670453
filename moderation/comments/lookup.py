"""Find comments, with their decision and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation.comments import decisions
from moderation.comments.display import CommentState, ShownDecision
from moderation.errors import NotFound
from moderation.tables.comments import Comment, Score


@dataclass(frozen=True, kw_only=True)
class StoredComment:
    """A comment with its effective decision and the scores of its text."""

    comment: Comment
    state: CommentState
    decision: ShownDecision
    score: Score | None
    is_replay: bool = False  #: it was here before this request


def find(
    session: Session,
    site_ids: Sequence[int],
    comment_id: int,
    *,
    for_update: bool = False,
) -> Comment:
    """Return a comment of one of the sites.

    Raises
    ------
    NotFound
        If it is deleted, unknown, or at another site.
    """
    query = sa.select(Comment).where(
        Comment.id == comment_id,
        Comment.site_id.in_(site_ids),
        Comment.deleted_at.is_(None),
    )
    comment = session.scalar(query.with_for_update() if for_update else query)
    if comment is None:
        raise NotFound("There is no such comment.")
    return comment


def texts_of(
    session: Session, site_id: int, comment_ids: Sequence[int]
) -> dict[int, str]:
    """Return the texts of comments of a site, of those that were not deleted."""
    rows = session.execute(
        sa.select(Comment.id, Comment.body).where(
            Comment.id.in_(comment_ids),
            Comment.site_id == site_id,
            Comment.deleted_at.is_(None),
        )
    )
    return {row.id: row.body for row in rows}


def find_by_idempotency_key(
    session: Session, site_id: int, idempotency_key: str
) -> Comment | None:
    """Return the comment that was sent with a key, even if it was deleted since."""
    return session.scalar(
        sa.select(Comment).where(
            Comment.site_id == site_id, Comment.idempotency_key == idempotency_key
        )
    )


def find_idempotency_key(
    session: Session, site_id: int, accepted: Sequence[str]
) -> str | None:
    """Return which of some keys a comment was sent with; None: none of them."""
    return session.scalar(
        sa.select(Comment.idempotency_key)
        .where(Comment.site_id == site_id, Comment.idempotency_key.in_(accepted))
        .limit(1)
    )


def stored(session: Session, comment: Comment) -> StoredComment:
    """Return a comment with its effective decision and the scores of its text."""
    (decision,) = decisions.effective_of(session, [comment.id]).values()
    return StoredComment(
        comment=comment,
        state=CommentState.of(comment),
        decision=ShownDecision.of(decision),
        score=newest_score(session, comment.id, comment.revision),
    )


def newest_score(session: Session, comment_id: int, revision: int) -> Score | None:
    """Return the newest scores of a comment's text."""
    return session.scalar(
        sa.select(Score)
        .where(Score.comment_id == comment_id, Score.revision == revision)
        .order_by(Score.id.desc())
        .limit(1)
    )


def scores_of(score: Score | None) -> dict[str, float] | None:
    """Return label to probability as stored, without the labels not scored."""
    if score is None:
        return None
    values = {label: getattr(score, label) for label in LABELS}
    return {label: value for label, value in values.items() if value is not None}
