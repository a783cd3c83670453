"""Reads the audit log, and does to it what only a database administrator can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction
from moderation.audit.log import record
from moderation.database import start_writing
from moderation.tables.audit import AuditEntry


def entries(session: Session, *actions: AuditAction) -> Sequence[AuditEntry]:
    """Return all entries, or those of some actions, oldest first."""
    query = sa.select(AuditEntry).order_by(AuditEntry.sequence)
    if actions:
        query = query.where(AuditEntry.action.in_(actions))
    session.rollback()
    return session.scalars(query).all()


def fill(session: Session, count: int) -> None:
    """Record entries, one in each transaction."""
    for number in range(count):
        start_writing(session)
        record(session, AuditAction.SHADOW_STOPPED, site_id=1, number=number)
        session.commit()


def tamper(session: Session, change: Callable[[sa.Connection], Any]) -> None:
    """Change the log without its triggers, as the owner of the database can."""
    session.rollback()
    start_writing(session)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        triggers = connection.execute(
            sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        ).all()
        ours = [(name, sql) for name, sql in triggers if name.startswith("audit_")]
        for name, _ in ours:
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        change(connection)
        for _, sql in ours:
            connection.execute(sa.text(sql))
    else:
        connection.execute(sa.text("SET session_replication_role = replica"))
        change(connection)
        connection.execute(sa.text("SET session_replication_role = DEFAULT"))
    session.commit()


def renumber(connection: sa.Connection, numbers: Sequence[tuple[int, int]]) -> None:
    """Give entries other sequence numbers, in the order given."""
    for former, number in numbers:
        connection.execute(
            sa.update(AuditEntry)
            .where(AuditEntry.sequence == former)
            .values(sequence=number)
        )
