"""Decisions that were taken in another system, stored with the comments they are about.

They go in with their comments, never for one that is here already, and without events:
nothing happens now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.status_changes import VERDICT_FOR, status_after
from moderation.policy.verdicts import Source, Status
from moderation.tables.decisions import Decision


@dataclass(frozen=True, kw_only=True)
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
    rows = [_columns(site_id, decision) for decision in decisions]
    if rows:
        session.connection().execute(sa.insert(Decision), rows)


def _columns(site_id: int, decision: ImportedDecision) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "comment_id": decision.comment_id,
        "revision": 1,
        "created_at": decision.at,
        "source": Source.IMPORT.value,
        "verdict": VERDICT_FOR[decision.status].value,
        "reasons": [{"code": code} for code in decision.codes],
        "labels": {},
    }
