"""Work that every worker has a loop for is done once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation.database import db, start_writing
from moderation.jobs import LeaseLost
from moderation.monitoring import drift
from moderation.monitoring.drift import Drift, DriftKind
from moderation.tables.monitoring import Alarm
from moderation.worker.turns import TURN_LASTS, WorkTurn
from tests.builders import NOW, Newsroom

FOUND = Drift(
    kind=DriftKind.LANGUAGES, subject="de", chance=0.0, shift=0.4, before=0.1, after=0.5
)


def test_one_worker_has_the_turn_until_it_ends_it(app: Flask) -> None:
    sessions = sessionmaker(db.engine)
    first, second = WorkTurn(sessions, "work"), WorkTurn(sessions, "work")
    assert first.take()
    assert not second.take()
    assert WorkTurn(sessions, "other work").take()
    second.end()  # it doesn't have the turn
    assert not second.take()
    first.renew()
    first.end()
    assert second.take()


def test_a_killed_worker_s_turn_expires(app: Flask) -> None:
    sessions = sessionmaker(db.engine)
    killed, other = WorkTurn(sessions, "work"), WorkTurn(sessions, "work")
    assert killed.take(NOW)
    assert not other.take(NOW + TURN_LASTS)
    assert other.take(NOW + TURN_LASTS + timedelta(seconds=1))
    with pytest.raises(LeaseLost):
        killed.renew(NOW + TURN_LASTS + timedelta(seconds=2))
    killed.end()
    other.renew(NOW + TURN_LASTS + timedelta(seconds=3))


def test_workers_that_find_the_same_drift_raise_one_alert(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    sessions, now, counts = sessionmaker(db.engine), datetime.now(UTC), []

    def raise_it() -> None:
        with sessions() as one:
            start_writing(one)
            counts.append(drift.raise_alarms(one, newsroom.site_id, [FOUND], now))
            one.commit()

    other = threading.Thread(target=raise_it)
    with sessions() as one:
        start_writing(one)
        counts.append(drift.raise_alarms(one, newsroom.site_id, [FOUND], now))
        other.start()
        other.join(0.2)  # it waits for this commit
        one.commit()
    other.join()
    assert sorted(counts) == [0, 1]
    assert session.scalar(sa.select(sa.func.count(Alarm.id))) == 1
