"""Moderators at work: the queue, claims, decisions, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.errors import (
    AlreadyClaimed,
    Conflict,
    NotPending,
    StaleVersion,
)
from moderation.policy import (
    Reason,
    Source,
    Status,
    StatusChangeRefused,
    Verdict,
    status_after,
)
from moderation.submissions import find
from moderation.tables import Article, Comment, Decision, Revision, Score, Staff


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """A pending comment with what a moderator needs to decide it."""

    comment: Comment
    article: Article
    decision: Decision
    score: Score | None
    claimed_by: str | None  #: login of whoever holds it now


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in the queue: what follows comes after it."""

    due_at: datetime
    comment_id: int


def list_pending(
    session: Session,
    site_ids: Sequence[int],
    *,
    after: Position | None,
    limit: int,
    now: datetime,
) -> list[QueueEntry]:
    """Return up to `limit` pending comments, the earliest due first."""
    query = (
        sa.select(Comment, Article, Staff.login)
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(
            Staff, sa.and_(Staff.id == Comment.claimed_by, Comment.claimed_until > now)
        )
        .where(
            Comment.site_id.in_(site_ids),
            # Literal, as in the partial index: a parameter would hide it.
            sa.text("comments.status = 'pending' AND comments.deleted_at IS NULL"),
        )
        .order_by(Comment.due_at, Comment.id)
        .limit(limit)
    )
    if after is not None:
        place = sa.tuple_(Comment.due_at, Comment.id)
        query = query.where(
            place
            > sa.tuple_(
                sa.bindparam("due_at", after.due_at, Comment.due_at.type),
                sa.literal(after.comment_id),
            )
        )
    rows = session.execute(query).all()
    comments = [comment for comment, _, _ in rows]
    decisions = _newest_decisions(session, [comment.id for comment in comments])
    scores = _scores(session, comments)
    return [
        QueueEntry(
            comment=comment,
            article=article,
            decision=decisions[comment.id],
            score=scores.get(comment.id),
            claimed_by=login,
        )
        for comment, article, login in rows
    ]


def claim(
    session: Session,
    comment_id: int,
    *,
    staff_id: int,
    site_ids: Sequence[int],
    now: datetime,
    lasts: timedelta,
) -> Comment:
    """Reserve a pending comment for one moderator, or prolong the claim.

    One UPDATE both asks and takes, so that two moderators can't both win.

    Raises
    ------
    NotFound, NotPending
        If it is not at these sites; if nobody has to decide it.
    AlreadyClaimed
        If another one's claim still runs.
    """
    taken = session.scalar(
        sa.update(Comment)
        .where(
            Comment.id == comment_id,
            Comment.site_id.in_(site_ids),
            Comment.status == Status.PENDING.value,
            Comment.deleted_at.is_(None),
            _is_free(staff_id, now),
        )
        .values(claimed_by=staff_id, claimed_until=now + lasts)
        .returning(Comment)
        .execution_options(populate_existing=True)
    )
    if taken is not None:
        return taken
    comment = find(session, site_ids, comment_id)
    raise NotPending if comment.status != Status.PENDING.value else AlreadyClaimed


def release(
    session: Session, comment_id: int, *, staff_id: int, site_ids: Sequence[int]
) -> None:
    """End one's own claim; without one, nothing happens.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    find(session, site_ids, comment_id)
    session.execute(
        sa.update(Comment)
        .where(Comment.id == comment_id, Comment.claimed_by == staff_id)
        .values(claimed_by=None, claimed_until=None)
    )


def decide(
    session: Session,
    comment_id: int,
    *,
    staff_id: int,
    site_ids: Sequence[int],
    version: int,
    verdict: Verdict,
    reasons: Sequence[str],
    labels: Mapping[str, bool],
    now: datetime,
) -> Decision:
    """Record a person's decision about the version that this person saw.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    StaleVersion
        If it has changed since.
    AlreadyClaimed
        If another moderator holds it.
    Conflict
        If the verdict says nothing new to the queue (review of what is pending).
    """
    comment = find(session, site_ids, comment_id)
    if comment.version != version:
        raise StaleVersion
    before = Status(comment.status)
    try:
        after = status_after(before, Source.PERSON, verdict)
    except StatusChangeRefused as error:
        raise Conflict("The comment is in the queue already.") from error
    changed = session.scalar(
        sa.update(Comment)
        .where(
            Comment.id == comment_id,
            Comment.version == version,
            _is_free(staff_id, now),
        )
        .values(
            status=after.value,
            version=version + 1,
            claimed_by=None,
            claimed_until=None,
        )
        .returning(Comment.id)
    )
    if changed is None:
        session.expire(comment)
        raise AlreadyClaimed if comment.version == version else StaleVersion
    return _record(session, comment, staff_id, before, verdict, reasons, labels, now)


@dataclass(frozen=True, kw_only=True)
class History:
    """All that happened to a comment, each list with the oldest first."""

    decisions: list[tuple[Decision, str | None]]  #: with the login of the person
    scores: list[Score]
    revisions: list[Revision]


def history(session: Session, comment_id: int, site_ids: Sequence[int]) -> History:
    """Return all that happened to a comment.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    find(session, site_ids, comment_id)
    decisions = session.execute(
        sa.select(Decision, Staff.login)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .where(Decision.comment_id == comment_id)
        .order_by(Decision.id)
    ).all()
    scores = session.scalars(
        sa.select(Score).where(Score.comment_id == comment_id).order_by(Score.id)
    ).all()
    revisions = session.scalars(
        sa.select(Revision)
        .where(Revision.comment_id == comment_id)
        .order_by(Revision.number)
    ).all()
    return History(
        decisions=[(decision, login) for decision, login in decisions],
        scores=list(scores),
        revisions=list(revisions),
    )


def _is_free(staff_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        Comment.claimed_by.is_(None),
        Comment.claimed_by == staff_id,
        Comment.claimed_until <= now,
    )


def _record(
    session: Session,
    comment: Comment,
    staff_id: int,
    before: Status,
    verdict: Verdict,
    reasons: Sequence[str],
    labels: Mapping[str, bool],
    now: datetime,
) -> Decision:
    score = _scores(session, [comment]).get(comment.id)
    decision = Decision(
        site_id=comment.site_id,
        comment_id=comment.id,
        revision=comment.revision,
        created_at=now,
        source=Source.PERSON.value,
        staff_id=staff_id,
        status_before=before.value,
        verdict=verdict.value,
        reasons=[Reason(code=code).as_json() for code in reasons],
        labels=dict(labels),
        model_version=score.model_version if score else None,
    )
    session.add(decision)
    session.flush()
    return decision


def _newest_decisions(
    session: Session, comment_ids: Sequence[int]
) -> dict[int, Decision]:
    newest = (
        sa.select(sa.func.max(Decision.id))
        .where(Decision.comment_id.in_(comment_ids))
        .group_by(Decision.comment_id)
    )
    found = session.scalars(sa.select(Decision).where(Decision.id.in_(newest)))
    return {decision.comment_id: decision for decision in found}


def _scores(session: Session, comments: Sequence[Comment]) -> dict[int, Score]:
    """Return the newest scores of the text as it stands, by comment."""
    revisions = {comment.id: comment.revision for comment in comments}
    found = session.scalars(
        sa.select(Score).where(Score.comment_id.in_(revisions)).order_by(Score.id)
    )
    return {
        score.comment_id: score
        for score in found
        if score.revision == revisions[score.comment_id]
    }
