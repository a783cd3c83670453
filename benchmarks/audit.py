"""Measure what the audit log costs, and how fast it is verified.

``python -m benchmarks.audit [--database URL] [--entries N]``: a database that may be
emptied (an embedded one if left out). Each figure is compared with its limit or with
the same work without the log, measured in the same run.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import create_app, migration
from moderation.accounts import staff
from moderation.audit import actors, log
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.chain import GENESIS, hash_entry
from moderation.audit.listing import AuditFilters, list_entries
from moderation.audit.verification import verify
from moderation.database import Table, db, start_writing
from moderation.tables.accounts import StaffToken
from moderation.tables.audit import AuditEntry, AuditHead
from tests.builders import AUDIT_KEY, ENVIRONMENT, PASSWORD, Newsroom, open_newsroom

ENTRIES = 1_000_000
BATCH_SIZE = 10_000
ROUNDS = 200
LOGINS = 30
RECORD_LIMIT_MS = 1.0
PAGE = 51  # entries, as the API asks for a page of 50


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="its address; everything in it is removed")
    parser.add_argument("--entries", type=int, default=ENTRIES)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder)}/audit.sqlite"
        app = create_app({**ENVIRONMENT, "DATABASE_URL": url}, instance=Path(folder))
        app.logger.disabled = True
        with app.app_context():
            with db.engine.begin() as connection:
                empty(connection)
            migration.migrate()
            newsroom = open_newsroom(app, "gazette")
            print(f"{db.engine.dialect.name}, medians")
            measure_record(db.session())
            measure_login(newsroom)
            fill(db.session(), given.entries)
            measure_verification(db.session(), given.entries)
            measure_page(db.session(), newsroom)


def empty(connection: sa.Connection) -> None:
    """Remove all tables, and the triggers that would refuse it."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    else:
        Table.metadata.drop_all(connection)


def timed(work: Callable[[], Any]) -> float:
    """Return how long some work takes, milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def measure_record(session: Session) -> None:
    """Print what one entry adds to a transaction that writes a row."""

    def write(is_recorded: bool) -> None:
        start_writing(session)
        session.execute(sa.update(StaffToken).values(revoked_at=None))
        if is_recorded:
            target = (TargetKind.RULE, 1)
            log.record(session, AuditAction.RULE_CHANGED, target=target, version=1)
        session.commit()

    pairs = [
        (timed(lambda: write(False)), timed(lambda: write(True))) for _ in range(ROUNDS)
    ]
    without, recorded = (statistics.median(side) for side in zip(*pairs, strict=True))
    calls = []
    for _ in range(ROUNDS):
        start_writing(session)
        calls.append(timed(lambda: log.record(session, AuditAction.LOGGED_OUT)))
        session.rollback()
    call = statistics.median(calls)
    print(f"  transaction without an entry  {without:8.2f} ms")
    print(f"  transaction with an entry     {recorded:8.2f} ms")
    print(f"  the difference                {recorded - without:8.2f} ms", end="")
    print(f"   limit {RECORD_LIMIT_MS:.2f} ms")
    print(f"  record() by itself            {call:8.3f} ms")


def skip(*_: object, **__: object) -> None:
    """Record nothing."""


def measure_login(newsroom: Newsroom) -> None:
    """Print what a log-in takes with its entry, and without."""
    client = newsroom.app.test_client()
    body = {"login": "gazette-admin", "password": PASSWORD}

    def log_in() -> None:
        db.session.remove()
        assert client.post("/api/v1/session", json=body).status_code == 201

    record = vars(staff)["record"]
    took: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * LOGINS):
        is_recorded = bool(number % 2)
        vars(staff)["record"] = record if is_recorded else skip
        took[is_recorded].append(timed(log_in))
    vars(staff)["record"] = record
    print(f"  log-in without an entry       {statistics.median(took[False]):8.1f} ms")
    print(f"  log-in with an entry          {statistics.median(took[True]):8.1f} ms")


def fill(session: Session, count: int) -> None:
    """Add entries in bulk, chained as `audit.log` chains them."""
    start_writing(session)
    head = session.execute(sa.select(AuditHead.sequence, AuditHead.hash)).one()
    session.rollback()
    sequence, previous = head.sequence, head.hash or GENESIS
    now, left = datetime.now(UTC), count - sequence
    while left > 0:
        rows = []
        for _ in range(min(left, BATCH_SIZE)):
            sequence += 1
            row = {
                "sequence": sequence,
                "at": now,
                "action": AuditAction.LOGGED_IN.value,
                "actor_kind": actors.ActorKind.STAFF.value,
                "actor_id": sequence % 1000 + 1000,
                "network": "ab" * 32,
                "site_id": sequence % 100 + 1000,
                "target_kind": TargetKind.STAFF.value,
                "target_id": sequence % 1000 + 1000,
                "details": {"version": sequence},
                "reason": None,
                "previous_hash": previous,
            }
            row["hash"] = previous = hash_entry(AUDIT_KEY, row)
            rows.append(row)
        left -= len(rows)
        start_writing(session)
        session.execute(sa.insert(AuditEntry), rows)
        session.execute(sa.update(AuditHead).values(sequence=sequence, hash=previous))
        session.commit()


def measure_verification(session: Session, count: int) -> None:
    """Print the pace of `verify`, and how much memory it adds."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = timed(lambda: verify(session, AUDIT_KEY)) / 1000
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  verify {count:,} entries    {seconds:8.1f} s ", end="")
    print(f"  {count / seconds:,.0f} a second, +{(after - before) / 1024:.0f} MB")
    session.rollback()


def measure_page(session: Session, newsroom: Newsroom) -> None:
    """Print what the newest page takes: of everything, and of one small site."""
    for name, site_ids in each_view(newsroom):
        arguments: dict[str, Any] = {"site_ids": site_ids, "before": None}
        read = partial(list_entries, session, AuditFilters(), limit=PAGE, **arguments)
        took = [timed(read) for _ in range(5)]
        print(f"  page of {name:<22}{statistics.median(took):8.1f} ms")


def each_view(newsroom: Newsroom) -> Iterator[tuple[str, list[int] | None]]:
    """Yield what is listed: by the command, and for the admin of one site."""
    yield "all entries", None
    yield "a small old site", [newsroom.site_id]


if __name__ == "__main__":
    main()
