"""Lists entries by filters, newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.actors import ActorKind
from moderation.tables.accounts import Membership, Staff
from moderation.tables.audit import AuditEntry


@dataclass(frozen=True, kw_only=True)
class AuditFilters:
    """Filters of listed entries; None: all."""

    site_id: int | None = None
    action: AuditAction | None = None
    actor_kind: ActorKind | None = None
    actor_id: int | None = None
    target_kind: TargetKind | None = None
    target_id: int | None = None
    reason: str | None = None  #: is part of the reason, in any case
    since: datetime | None = None  #: inclusive
    until: datetime | None = None  #: exclusive


def list_entries(
    session: Session,
    filters: AuditFilters,
    *,
    site_ids: Collection[int] | None,
    before: int | None,
    limit: int,
) -> Sequence[AuditEntry]:
    """Return up to `limit` entries, newest first.

    Parameters
    ----------
    site_ids
        Only entries of these sites, and entries of no site whose actor or target works
        at one of them. None: all entries.
    before
        Sequence number that the page before ended with.
    """
    query = sa.select(AuditEntry).where(*_conditions(filters))
    if site_ids is not None:
        query = query.where(_is_of_sites(site_ids))
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    return session.scalars(
        query.order_by(AuditEntry.sequence.desc()).limit(limit)
    ).all()


def _conditions(filters: AuditFilters) -> list[sa.ColumnElement[bool]]:
    equal = {
        AuditEntry.site_id: filters.site_id,
        AuditEntry.action: filters.action,
        AuditEntry.actor_kind: filters.actor_kind,
        AuditEntry.actor_id: filters.actor_id,
        AuditEntry.target_kind: filters.target_kind,
        AuditEntry.target_id: filters.target_id,
    }
    conditions: list[sa.ColumnElement[bool]] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if filters.reason is not None:
        conditions.append(AuditEntry.reason.icontains(filters.reason, autoescape=True))
    if filters.since is not None:
        conditions.append(AuditEntry.at >= filters.since)
    if filters.until is not None:
        conditions.append(AuditEntry.at < filters.until)
    return conditions


def _is_of_sites(site_ids: Collection[int]) -> sa.ColumnElement[bool]:
    colleagues = sa.select(Membership.staff_id).where(Membership.site_id.in_(site_ids))
    is_colleague = sa.or_(
        sa.and_(
            AuditEntry.actor_kind == ActorKind.STAFF.value,
            AuditEntry.actor_id.in_(colleagues),
        ),
        sa.and_(
            AuditEntry.target_kind == TargetKind.STAFF.value,
            AuditEntry.target_id.in_(colleagues),
        ),
    )
    return sa.or_(
        AuditEntry.site_id.in_(site_ids),
        sa.and_(AuditEntry.site_id.is_(None), is_colleague),
    )


def find_usernames(session: Session, entries: Collection[AuditEntry]) -> dict[int, str]:
    """Return the usernames of the staff in entries, by id."""
    ids = {
        staff_id
        for entry in entries
        for kind, staff_id in (
            (entry.actor_kind, entry.actor_id),
            (entry.target_kind, entry.target_id),
        )
        if kind == ActorKind.STAFF.value and staff_id is not None
    }
    rows = session.execute(sa.select(Staff.id, Staff.login).where(Staff.id.in_(ids)))
    return dict(rows.all())


def find_staff_id(session: Session, username: str) -> int | None:
    """Return the id of a person by username, or None."""
    return session.scalar(sa.select(Staff.id).where(Staff.login == username))
