"""Complaints: authors' appeals, and notifiers' complaints about a notice's result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.objections.misuse import MisuseKind
from moderation.objections.misuse_counts import MisuseMatter
from moderation.objections.notices import NotifierKind
from moderation.policy.verdicts import Verdict
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.legal import (
    MisuseMeasure,
    Notice,
    NoticeComplaint,
    NoticeItem,
)
from moderation.tables.objections import Appeal
from moderation.transparency.measures import NO_MEASURE
from moderation.transparency.period import ReportPeriod


class ComplaintBasis(StrEnum):
    """The subject of a complaint."""

    VISIBILITY = "visibility"  #: a comment that isn't shown
    SERVICE = "service"  #: an author who can't comment
    ACCOUNT = "account"
    MONEY = "money"
    NO_ACTION = "no_action"  #: on a notice
    NO_ACTION_TRUSTED = "no_action_trusted"  #: on a notice of a trusted flagger


class ComplaintResult(StrEnum):
    """The outcome of a complaint."""

    UPHELD = "upheld"  #: the restriction stays
    PARTIALLY_REVERSED = "partially_reversed"
    REVERSED = "reversed"
    OMITTED = "omitted"  #: there was no decision, as the comment was erased
    OPEN = "open"  #: there is none yet


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """A complaint, with its result so far."""

    basis: ComplaintBasis
    filed_at: datetime
    outcome: ComplaintResult
    decided_at: datetime | None  #: None: open, or omitted
    restrictions: int = 0  #: comments that were rejected as a result


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
            outcome=(
                ComplaintResult.PARTIALLY_REVERSED
                if is_partial and outcome is not None
                else _outcome(outcome, is_erased=deleted_at is not None)
            ),
            decided_at=heard_at,
        )
    yield from _of_notifiers(session, site_id, period)


#: Comments of a notice that were rejected after the complaint about its decision.
_rejected_since = (
    sa.select(sa.func.count())
    .select_from(NoticeItem)
    .join(Decision, Decision.id == NoticeItem.decision_id)
    .where(
        NoticeItem.notice_id == NoticeComplaint.notice_id,
        Decision.created_at >= NoticeComplaint.created_at,
        is_lasting(),
    )
    .correlate(NoticeComplaint)
    .scalar_subquery()
)


def _of_notifiers(
    session: Session, site_id: int, period: ReportPeriod
) -> Iterator[Complaint]:
    rows = session.execute(
        sa.select(
            NoticeComplaint.created_at,
            NoticeComplaint.decided_at,
            NoticeComplaint.outcome,
            Notice.kind,
            _rejected_since.label("restrictions"),
        )
        .join(Notice, Notice.id == NoticeComplaint.notice_id)
        .where(
            NoticeComplaint.site_id == site_id,
            NoticeComplaint.created_at >= period.start,
            NoticeComplaint.created_at < period.end,
        )
        .order_by(NoticeComplaint.created_at, NoticeComplaint.id)
    )
    for filed_at, decided_at, outcome, kind, restrictions in rows:
        is_trusted = kind == NotifierKind.TRUSTED_FLAGGER.value
        yield Complaint(
            basis=(
                ComplaintBasis.NO_ACTION_TRUSTED
                if is_trusted
                else ComplaintBasis.NO_ACTION
            ),
            filed_at=filed_at,
            outcome=ComplaintResult(outcome) if outcome else ComplaintResult.OPEN,
            decided_at=decided_at,
            restrictions=restrictions,
        )


def _outcome(outcome: str | None, *, is_erased: bool) -> ComplaintResult:
    if outcome == Verdict.APPROVE.value:
        return ComplaintResult.REVERSED
    if outcome == Verdict.REJECT.value:
        return ComplaintResult.UPHELD
    return ComplaintResult.OMITTED if is_erased else ComplaintResult.OPEN


def count_suspensions(
    session: Session, site_id: int, period: ReportPeriod
) -> Mapping[MisuseMatter, int]:
    """Return how many suspensions for misuse there were, by matter (Article 23)."""
    rows = session.execute(
        sa.select(MisuseMeasure.matter, sa.func.count())
        .where(
            MisuseMeasure.site_id == site_id,
            MisuseMeasure.kind == MisuseKind.SUSPENSION.value,
            MisuseMeasure.created_at >= period.start,
            MisuseMeasure.created_at < period.end,
        )
        .group_by(MisuseMeasure.matter)
    )
    counts: dict[str, int] = dict(rows.all())
    return {matter: counts.get(matter.value, 0) for matter in MisuseMatter}
