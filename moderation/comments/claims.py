"""The only writer of claims: a moderator's exclusive right, until it expires.

Pending comments and QA samples carry the same three columns, so that one statement
each takes, renews, and releases them. Which rows may be claimed is the caller's
question; see `moderation.review.claims`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.tables.comments import Comment
from moderation.tables.review import QaReview

Claimable = TypeVar("Claimable", Comment, QaReview)
Table = type[Comment] | type[QaReview]
Condition = sa.ColumnElement[bool] | sa.TextClause

#: The columns of a row that no one has claimed.
UNCLAIMED: Mapping[str, None] = {
    "claimed_by": None,
    "claimed_until": None,
    "claimed_at": None,
}
#: The same, of a QA sample that was reviewed: when it was claimed stays on record.
ENDED: Mapping[str, None] = {"claimed_by": None, "claimed_until": None}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The claiming moderator, with the start and the duration."""

    staff_id: int
    now: datetime
    lasts: timedelta

    @property
    def until(self) -> datetime:
        """When it expires."""
        return self.now + self.lasts

    def columns(self) -> dict[str, Any]:
        """Return the columns of a row that is claimed now."""
        return {
            "claimed_by": self.staff_id,
            "claimed_until": self.until,
            "claimed_at": self.now,
        }


def is_unclaimed(table: Table, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that no claim on a row is active."""
    return sa.or_(table.claimed_until.is_(None), table.claimed_until <= now)


def is_held_by(table: Table, staff_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a person's claim on a row is active."""
    return sa.and_(table.claimed_by == staff_id, table.claimed_until > now)


def take(
    session: Session,
    table: type[Claimable],
    claim: Claim,
    *conditions: Condition,
    **values: Any,
) -> Sequence[Claimable]:
    """Claim all rows that meet the conditions, and return them.

    One UPDATE both asks and takes, so that two moderators can't both win.

    Parameters
    ----------
    values
        Further columns to set in the same statement.
    """
    return _update(session, table, conditions, {**claim.columns(), **values})


def take_or_renew(
    session: Session, claim: Claim, *conditions: Condition
) -> Comment | None:
    """Claim a comment, or renew one's own claim; None if the conditions fail.

    A renewed claim keeps its start and the order that it was served in.
    """
    is_own = is_held_by(Comment, claim.staff_id, claim.now)
    values = {
        **claim.columns(),
        "claimed_at": sa.case((is_own, Comment.claimed_at), else_=claim.now),
        "served_in": sa.case((is_own, Comment.served_in), else_=None),
    }
    rows = _update(session, Comment, conditions, values)
    return rows[0] if rows else None


def renew(
    session: Session,
    table: type[Claimable],
    claim: Claim,
    *conditions: Condition,
) -> Sequence[Claimable]:
    """Extend a person's active claims that meet the conditions; return the rows."""
    is_own = is_held_by(table, claim.staff_id, claim.now)
    values = {"claimed_until": claim.until}
    return _update(session, table, (is_own, *conditions), values)


def release(
    session: Session,
    table: Table,
    staff_id: int,
    *conditions: Condition,
) -> None:
    """End a person's claims that meet the conditions."""
    session.execute(
        sa.update(table)
        .where(table.claimed_by == staff_id, *conditions)
        .values(UNCLAIMED)
        .execution_options(synchronize_session=False)
    )


def clear(row: Comment | QaReview) -> None:
    """End any claim on a loaded row."""
    _set(row, UNCLAIMED)


def claim_row(row: Comment | QaReview, claim: Claim) -> None:
    """Claim a loaded row that the caller has locked."""
    _set(row, claim.columns())


def renew_row(row: Comment | QaReview, claim: Claim) -> None:
    """Extend the claim on a loaded row that the person holds."""
    row.claimed_until = claim.until


def _set(row: Comment | QaReview, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def _update(
    session: Session,
    table: type[Claimable],
    conditions: Sequence[Condition],
    values: Mapping[str, Any],
) -> Sequence[Claimable]:
    return session.scalars(
        sa.update(table)
        .where(*conditions)
        .values(values)
        .returning(table)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).all()
