"""Draws the decisions that somebody looks at again, as time goes by."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from moderation.database import start_writing
from moderation.review import qa_sampling

logger = logging.getLogger(__name__)

EVERY_SECONDS = 10.0  # how often the worker draws

Sessions = Callable[[], Session]


def run(
    sessions: Sessions, stopped: threading.Event, *, key: bytes, grace: timedelta
) -> None:
    """Draw until the event is set."""
    while not stopped.wait(EVERY_SECONDS):
        try:
            draw(sessions, key=key, grace=grace)
        except SQLAlchemyError as error:
            logger.error("second looks wait: %s", type(error).__name__)


def draw(sessions: Sessions, *, key: bytes, grace: timedelta) -> int:
    """Draw from what was decided, and end what is idle, in one commit."""
    now = datetime.now(UTC)
    with sessions() as session:
        if qa_sampling.is_idle(session):
            return 0
        start_writing(session)
        drawn = qa_sampling.draw(
            session, key=key, now=now, until=now - grace - qa_sampling.SETTLES
        )
        qa_sampling.end_idle(session, now)
        session.commit()
    if drawn:
        logger.info("%s decisions are looked at by somebody else", drawn)
    return drawn
