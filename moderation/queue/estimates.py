"""Count the rows that a statement finds, up to a limit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session


def has_at_most(session: Session, ids: sa.Select[Any], most: int) -> bool:
    """Return whether a statement finds at most `most` rows."""
    return count_up_to(session, ids, most + 1) <= most


def count_up_to(session: Session, ids: sa.Select[Any], most: int) -> int:
    """Count the rows of a statement, up to `most`."""
    rows = ids.limit(most).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0
