"""Brakes as a moderator sees them: whose comments, and how many got through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.verdicts import PEOPLE, Status
from moderation.tables.accounts import Staff
from moderation.tables.campaigns import Brake, RecentArrival
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision

MAX_COUNTED = 10_000  # comments of one brake


@dataclass(frozen=True, kw_only=True)
class BrakeSummary:
    """A brake with its comments in numbers."""

    brake: Brake
    sample: Comment | None  #: the one that was one too many; None: erased since
    article: Article | None  #: of the sample
    logins: dict[int, str]  #: of the people that the brake names
    arrived: int  #: comments that it is about, up to `MAX_COUNTED`
    published: int  #: of them, those that stand approved and no one has decided about


def summarize(session: Session, brakes: Sequence[Brake]) -> list[BrakeSummary]:
    """Return brakes with what a moderator sees of them, in the given order.

    Arrivals are kept for a day; after that, the numbers are 0.
    """
    samples = {
        comment.id: (comment, article)
        for comment, article in session.execute(
            sa.select(Comment, Article)
            .join(Article, Article.id == Comment.article_id)
            .where(
                Comment.id.in_([brake.comment_id for brake in brakes]),
                Comment.deleted_at.is_(None),
            )
        )
    }
    people = {
        number
        for brake in brakes
        for number in (brake.started_by, brake.held_by, brake.ended_by)
    }
    names = sa.select(Staff.id, Staff.login).where(Staff.id.in_(people))
    logins = {row.id: row.login for row in session.execute(names)}
    summaries = []
    for brake in brakes:
        comment, article = samples.get(brake.comment_id, (None, None))
        summaries.append(
            BrakeSummary(
                brake=brake,
                sample=comment,
                article=article,
                logins=logins,
                arrived=_count(session, came_under(brake)),
                published=_count(session, got_through(brake)),
            )
        )
    return summaries


def came_under(brake: Brake) -> sa.Select[int]:
    """Select the ids of the comments that a brake is about, held or not."""
    return sa.select(RecentArrival.comment_id).where(
        RecentArrival.subject == brake.subject, RecentArrival.at >= brake.since
    )


def got_through(brake: Brake) -> sa.Select[int]:
    """Select the ids of a brake's comments that are published, and by no one's wish."""
    by_people = sa.exists().where(
        Decision.comment_id == Comment.id,
        Decision.source.in_([source.value for source in PEOPLE]),
    )
    return sa.select(Comment.id).where(
        Comment.id.in_(came_under(brake)),
        Comment.site_id == brake.site_id,
        Comment.status == Status.APPROVED.value,
        Comment.deleted_at.is_(None),
        ~by_people,
    )


def _count(session: Session, ids: sa.Select[int]) -> int:
    some = ids.limit(MAX_COUNTED).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
