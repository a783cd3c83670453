"""The commands about background work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from moderation import jobs
from moderation.database import start_writing
from moderation.jobs import JobKind
from tests.builders import ALL_HELD, Newsroom
from tests.cli.typed import run

pytestmark = pytest.mark.usefixtures("commands_find_the_database")


def test_rescore_tells_how_many(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    result = run("rescore")
    assert result.exit_code == 0, result.output
    assert "0 texts were scored." in result.output  # they have the scores already
    assert run("rescore", "--days", "3").exit_code == 2


def test_jobs_are_listed_and_ended(session: Session, newsroom: Newsroom) -> None:
    start_writing(session)
    job = jobs.enqueue(
        session,
        newsroom.site_id,
        JobKind.RETRAINING,
        staff_id=None,
        now=datetime.now(UTC),
    )
    session.commit()
    assert "queued" in run("jobs").output
    assert "cancelled" in run("cancel-job", str(job.id)).output
    assert run("cancel-job", str(job.id)).exit_code == 1
