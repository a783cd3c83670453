"""Counters that several processes share: none is lost, and one try is one try."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.tables.accounts import FailedAttempts
from tests.builders import Caller, open_newsroom
from tests.concurrency.test_concurrency import answer_of, at_once, start, tell

PROCESSES = 3
HITS = 50  # of each process, for each limit
FAILURES = 40
AT_ONCE = 8

# One process of several: hits two limits, and records failures, in short transactions.
COUNTER = """
import json, sys
from datetime import UTC, datetime, timedelta
from moderation import create_app
from moderation.accounts import failed_attempts
from moderation.accounts.failed_attempts import FailureCounter, Tolerance
from moderation.database import db, start_writing
from moderation.web.counters import DatabaseCounters
given = json.loads(sys.stdin.readline())
app = create_app(given["environment"])
YEAR = timedelta(days=365)
TOLERANCE = Tolerance(
    free_count=10**6, first_delay=YEAR, max_delay=YEAR, forget_after=YEAR
)
FAILING = [FailureCounter(key_hash=key * 64, tolerance=TOLERANCE) for key in "ba"]

def count(counters, limit):
    key, seconds = f"LIMIT/{limit}", 10 * int(YEAR.total_seconds())
    return sum(
        counters.acquire_sliding_window_entry(key, limit, seconds)
        for _ in range(given["hits"])
    )

print("ready", flush=True)
sys.stdin.readline()
with app.app_context():
    counters = DatabaseCounters(b"k" * 32, lambda: db.engine, wait_seconds=60)
    passed = {limit: count(counters, limit) for limit in given["limits"]}
    session = db.session()
    for _ in range(given["failures"]):
        start_writing(session)
        failed_attempts.record_failure(session, FAILING, datetime.now(UTC))
        session.commit()
print(json.dumps(passed), flush=True)
"""


def test_several_processes_lose_no_count(
    app: Flask, session: Session, environment: dict[str, str]
) -> None:
    few, many = 60, 1000  # one by one; in portions
    given = {
        "environment": environment,
        "hits": HITS,
        "failures": FAILURES,
        "limits": [few, many],
    }
    processes = [start(COUNTER) for _ in range(PROCESSES)]
    for process in processes:
        tell(process, json.dumps(given))
    assert [answer_of(process) for process in processes] == ["ready"] * PROCESSES
    for process in processes:
        tell(process, "go")
    passed: Counter[str] = Counter()
    for process in processes:
        passed.update(json.loads(process.communicate()[0]))
        assert process.returncode == 0
    assert passed == {str(few): few, str(many): PROCESSES * HITS}
    counts = session.scalars(sa.select(FailedAttempts.failure_count)).all()
    assert counts == [PROCESSES * FAILURES] * 2


def test_of_many_tries_at_the_same_moment_one_is_looked_at(
    make_app: Callable[..., Flask], session: Session
) -> None:
    app = make_app(MODERATION_LOGIN_LIMIT="3 per minute")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
    body = {"login": "gazette-lead", "password": "wrong"}
    caller = Caller(app.test_client(), "")
    for _ in range(3):
        assert caller.post("/api/v1/session", body).status_code == 401
    for row in session.scalars(sa.select(FailedAttempts)):
        row.blocked_until -= timedelta(minutes=1)
    session.commit()
    calls = [
        lambda: Caller(newsroom.app.test_client(), "").post("/api/v1/session", body)
    ] * AT_ONCE
    codes = Counter(answer.status_code for answer in at_once(app, calls))
    assert codes == {401: 1, 429: AT_ONCE - 1}
