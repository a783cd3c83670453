"""Beside a worker's jobs: silent models score what comes in, drift is looked for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from moderation.database import start_writing
from moderation.models.serving import Scoring
from moderation.monitoring import drift, shadow
from moderation.worker import rescorer

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0  # how soon a silent model scores what came in
WATCH_EVERY = timedelta(days=1)

Sessions = Callable[[], Session]


def score_silently(sessions: Sessions, scoring: Scoring) -> int:
    """Let each site's silent model score what it has not; return how many texts."""
    with sessions() as session:
        wanted = shadow.orders(session)
    count = 0
    for each in wanted:
        with sessions() as session:
            scorer = scoring.scorer_of(session, each.model_id)
        if scorer is not None:
            now = datetime.now(UTC)
            count += rescorer.carry_out(sessions, scoring, each, scorer, quiet, now)
    return count


def watch(sessions: Sessions, now: datetime) -> int:
    """Look for drift at each site; return how many alarms were raised."""
    with sessions() as session:
        site_ids = drift.watched_sites(session)
    count = 0
    for site_id in site_ids:
        with sessions() as session:
            found = drift.find(session, site_id, now)
        if found:
            with sessions() as session:
                start_writing(session)
                count += drift.raise_alarms(session, site_id, found, now)
                session.commit()
    return count


def quiet(share: float, note: str | None = None, /) -> None:
    """Take note of nothing."""


def run(sessions: Sessions, stopped: threading.Event, scoring: Scoring) -> None:
    """Observe until the event is set."""
    watched_at = datetime.min.replace(tzinfo=UTC)
    while not stopped.wait(LOOK_SECONDS):
        try:
            score_silently(sessions, scoring)
            now = datetime.now(UTC)
            if now - watched_at > WATCH_EVERY:
                watched_at = now
                watch(sessions, now)
        except SQLAlchemyError as error:
            logger.error("observing waits: %s", type(error).__name__)
