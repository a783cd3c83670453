"""What `/readyz` finds missing: disk, keys, a worker, receivers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.monitoring import readiness
from moderation.tables.webhooks import Delivery
from moderation.web.services import services_of
from moderation.worker import loops, maintenance
from tests.builders import ENVIRONMENT, Newsroom
from tests.refusals import on_sqlite

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
OTHER_KEY = "k2:" + "A" * 43 + "="


def test_a_worker_is_missed_after_a_minute(app: Flask, session: Session) -> None:
    assert readiness.check_worker(session, NOW) == "has never run"
    session.rollback()  # it would go on seeing that
    sessions = sessionmaker(db.engine)
    maintenance.beat(sessions, NOW - timedelta(hours=1))
    maintenance.beat(sessions, NOW)
    for seconds, expected in ((0, "ok"), (60, "ok"), (61, "no heartbeat for 61 s")):
        later = NOW + timedelta(seconds=seconds)
        assert readiness.check_worker(session, later) == expected


def test_a_running_worker_beats_before_it_is_missed(app: Flask) -> None:
    table = loops.table(services_of(app), sessionmaker(db.engine), {})
    (beat,) = (loop for loop in table if loop.name == "heartbeat")
    assert timedelta(seconds=4 * beat.interval_seconds) <= readiness.MAX_SILENCE
    beat.step()
    assert readiness.check_worker(db.session(), datetime.now(UTC)) == "ok"


@on_sqlite
def test_too_little_disk_is_not_ready(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert readiness.check_disk(session) == "ok"
    monkeypatch.setattr(readiness, "MIN_FREE_BYTES", 2**60)  # more than any disk
    assert readiness.check_disk(session).endswith(f"{2**40} needed")


def test_addresses_without_their_key_are_not_ready(
    newsroom: Newsroom, make_app: Callable[..., Flask]
) -> None:
    newsroom.send()
    both = make_app(
        MODERATION_EMAIL_KEYS=f"{OTHER_KEY},{ENVIRONMENT['MODERATION_EMAIL_KEYS']}"
    )
    assert both.test_client().get("/readyz").json["email_keys"] == "ok"  # type: ignore[index]
    other = make_app(MODERATION_EMAIL_KEYS=OTHER_KEY).test_client().get("/readyz")
    assert other.status_code == 503
    assert other.json is not None
    assert "MODERATION_EMAIL_KEYS" in other.json["email_keys"]


def test_old_deliveries_are_a_backlog(
    newsroom: Newsroom, client: FlaskClient, session: Session
) -> None:
    now = datetime.now(UTC)
    newsroom.as_staff(Role.ADMIN).post(
        "/api/v1/sites/gazette/webhooks",
        {"url": "https://example.com/hook", "types": ["comment.approved"]},
    )
    newsroom.send()
    assert readiness.check_webhooks(session, now) == "ok"
    start_writing(session)
    long_ago = now - 2 * readiness.MAX_BACKLOG_AGE
    session.execute(sa.update(Delivery).values(due_at=long_ago))
    session.commit()
    assert readiness.check_webhooks(session, now).startswith("1 events have been due")
    answer = client.get("/readyz")
    assert answer.status_code == 503
