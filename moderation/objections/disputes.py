"""Disputes before out-of-court settlement bodies: a register that leads keep.

After DSA Art. 21: the body is chosen by the author or the notifier, and certified by a
Digital Services Coordinator. The service exchanges nothing with it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import InvalidFields, NotFound
from moderation.objections import notices
from moderation.tables.comments import Comment
from moderation.tables.legal import Dispute

MAX_LISTED = 200  # of a site, the newest


class DisputeOutcome(StrEnum):
    """The outcome of a dispute."""

    UPHELD = "upheld"  #: the site's decision stays
    PARTIALLY_REVERSED = "partially_reversed"
    REVERSED = "reversed"
    OMITTED = "omitted"  #: without a decision: withdrawn, or not taken on


#: Outcomes that leave the site something to do.
TO_IMPLEMENT = frozenset({DisputeOutcome.PARTIALLY_REVERSED, DisputeOutcome.REVERSED})


@dataclass(frozen=True, kw_only=True)
class DisputeDraft:
    """A dispute as a lead enters it. Days are the body's, without a time zone."""

    body: str  #: the name of the certified body
    filed_on: date
    reference: str | None = None  #: the body's case number
    decided_on: date | None = None  #: None: it is open
    outcome: DisputeOutcome | None = None
    implemented_on: date | None = None  #: when the site carried the outcome out


def create(
    session: Session,
    site_id: int,
    draft: DisputeDraft,
    *,
    comment_id: int | None,
    notice_id: int | None,
    staff_id: int,
    now: datetime,
) -> Dispute:
    """Enter a dispute about a comment, or about the decision of a notice.

    Raises
    ------
    InvalidFields
        If it names not exactly one of the two, days are out of order or in the future,
        or an outcome lacks its day.
    NotFound
        If the comment or the notice is none of the site's.
    """
    if (comment_id is None) is (notice_id is None):
        raise InvalidFields({"comment": ["Name either a comment or a notice."]})
    _refuse_inconsistent(draft, now.date())
    if comment_id is not None:
        _refuse_foreign(session, site_id, comment_id)
    if notice_id is not None:
        notices.find(session, [site_id], notice_id)
    row = Dispute(
        site_id=site_id,
        comment_id=comment_id,
        notice_id=notice_id,
        created_at=now,
        staff_id=staff_id,
        **asdict(draft),
    )
    session.add(row)
    session.flush()
    _record(session, AuditAction.DISPUTE_RECORDED, row)
    return row


def update(session: Session, row: Dispute, draft: DisputeDraft, now: datetime) -> None:
    """Change what was entered of a locked dispute.

    Raises
    ------
    InvalidFields
        As `create`.
    """
    _refuse_inconsistent(draft, now.date())
    for name, value in asdict(draft).items():
        setattr(row, name, value)
    session.flush()
    _record(session, AuditAction.DISPUTE_CHANGED, row)


def remove(session: Session, row: Dispute) -> None:
    """Remove a dispute that was entered by mistake; the audit log keeps that."""
    _record(session, AuditAction.DISPUTE_REMOVED, row)
    session.delete(row)


def find(
    session: Session,
    site_ids: Collection[int],
    dispute_id: int,
    *,
    for_update: bool = False,
) -> Dispute:
    """Return a dispute.

    Raises
    ------
    NotFound
        If there is none at these sites.
    """
    query = sa.select(Dispute).where(
        Dispute.id == dispute_id, Dispute.site_id.in_(site_ids)
    )
    row = session.scalar(query.with_for_update() if for_update else query)
    if row is None:
        raise NotFound("There is no such dispute.")
    return row


def list_of_site(session: Session, site_id: int) -> Sequence[Dispute]:
    """Return a site's disputes, those filed last first."""
    return session.scalars(
        sa.select(Dispute)
        .where(Dispute.site_id == site_id)
        .order_by(Dispute.filed_on.desc(), Dispute.id.desc())
        .limit(MAX_LISTED)
    ).all()


def _refuse_inconsistent(draft: DisputeDraft, today: date) -> None:
    complaints: dict[str, list[str]] = {}
    if draft.filed_on > today:
        complaints["filed_on"] = ["Must not be in the future."]
    if (draft.outcome is None) is not (draft.decided_on is None):
        missing = "outcome" if draft.outcome is None else "decided_on"
        complaints[missing] = ["An outcome needs its day, and a day its outcome."]
    if draft.decided_on and not draft.filed_on <= draft.decided_on <= today:
        complaints["decided_on"] = ["Must lie between filed_on and today."]
    if draft.implemented_on is not None:
        if draft.outcome not in TO_IMPLEMENT or draft.decided_on is None:
            complaints["implemented_on"] = ["Only a reversal is carried out."]
        elif not draft.decided_on <= draft.implemented_on <= today:
            complaints["implemented_on"] = ["Must lie between decided_on and today."]
    if complaints:
        raise InvalidFields(complaints)


def _refuse_foreign(session: Session, site_id: int, comment_id: int) -> None:
    """Refuse a comment of another site; an erased one may be disputed still."""
    found = session.scalar(
        sa.select(Comment.id).where(
            Comment.id == comment_id, Comment.site_id == site_id
        )
    )
    if found is None:
        raise NotFound("There is no such comment.")


def _record(session: Session, action: AuditAction, row: Dispute) -> None:
    record(
        session,
        action,
        target=(TargetKind.DISPUTE, row.id),
        site_id=row.site_id,
        outcome=row.outcome,
        filed_on=row.filed_on.isoformat(),
    )
