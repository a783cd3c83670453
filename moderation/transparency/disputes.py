"""Disputes before out-of-court bodies, as a report counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.objections.disputes import TO_IMPLEMENT, DisputeOutcome
from moderation.tables.legal import Dispute
from moderation.transparency.period import ReportPeriod


@dataclass(frozen=True, kw_only=True)
class ReportedDispute:
    """A dispute, and how it ended so far."""

    outcome: DisputeOutcome | None  #: None: open
    lasted: timedelta | None  #: in whole days; None: open
    #: whether the site carried the outcome out, which a decision that upholds needs not
    is_implemented: bool


def read_disputes(
    session: Session, site_id: int, period: ReportPeriod
) -> Sequence[ReportedDispute]:
    """Return the disputes that were filed in a period, as they are known now."""
    rows = session.scalars(
        sa.select(Dispute)
        .where(
            Dispute.site_id == site_id,
            Dispute.filed_on >= period.first,
            Dispute.filed_on <= period.last,
        )
        .order_by(Dispute.filed_on, Dispute.id)
    )
    return [_read(row) for row in rows]


def _read(row: Dispute) -> ReportedDispute:
    outcome = None if row.outcome is None else DisputeOutcome(row.outcome)
    is_decided = outcome not in (None, DisputeOutcome.OMITTED)
    return ReportedDispute(
        outcome=outcome,
        lasted=row.decided_on - row.filed_on if row.decided_on else None,
        is_implemented=is_decided
        and (outcome not in TO_IMPLEMENT or row.implemented_on is not None),
    )
