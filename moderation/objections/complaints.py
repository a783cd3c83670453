"""Notifiers complain about how a notice was decided; another person decides again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.statements import COMPLAINT_PERIOD
from moderation.errors import Conflict, NotAppealable, NotYours
from moderation.objections import misuse
from moderation.objections.notices import notifier_target
from moderation.policy.due_times import COMPLAINT_PATIENCE
from moderation.privacy import mask_emails
from moderation.tables.legal import Notice, NoticeComplaint


class ComplaintOutcome(StrEnum):
    """The outcome of a complaint."""

    UPHELD = "upheld"  #: the decision stays
    PARTIALLY_REVERSED = "partially_reversed"
    REVERSED = "reversed"


def file(session: Session, notice: Notice, text: str, now: datetime) -> NoticeComplaint:
    """Store the complaint about a locked notice; the same words again are the same.

    Raises
    ------
    NotAppealable
        If it isn't decided yet, was complained about, or too long ago.
    """
    text = mask_emails(text)
    earlier = find(session, notice)
    if earlier is not None:
        if earlier.text == text:
            return earlier
        raise NotAppealable("There was a complaint already; there is one per notice.")
    if notice.decided_at is None or notice.decided_by is None:
        raise NotAppealable("The notice is not decided yet.")
    if now > notice.decided_at + COMPLAINT_PERIOD:
        raise NotAppealable("The time to complain, six months, is over.")
    suspended = None
    if notice.notifier is not None and not notice.is_life:
        target = notifier_target(notice.site_id, notice.notifier)
        suspended = misuse.suspended_until(session, target, now)
    complaint = NoticeComplaint(
        site_id=notice.site_id,
        notice_id=notice.id,
        text=text,
        created_at=now,
        due_at=max(now, suspended or now) + COMPLAINT_PATIENCE,
        decided_before_by=notice.decided_by,
        suspended_until=suspended,
    )
    session.add(complaint)
    session.flush()
    return complaint


def find(session: Session, notice: Notice) -> NoticeComplaint | None:
    """Return the complaint about a notice, if there is one."""
    return session.scalar(
        sa.select(NoticeComplaint).where(NoticeComplaint.notice_id == notice.id)
    )


def get_open(session: Session, notice: Notice, staff_id: int) -> NoticeComplaint:
    """Return the open complaint about a locked notice, for a person to decide.

    Raises
    ------
    Conflict
        If there is none, or it is decided.
    NotYours
        If the person has decided the notice.
    """
    complaint = find(session, notice)
    if complaint is None or complaint.decided_at is not None:
        raise Conflict("There is no open complaint about this notice.")
    if complaint.decided_before_by == staff_id:
        raise NotYours
    return complaint
