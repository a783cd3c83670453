"""Complaints about restrictions: authors' appeals."""

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
    for filed_at, heard_at, outcome, deleted_at, reasons in rows:
        is_of_author = {reason["code"] for reason in reasons} <= NO_MEASURE
        yield Complaint(
            basis=(
                ComplaintBasis.SERVICE
                if reasons and is_of_author
                else ComplaintBasis.VISIBILITY
            ),
            filed_at=filed_at,
            outcome=_outcome(outcome, is_erased=deleted_at is not None),
            decided_at=heard_at,
        )


def _outcome(outcome: str | None, *, is_erased: bool) -> ComplaintResult:
    if outcome == Verdict.APPROVE.value:
        return ComplaintResult.REVERSED
    if outcome == Verdict.REJECT.value:
        return ComplaintResult.UPHELD
    return ComplaintResult.OMITTED if is_erased else ComplaintResult.OPEN
