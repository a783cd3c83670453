"""Escalation: a pending comment goes from a moderator's hand to the leads of its site.

No verdict is given, so it is no decision: it has a table of its own, and the comment
carries the moment, which is what the queue looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import has_other_lead
from moderation.comments import decisions
from moderation.comments.articles import section_of
from moderation.comments.claims import UNCLAIMED, Claim
from moderation.comments.display import CommentState
from moderation.comments.lookup import find
from moderation.errors import (
    AlreadyClaimed,
    NoLead,
    NotEscalated,
    NotPending,
    StaleVersion,
    WaitsForLead,
)
from moderation.policy.verdicts import Status
from moderation.privacy import mask_emails
from moderation.review import qa_reviews
from moderation.review.blindness import blind_look, pending_state
from moderation.review.claims import is_free
from moderation.review.moderator import Moderator
from moderation.tables.accounts import Staff
from moderation.tables.comments import PENDING, Comment
from moderation.tables.review import Escalation


@dataclass(frozen=True, kw_only=True)
class EscalationEntry:
    """An escalation as staff see it."""

    by: str  #: login
    at: datetime
    note: str | None
    ended_at: datetime | None
    ended_by: str | None  #: login


def escalate(
    session: Session,
    comment_id: int,
    moderator: Moderator,
    *,
    version: int,
    note: str | None,
    now: datetime,
) -> CommentState:
    """Hand a pending comment to the leads: it leaves the hand and goes to them only.

    Raises
    ------
    NotFound, NotPending, WaitsForLead
        If it is not at these sites; if no one has to decide it; if a lead has to.
    StaleVersion, AlreadyClaimed
        If it has changed since; if another moderator holds it.
    NoLead
        If no one else at its site is a lead.
    """
    staff_id = moderator.staff_id
    comment = find(session, moderator.site_ids, comment_id)
    section = section_of(session, comment)
    if not has_other_lead(session, comment.site_id, section, staff_id):
        raise NoLead
    look = blind_look(session, comment_id, staff_id=staff_id)
    if look is not None:
        qa_reviews.escalate(session, look, staff_id=staff_id, version=version, now=now)
        _record(session, comment, staff_id, note, now)
        return pending_state(comment, look)
    if comment.version != version:
        raise StaleVersion
    changed = decisions.change_if(
        session,
        comment_id,
        Comment.version == version,
        PENDING,
        Comment.escalated_at.is_(None),
        is_free(staff_id, now),
        escalated_at=now,
        **UNCLAIMED,
    )
    if changed is None:
        raise _refusal(session, comment, version)
    _record(session, changed, staff_id, note, now)
    return CommentState.of(changed)


def _record(
    session: Session,
    comment: Comment,
    staff_id: int,
    note: str | None,
    now: datetime,
) -> None:
    session.add(
        Escalation(
            site_id=comment.site_id,
            comment_id=comment.id,
            staff_id=staff_id,
            created_at=now,
            note=mask_emails(note) if note else None,
        )
    )
    session.flush()


def _refusal(session: Session, comment: Comment, version: int) -> Exception:
    session.expire(comment)
    if comment.version != version:
        return StaleVersion()
    if comment.status != Status.PENDING.value:
        return NotPending()
    return WaitsForLead() if comment.escalated_at else AlreadyClaimed()


def take_back(
    session: Session,
    comment_id: int,
    moderator: Moderator,
    *,
    now: datetime,
    lasts: timedelta,
) -> CommentState:
    """Withdraw one's own escalation and reserve it; a lead returns any to the queue.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    NotEscalated
        If no lead has to decide it, or the person may not undo it.
    AlreadyClaimed
        If a lead holds it.
    """
    staff_id = moderator.staff_id
    own = sa.select(Escalation.id).where(
        Escalation.comment_id == comment_id,
        Escalation.staff_id == staff_id,
        Escalation.ended_at.is_(None),
    )
    is_own = session.scalar(own) is not None
    comment = find(session, moderator.site_ids, comment_id)
    if not (is_own or moderator.leads(session, comment)):
        raise NotEscalated
    claim = Claim(staff_id=staff_id, now=now, lasts=lasts)
    claimed = claim.columns() if is_own else UNCLAIMED
    look = qa_reviews.take_back(session, comment_id, claimed=claimed, now=now)
    if look is not None:
        end(session, comment_id, staff_id=staff_id, decision_id=None, now=now)
        return pending_state(comment, look)
    changed = decisions.change_if(
        session,
        comment_id,
        PENDING,
        Comment.escalated_at.is_not(None),
        is_free(staff_id, now),
        escalated_at=None,
        **claimed,
    )
    if changed is None:
        session.expire(comment)
        raise AlreadyClaimed if comment.escalated_at else NotEscalated
    end(session, comment_id, staff_id=staff_id, decision_id=None, now=now)
    return CommentState.of(changed)


def end(
    session: Session,
    comment_id: int,
    *,
    staff_id: int | None,
    decision_id: int | None,
    now: datetime,
) -> None:
    """End a comment's escalation, if one is open."""
    session.execute(
        sa.update(Escalation)
        .where(Escalation.comment_id == comment_id, Escalation.ended_at.is_(None))
        .values(ended_at=now, ended_by=staff_id, decision_id=decision_id)
    )


def reopen(session: Session, decision_id: int) -> datetime | None:
    """Open the escalation that a decision ended, as that is undone.

    Returns
    -------
    Since when the comment waits for a lead; None: it didn't.
    """
    return session.scalar(
        sa.update(Escalation)
        .where(Escalation.decision_id == decision_id)
        .values(ended_at=None, ended_by=None, decision_id=None)
        .returning(Escalation.created_at)
    )


def list_of(
    session: Session, comment_ids: Sequence[int], *, only_open: bool = False
) -> dict[int, list[EscalationEntry]]:
    """Return the escalations of comments, each list with the oldest first."""
    ender = sa.orm.aliased(Staff)
    query = (
        sa.select(Escalation, Staff.login, ender.login)
        .join(Staff, Staff.id == Escalation.staff_id)
        .outerjoin(ender, ender.id == Escalation.ended_by)
        .where(Escalation.comment_id.in_(comment_ids))
        .order_by(Escalation.id)
    )
    if only_open:
        query = query.where(Escalation.ended_at.is_(None))
    found: dict[int, list[EscalationEntry]] = {}
    for row, login, ended_by in session.execute(query):
        entry = EscalationEntry(
            by=login,
            at=row.created_at,
            note=row.note,
            ended_at=row.ended_at,
            ended_by=ended_by,
        )
        found.setdefault(row.comment_id, []).append(entry)
    return found
