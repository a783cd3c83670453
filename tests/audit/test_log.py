"""Recording: in the transaction of the change, by a known actor, without clear data."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from moderation.audit import actors
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.actors import Actor, ActorKind, UnknownActor
from moderation.audit.log import MAX_TEXT_LENGTH, record
from moderation.audit.verification import read_head, verify
from moderation.database import db, start_writing
from moderation.tables.audit import AuditEntry
from tests.audit.rows import entries, fill
from tests.builders import AUDIT_KEY

ACTION = AuditAction.SHADOW_STOPPED
ADA = Actor(kind=ActorKind.STAFF, id=7, network="ab" * 32)


def test_an_entry_says_who_did_what_to_what_where_and_why(session: Session) -> None:
    start_writing(session)
    actors.act_as(session, ADA, AUDIT_KEY)
    target = (TargetKind.RULE, 5)
    record(session, ACTION, target=target, site_id=3, reason="A trial.", version=2)
    session.commit()
    (entry,) = entries(session)
    assert (entry.sequence, entry.action, entry.site_id) == (1, "shadow.stopped", 3)
    assert (entry.actor_kind, entry.actor_id) == ("staff", 7)
    assert entry.network == "ab" * 32
    assert (entry.target_kind, entry.target_id) == ("rule", 5)
    assert (entry.details, entry.reason) == ({"version": 2}, "A trial.")
    assert entry.previous_hash == "0" * 64


def test_entries_hang_on_each_other_and_the_head_is_the_newest(
    session: Session,
) -> None:
    start_writing(session)
    record(session, ACTION)
    record(session, ACTION)
    session.commit()
    fill(session, 1)
    first, second, third = entries(session)
    assert [first.sequence, second.sequence, third.sequence] == [1, 2, 3]
    assert second.previous_hash == first.hash
    assert third.previous_hash == second.hash
    head = read_head(session)
    assert (head.sequence, head.hash) == (3, third.hash)


def test_nothing_is_recorded_where_nothing_is_committed(session: Session) -> None:
    start_writing(session)
    record(session, ACTION)
    session.rollback()
    start_writing(session)
    record(session, ACTION)
    session.close()
    fill(session, 1)
    assert len(entries(session)) == 1


def test_a_savepoint_that_is_rolled_back_takes_its_entries_along(
    session: Session,
) -> None:
    start_writing(session)
    record(session, ACTION, number=1)
    outer = session.begin_nested()
    record(session, ACTION, number=2)
    with session.begin_nested():
        record(session, ACTION, number=3)
    outer.rollback()
    with session.begin_nested():
        record(session, ACTION, number=4)
    session.commit()
    assert [entry.details["number"] for entry in entries(session)] == [1, 4]
    assert verify(session, AUDIT_KEY).fault is None


def test_only_rolled_back_entries_leave_the_head_alone(session: Session) -> None:
    start_writing(session)
    savepoint = session.begin_nested()
    record(session, ACTION)
    savepoint.rollback()
    session.commit()
    assert entries(session) == []


def test_an_actor_is_needed(app: Flask) -> None:
    with app.test_request_context(), sessionmaker(db.engine)() as session:
        start_writing(session)
        with pytest.raises(UnknownActor):
            record(session, ACTION)


def test_a_transaction_that_writes_is_needed(session: Session) -> None:
    with pytest.raises(RuntimeError, match="writes"):
        record(session, ACTION)


def test_a_failing_entry_fails_what_it_belongs_to(session: Session) -> None:
    start_writing(session)
    session.execute(sa.text("UPDATE sites SET rules_version = 1"))
    record(session, ACTION, number=float("nan"))  # type: ignore[arg-type]  # no JSON
    with pytest.raises(ValueError, match="JSON"):
        session.commit()
    session.rollback()
    fill(session, 1)
    assert len(entries(session)) == 1


def test_texts_are_masked_and_cut(session: Session) -> None:
    start_writing(session)
    reason = "asked by ada@mail.example\0 " + "x" * 600
    record(session, ACTION, reason=reason, names=["eve@mail.example", "\ud800"])
    session.commit()
    (entry,) = entries(session)
    assert entry.reason is not None
    assert entry.reason.startswith("asked by [e-mail]")
    assert len(entry.reason) == MAX_TEXT_LENGTH
    assert entry.details == {"names": ["[e-mail]", "?"]}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'x'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_refuses_to_change_or_delete(
    session: Session, statement: str
) -> None:
    fill(session, 2)
    start_writing(session)
    with pytest.raises(DBAPIError, match="only ever added"):
        session.execute(sa.text(statement))
    session.rollback()
    assert verify(session, AUDIT_KEY).count == 2


def test_threads_make_one_chain(app: Flask, session: Session) -> None:
    sessions = sessionmaker(db.engine, info=actors.identify(ADA, AUDIT_KEY))
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        for _ in range(10):
            with sessions() as own:
                fill(own, 1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = verify(session, AUDIT_KEY)
    assert (result.count, result.fault) == (60, None)
    assert session.scalar(sa.select(sa.func.max(AuditEntry.sequence))) == 60
