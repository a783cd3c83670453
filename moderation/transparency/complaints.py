"""Complaints: authors' appeals, and notifiers' about how notices were decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.verdicts import Verdict
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.legal import Notice, NoticeComplaint
from moderation.tables.objections import Appeal
from moderation.transparency.measures import NO_MEASURE
from moderation.transparency.period import ReportPeriod


class ComplaintBasis(StrEnum):
    """What a complaint is about."""

    VISIBILITY = "visibility"  #: a comment that isn't shown
    SERVICE = "service"  #: an author who can't comment
    ACCOUNT = "account"
    MONEY = "money"
    NO_ACTION = "no_action"  #: on a notice
    NO_ACTION_TRUSTED = "no_action_trusted"  #: on a notice of a trusted flagger


class ComplaintResult(StrEnum):
    """What became of a complaint."""

    UPHELD = "upheld"  #: the restriction stays
    PARTIALLY_REVERSED = "partially_reversed"
    REVERSED = "reversed"
    OMITTED = "omitted"  #: there was no decision, as the comment was erased
    OPEN = "open"  #: there is none yet


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """A complaint, and what became of it so far."""

    basis: ComplaintBasis
    filed_at: datetime
    outcome: ComplaintResult
    decided_at: datetime | None  #: None: open, or omitted


def read_complaints(
    session: Session, site_id: int, period: ReportPeriod
) -> Iterator[Complaint]:
    """Yield the complaints that a site received in a period."""
    rows = session.execute(
        sa.select(
            Appeal.created_at,
            Appeal.heard_at,
            Appeal.outcome,
            Appeal.is_partial,
            Comment.deleted_at,
            Decision.reasons,
        )
        .join(Comment, Comment.id == Appeal.comment_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(
            Appeal.site_id == site_id,
            Appeal.created_at >= period.start,
            Appeal.created_at < period.end,
        )
        .order_by(Appeal.created_at, Appeal.id)
    )
    for filed_at, heard_at, outcome, is_partial, deleted_at, reasons in rows:
        is_of_author = {reason["code"] for reason in reasons} <= NO_MEASURE
        yield Complaint(
            basis=(
                ComplaintBasis.SERVICE
                if reasons and is_of_author
                else ComplaintBasis.VISIBILITY
            ),
            filed_at=filed_at,
            outcome=ComplaintResult.PARTIALLY_REVERSED
            if is_partial
            else _outcome(outcome, is_erased=deleted_at is not None),
            decided_at=heard_at,
        )
    yield from _of_notifiers(session, site_id, period)


def _of_notifiers(
    session: Session, site_id: int, period: ReportPeriod
) -> Iterator[Complaint]:
    """Yield the complaints about how notices were decided: that comments stay."""
    rows = session.execute(
        sa.select(NoticeComplaint, Notice.flagger_id)
        .join(Notice, Notice.id == NoticeComplaint.notice_id)
        .where(
            NoticeComplaint.site_id == site_id,
            NoticeComplaint.created_at >= period.start,
            NoticeComplaint.created_at < period.end,
        )
        .order_by(NoticeComplaint.created_at, NoticeComplaint.id)
    )
    for row, flagger_id in rows:
        yield Complaint(
            basis=ComplaintBasis.NO_ACTION
            if flagger_id is None
            else ComplaintBasis.NO_ACTION_TRUSTED,
            filed_at=row.created_at,
            outcome=ComplaintResult(row.outcome or ComplaintResult.OPEN),
            decided_at=row.decided_at,
        )


def _outcome(outcome: str | None, *, is_erased: bool) -> ComplaintResult:
    if outcome == Verdict.APPROVE.value:
        return ComplaintResult.REVERSED
    if outcome == Verdict.REJECT.value:
        return ComplaintResult.UPHELD
    return ComplaintResult.OMITTED if is_erased else ComplaintResult.OPEN
