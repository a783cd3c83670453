"""The current state of a comment, for a person who decided an earlier version."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.errors import AlreadyClaimed, CurrentComment, Overtaken, StaleVersion
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.queue.entries import entries_of
from moderation.tables.accounts import Staff
from moderation.tables.comments import Comment


def current_state(session: Session, comment: Comment, now: datetime) -> CurrentComment:
    """Return the current state of a comment."""
    (entry,) = entries_of(session, [comment], now)
    decision = entry.decision
    login = sa.select(Staff.login).where(Staff.id == decision.staff_id)
    return CurrentComment(
        id=comment.id,
        version=comment.version,
        status=Status(comment.status),
        revision=comment.revision,
        body=comment.body,
        edited_at=comment.edited_at,
        claimed_by=entry.claimed_by,
        verdict=Verdict(decision.verdict),
        source=Source(decision.source),
        decided_by=session.scalar(login),
        decided_at=decision.created_at,
        reasons=decision.reasons,
    )


def refusal(
    session: Session, comment: Comment, version: int, now: datetime
) -> Overtaken:
    """Return why a guarded change failed: another version, or another's claim."""
    session.refresh(comment)
    current = current_state(session, comment, now)
    if comment.version == version:
        return AlreadyClaimed(current=current)
    return StaleVersion(current=current)
