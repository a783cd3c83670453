"""Rate limits, in the database, in memory, and in a real Redis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from moderation.database import db, start_writing
from moderation.errors import TooManyRequests
from moderation.tables.limits import RateCount
from moderation.web.counters import (
    DatabaseCounters,
    delete_expired,
    seconds_until_free,
)
from moderation.web.limiter import APART_SECONDS, Limiter
from moderation.web.limits import allow
from moderation.web.services import services_of
from tests.builders import open_newsroom, speak
from tests.refusals import on_sqlite


@pytest.fixture(params=["database", "memory", "redis"])
def storage(request: pytest.FixtureRequest) -> str:
    """All kinds of counters."""
    if request.param == "redis":
        return str(request.getfixturevalue("redis_url"))
    return f"{request.param}://"


@pytest.fixture
def limited_app(
    make_app: Callable[..., Flask], storage: str, tmp_path: Path
) -> Iterator[Flask]:
    """The service with these counters."""
    app = make_app(MODERATION_RATE_LIMIT_STORAGE=storage)
    with app.app_context():
        yield app


def test_the_try_over_the_limit_is_refused(limited_app: Flask, tmp_path: Path) -> None:
    who = str(tmp_path)  # no one else counts under this name
    for _ in range(3):
        allow("3 per minute", who)
    with pytest.raises(TooManyRequests):
        allow("3 per minute", who)


def test_each_one_is_counted_by_itself(limited_app: Flask, tmp_path: Path) -> None:
    allow("1 per minute", "ada", str(tmp_path))
    allow("1 per minute", "bob", str(tmp_path))


@pytest.mark.parametrize("kind", ["database", "redis"])
def test_processes_share_the_counters(
    make_app: Callable[..., Flask],
    kind: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    storage = "database://"
    if kind == "redis":
        storage = str(request.getfixturevalue("redis_url"))
    first = make_app(MODERATION_RATE_LIMIT_STORAGE=storage)
    second = make_app(MODERATION_RATE_LIMIT_STORAGE=storage)
    with first.app_context():
        allow("1 per minute", str(tmp_path))
    with second.app_context(), pytest.raises(TooManyRequests):
        allow("1 per minute", str(tmp_path))


def test_the_database_is_the_default(app: Flask) -> None:
    allow("1 per minute", "192.0.2.7")
    (row,) = db.session().scalars(sa.select(RateCount)).all()
    assert row.hit_count == 1
    assert re.fullmatch("[0-9a-f]{64}", row.key_hash)


class Clock:
    """Tells the time that a test has set."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counters(app: Flask, clock: Clock) -> DatabaseCounters:
    return DatabaseCounters(b"k" * 32, lambda: db.engine, clock)


def hit(counters: DatabaseCounters, limit: int = 10, expiry: int = 60) -> bool:
    return counters.acquire_sliding_window_entry("LIMIT/ada", limit, expiry)


@pytest.mark.parametrize("start", [0, 1, 29.5, 59])
@pytest.mark.parametrize("later", [0, 7, 45, 61, 100])
def test_a_refusal_ends_after_the_seconds_that_it_names(
    counters: DatabaseCounters, clock: Clock, start: float, later: float
) -> None:
    clock.seconds += start
    for _ in range(7):
        assert hit(counters)
    clock.seconds += later
    while hit(counters):
        pass
    window = counters.get_sliding_window("LIMIT/ada", 60)
    seconds = seconds_until_free(10, 60, window)
    assert 0 <= seconds <= 120
    refused_at = clock.seconds
    if seconds > 0.01:
        clock.seconds = refused_at + seconds - 0.01
        assert not hit(counters)
    clock.seconds = refused_at + seconds + 0.01
    assert hit(counters)


def test_the_previous_window_counts_by_its_rest(
    counters: DatabaseCounters, clock: Clock
) -> None:
    for _ in range(10):
        assert hit(counters)
    assert not hit(counters)
    clock.seconds += 60 + 30  # half of the ten count
    assert [hit(counters) for _ in range(6)] == [True] * 5 + [False]


def test_a_large_limit_is_written_in_portions(
    counters: DatabaseCounters, clock: Clock
) -> None:
    assert hit(counters, 1000)
    window = counters.get_sliding_window("LIMIT/ada", 60)
    assert window[2] == 10
    assert [hit(counters, 1000) for _ in range(1000)].count(True) == 999
    clock.seconds += 120
    assert hit(counters, 1000)


def test_processes_together_get_no_more_than_the_limit(
    app: Flask, clock: Clock
) -> None:
    several = [DatabaseCounters(b"k" * 32, lambda: db.engine, clock) for _ in range(3)]
    passed = sum(hit(one, 300) for _ in range(150) for one in several)
    assert passed == 300


def test_expired_counts_are_deleted(counters: DatabaseCounters, clock: Clock) -> None:
    hit(counters)
    session, now = db.session(), datetime.fromtimestamp(clock.seconds, UTC)
    for minutes, left in [(1, 1), (2, 0)]:
        start_writing(session)
        delete_expired(session, now + timedelta(minutes=minutes))
        session.commit()
        assert len(session.scalars(sa.select(RateCount)).all()) == left


def test_a_counter_can_be_forgotten(counters: DatabaseCounters) -> None:
    while hit(counters):
        pass
    counters.clear_sliding_window("LIMIT/ada", 60)
    assert hit(counters)
    assert counters.reset() == 1
    assert counters.check()


def test_a_failing_counter_refuses_nobody(
    app: Flask, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = Limiter(DatabaseCounters(b"k" * 32, lambda: db.engine), clock)
    with db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE rate_counts RENAME TO away"))
    assert [limiter.hit("2 per year", "ada") for _ in range(2)] == [None, None]
    assert limiter.hit("2 per year", "ada")  # it is counted in memory
    (record,) = caplog.records
    assert record.getMessage().startswith("rate limits are counted in memory: ")
    with db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO rate_counts"))
    clock.seconds += APART_SECONDS
    assert limiter.hit("2 per year", "ada") is None


def test_a_locked_counter_refuses_nobody(app: Flask) -> None:
    limiter = services_of(app).limiter
    assert limiter.hit("5 per year", "ada") is None
    with db.engine.connect().execution_options(writes=True) as connection:
        connection.execute(sa.update(RateCount).values(hit_count=4))
        assert limiter.hit("5 per year", "ada") is None
    with db.engine.connect() as connection:
        assert connection.scalar(sa.select(RateCount.hit_count)) == 1


@on_sqlite
def test_a_redis_that_is_away_refuses_nobody(make_app: Callable[..., Flask]) -> None:
    app = make_app(MODERATION_RATE_LIMIT_STORAGE="redis://127.0.0.1:1")
    with app.app_context():
        allow("1 per year", "ada")
        with pytest.raises(TooManyRequests):
            allow("1 per year", "ada")


@pytest.mark.parametrize("path", ["/v1/moderations", "/v1alpha1/comments:analyze"])
def test_a_refusal_names_the_seconds_in_each_protocol(
    make_app: Callable[..., Flask], path: str
) -> None:
    app = make_app(MODERATION_COMPAT_LIMIT="1 per year")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        speak(newsroom)
    for _ in range(2):
        answer = app.test_client().post(
            f"{path}?key={newsroom.key}",
            json={
                "input": "Fine.",
                "comment": {"text": "Fine."},
                "requestedAttributes": {"TOXICITY": {}},
            },
            headers={"Authorization": f"Bearer {newsroom.key}"},
        )
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 60  # which is no constant
