"""The audit log: entries that are only ever added, and the head of their chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table


class AuditEntry(Table):
    """One act: its actor, time, origin, target, and reason.

    No column refers to another table: an entry outlives what it is about. Triggers of
    the database refuse to change or delete a row.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_site", "site_id", "sequence"),
        sa.Index("ix_audit_entries_actor", "actor_kind", "actor_id", "sequence"),
        sa.Index("ix_audit_entries_target", "target_kind", "target_id", "sequence"),
        sa.Index("ix_audit_entries_action", "action", "sequence"),
        sa.Index("ix_audit_entries_at", "at"),
    )

    #: 1, 2, 3, … without gaps
    sequence: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(sa.String(63))
    actor_kind: Mapped[str] = mapped_column(sa.String(15))
    #: of a member of staff or a site key; on the command line, the user id of the
    #: operating system
    actor_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    #: a keyed hash of the network that the request came from
    network: Mapped[str | None] = mapped_column(sa.String(64))
    site_id: Mapped[int | None]
    target_kind: Mapped[str | None] = mapped_column(sa.String(31))
    target_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    #: ids, counts, names of fields, values of enumerations; no personal data
    details: Mapped[dict[str, Any]]
    #: as the actor wrote it, without email addresses
    reason: Mapped[str | None] = mapped_column(sa.Text())
    #: of the entry before; 64 zeros before the first one
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    #: HMAC-SHA-256 of all other columns
    hash: Mapped[str] = mapped_column(sa.String(64))


class AuditHead(Table):
    """The newest entry of the chain: one row, locked by each writer."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(sa.BigInteger())
    hash: Mapped[str] = mapped_column(sa.String(64))
