"""A seeded month, counted by a worker."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from moderation.database import Sessions, db
from moderation.worker import figures
from tests.builders import Newsroom
from tests.insights.life import Life, Seeder


@pytest.fixture
def sessions(newsroom: Newsroom) -> Sessions:
    return sessionmaker(db.engine, expire_on_commit=False)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def life(
    newsroom: Newsroom, session: Session, sessions: Sessions, now: datetime
) -> Life:
    """A month whose figures are counted."""
    life = Seeder(newsroom, session).seed(now)
    count_all(sessions, now)
    return life


def count_all(sessions: Sessions, now: datetime) -> None:
    """Let a worker count until nothing is left to be counted."""
    while figures.count(sessions, now):
        pass
