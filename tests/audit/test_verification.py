"""Verification: the first fault is found, and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.chain import hash_entry
from moderation.audit.verification import (
    AuditFaultKind,
    AuditHeadValue,
    read_head,
    verify,
)
from moderation.tables.audit import AuditEntry, AuditHead
from tests.audit.rows import fill, renumber, tamper
from tests.builders import AUDIT_KEY, NOW

Change = Callable[[sa.Connection], Any]


def update(sequence: int, **values: Any) -> Change:
    return lambda connection: connection.execute(
        sa.update(AuditEntry).where(AuditEntry.sequence == sequence).values(**values)
    )


def delete(*sequences: int) -> Change:
    return lambda connection: connection.execute(
        sa.delete(AuditEntry).where(AuditEntry.sequence.in_(sequences))
    )


def set_head(sequence: int, digest: str) -> Change:
    return lambda connection: connection.execute(
        sa.update(AuditHead).values(sequence=sequence, hash=digest)
    )


def delete_and_close_the_gap(connection: sa.Connection) -> None:
    delete(3)(connection)
    renumber(connection, [(4, 3), (5, 4), (6, 5)])


def swap(connection: sa.Connection) -> None:
    renumber(connection, [(3, 99), (4, 3), (99, 4)])


def row_of(connection: sa.Connection, sequence: int) -> dict[str, Any]:
    query = sa.select(AuditEntry.__table__).where(AuditEntry.sequence == sequence)
    return dict(connection.execute(query).mappings().one())


def insert_in_the_middle(connection: sa.Connection) -> None:
    """Insert an entry that hangs on the one before it, hashed with another key."""
    renumber(connection, [(6, 7), (5, 6), (4, 5)])
    copy = {**row_of(connection, 3), "sequence": 4, "action": "staff.logged_in"}
    copy["previous_hash"] = row_of(connection, 3)["hash"]
    copy["hash"] = hash_entry(b"another key", copy)
    connection.execute(sa.insert(AuditEntry).values(**copy))


def insert_at_the_end(connection: sa.Connection) -> None:
    copy = {**row_of(connection, 6), "sequence": 7, "action": "staff.logged_in"}
    copy["previous_hash"] = row_of(connection, 6)["hash"]
    copy["hash"] = hash_entry(b"another key", copy)
    connection.execute(sa.insert(AuditEntry).values(**copy))


FAULTS: dict[str, tuple[Change, AuditFaultKind, int]] = {
    "action": (update(3, action="staff.logged_in"), AuditFaultKind.CHANGED, 3),
    "time": (update(3, at=NOW + timedelta(microseconds=1)), AuditFaultKind.CHANGED, 3),
    "actor": (update(3, actor_kind="staff", actor_id=9), AuditFaultKind.CHANGED, 3),
    "actor kind": (update(3, actor_kind="worker"), AuditFaultKind.CHANGED, 3),
    "network": (update(3, network="a" * 64), AuditFaultKind.CHANGED, 3),
    "site": (update(3, site_id=2), AuditFaultKind.CHANGED, 3),
    "target": (update(3, target_kind="rule", target_id=2), AuditFaultKind.CHANGED, 3),
    "details": (update(3, details={"number": 9}), AuditFaultKind.CHANGED, 3),
    "reason": (update(3, reason="another one"), AuditFaultKind.CHANGED, 3),
    "hash": (update(3, hash="a" * 64), AuditFaultKind.CHANGED, 3),
    "previous hash": (update(3, previous_hash="a" * 64), AuditFaultKind.CHANGED, 3),
    "the first": (update(1, reason="another one"), AuditFaultKind.CHANGED, 1),
    "the last": (update(6, reason="another one"), AuditFaultKind.CHANGED, 6),
    "deleted": (delete(3), AuditFaultKind.DELETED, 3),
    "the first deleted": (delete(1, 2), AuditFaultKind.DELETED, 1),
    "deleted, gap closed": (delete_and_close_the_gap, AuditFaultKind.DELETED, 3),
    "the last deleted": (delete(5, 6), AuditFaultKind.TRUNCATED, 5),
    "all deleted": (delete(1, 2, 3, 4, 5, 6), AuditFaultKind.TRUNCATED, 1),
    "reordered": (swap, AuditFaultKind.REORDERED, 3),
    "inserted": (insert_in_the_middle, AuditFaultKind.INSERTED, 4),
    "inserted at the end": (insert_at_the_end, AuditFaultKind.INSERTED, 7),
    "head": (set_head(6, "a" * 64), AuditFaultKind.REPLACED, 6),
    "head behind": (set_head(4, "a" * 64), AuditFaultKind.INSERTED, 5),
    "head ahead": (set_head(9, "a" * 64), AuditFaultKind.TRUNCATED, 7),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(session: Session, name: str) -> None:
    fill(session, 6)
    assert verify(session, AUDIT_KEY).fault is None
    change, kind, sequence = FAULTS[name]
    tamper(session, change)
    fault = verify(session, AUDIT_KEY).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (kind, sequence)


def test_a_sound_log_is_sound(session: Session) -> None:
    empty = verify(session, AUDIT_KEY)
    assert (empty.count, empty.fault) == (0, None)
    fill(session, 3)
    result = verify(session, AUDIT_KEY, [read_head(session)])
    assert (result.count, result.head, result.fault) == (3, read_head(session), None)


def test_another_key_verifies_nothing(session: Session) -> None:
    fill(session, 2)
    fault = verify(session, b"another key").fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (AuditFaultKind.CHANGED, 1)


def test_a_head_from_elsewhere_finds_an_older_state(session: Session) -> None:
    """Entries and head are put back together: the chain itself looks sound."""
    fill(session, 4)
    earlier = read_head(session)
    fill(session, 2)
    kept = [earlier, read_head(session)]

    def restore(connection: sa.Connection) -> None:
        delete(5, 6)(connection)
        set_head(earlier.sequence, earlier.hash)(connection)

    tamper(session, restore)
    assert verify(session, AUDIT_KEY).fault is None
    fault = verify(session, AUDIT_KEY, kept).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (AuditFaultKind.TRUNCATED, 5)


def test_a_head_from_elsewhere_finds_another_chain(session: Session) -> None:
    """A person who also has the key can rewrite the end."""
    fill(session, 4)
    earlier = read_head(session)

    def rewrite(connection: sa.Connection) -> None:
        row = {**row_of(connection, 4), "action": "staff.logged_in"}
        row["hash"] = hash_entry(AUDIT_KEY, row)
        update(4, action=row["action"], hash=row["hash"])(connection)
        set_head(4, row["hash"])(connection)

    tamper(session, rewrite)
    assert verify(session, AUDIT_KEY).fault is None
    heads = [AuditHeadValue(sequence=3, hash="a" * 64), earlier]
    for kept, sequence in ((heads[1:], 4), (heads, 3)):
        fault = verify(session, AUDIT_KEY, kept).fault
        assert fault is not None
        assert (fault.kind, fault.sequence) == (AuditFaultKind.REPLACED, sequence)


def test_a_fork_that_is_sound_by_itself_is_found(session: Session) -> None:
    """An entry made with the key, by a restored copy, in the place of another."""
    fill(session, 4)

    def fork(connection: sa.Connection) -> None:
        row = {**row_of(connection, 3), "reason": "in the copy"}
        row["hash"] = hash_entry(AUDIT_KEY, row)
        update(3, reason=row["reason"], hash=row["hash"])(connection)

    tamper(session, fork)
    fault = verify(session, AUDIT_KEY).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (AuditFaultKind.REPLACED, 4)
