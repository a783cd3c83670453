"""Due times of comments that are put back among the pending ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation.comments.articles import published_lately
from moderation.policy.due_times import due_at
from moderation.policy.rule_matches import RuleAction, RuleMatch
from moderation.policy.verdicts import Status
from moderation.sites import policies
from moderation.tables.comments import Comment
from moderation.tables.rules import RuleHit

_SCORES = [getattr(Comment, f"score_{label}") for label in LABELS]


def columns_in(
    session: Session, status: Status, comment_id: int, now: datetime
) -> dict[str, Any]:
    """Return the columns of a comment with a new status: due again if pending."""
    if status is not Status.PENDING:
        return {}
    return {"due_at": _due_again(session, [comment_id], now)[comment_id]}


def renew(
    session: Session, status: Status, comment_ids: Collection[int], now: datetime
) -> None:
    """Set the due times of locked comments that got a status, if that is pending."""
    if status is not Status.PENDING or not comment_ids:
        return
    due = _due_again(session, comment_ids, now)
    session.connection().execute(
        sa.update(Comment)
        .where(Comment.id == sa.bindparam("comment"))
        .values(due_at=sa.bindparam("due")),
        [{"comment": each, "due": moment} for each, moment in due.items()],
    )


def before_care(
    session: Session, comment: Comment, due: datetime, now: datetime
) -> datetime:
    """Return when a comment is due: if it calls for care, no later than that is."""
    if not comment.calls_for_care:
        return due
    policy = policies.load_policy(session, comment.site_id)
    return min(due, now + policy.care.patience)


def _due_again(
    session: Session, comment_ids: Collection[int], now: datetime
) -> dict[int, datetime]:
    """Return when each comment is due, as if it arrived now."""
    rows = session.execute(
        sa.select(
            Comment.id,
            Comment.article_id,
            Comment.site_id,
            Comment.calls_for_care,
            *_SCORES,
        ).where(Comment.id.in_(comment_ids))
    ).all()
    care = {
        site_id: policies.load_policy(session, site_id).care.patience
        for site_id in {row.site_id for row in rows if row.calls_for_care}
    }
    reach = {
        article_id: published_lately(session, article_id, now)
        for article_id in {row.article_id for row in rows}
    }
    matches = _matches(session, comment_ids)
    return {
        row.id: due_at(
            now,
            max((score for score in row[4:] if score is not None), default=1.0),
            reach[row.article_id],
            tuple(matches.get(row.id, ())),
            care=care[row.site_id] if row.calls_for_care else None,
        )
        for row in rows
    }


def _matches(
    session: Session, comment_ids: Collection[int]
) -> Mapping[int, list[RuleMatch]]:
    """Return the rules that match the comments' texts as they are now."""
    rows = session.execute(
        sa.select(RuleHit)
        .join(Comment, Comment.id == RuleHit.comment_id)
        .where(
            RuleHit.comment_id.in_(comment_ids),
            RuleHit.revision == Comment.revision,
        )
    ).scalars()
    matches: dict[int, list[RuleMatch]] = {}
    for row in rows:
        match = RuleMatch(
            rule_id=row.rule_id,
            version=row.version,
            name="",
            action=RuleAction(row.action),
            is_shadow=row.was_shadow,
        )
        matches.setdefault(row.comment_id, []).append(match)
    return matches
