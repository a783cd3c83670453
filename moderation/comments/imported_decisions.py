"""Decisions that were taken in another system, stored with the comments they are about.

They go in with their comments, never for one that is here already, and without events:
nothing happens now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.many_rows import insert_rows
from moderation.policy.status_changes import VERDICT_FOR, status_after
from moderation.policy.verdicts import Source, Status
from moderation.tables.decisions import Decision

VERDICTS = {status: verdict.value for status, verdict in VERDICT_FOR.items()}


@dataclass(kw_only=True, slots=True)
class ImportedDecision:
    """A decision of another system."""

    comment_id: int
    status: Status  #: which it led to
    at: datetime
    codes: Sequence[str]  #: of its reasons


def store(
    session: Session, site_id: int, decisions: Sequence[ImportedDecision]
) -> None:
    """Store the decisions about new comments of a site."""
    for status in {decision.status for decision in decisions}:
        status_after(None, Source.IMPORT, VERDICT_FOR[status])  # or it is refused
    # One value for all: what is shared is prepared for the database once.
    reasons = {
        codes: [{"code": code} for code in codes]
        for codes in {tuple(decision.codes) for decision in decisions}
    }
    labels: dict[str, Any] = {}
    source = Source.IMPORT.value
    rows = [
        {
            "site_id": site_id,
            "comment_id": decision.comment_id,
            "revision": 1,
            "created_at": decision.at,
            "source": source,
            "verdict": VERDICTS[decision.status],
            "reasons": reasons[tuple(decision.codes)],
            "labels": labels,
        }
        for decision in decisions
    ]
    insert_rows(session.connection(), cast(sa.Table, Decision.__table__), rows)
