"""System status: the installation and a site's part in it, for admins alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from moderation import migration
from moderation.accounts.staff import Role
from moderation.audit.actions import AuditAction
from moderation.audit.log import record
from moderation.database import db, start_writing
from moderation.jobs import JobKind, enqueue
from moderation.tables.comments import Comment
from moderation.tables.jobs import Heartbeat, Job
from tests.builders import (
    ALL_HELD,
    DeafScorer,
    Newsroom,
    comment,
    replace_default_scorer,
)
from tests.refusals import assert_refused, on_sqlite

STATUS = "/api/v1/sites/gazette/system-status"
SCALE = timedelta(minutes=10)


def test_a_fresh_installation_says_what_is_missing(newsroom: Newsroom) -> None:
    found = newsroom.as_staff(Role.ADMIN).get(STATUS).json
    faults = {name for name, fault in found["parts"].items() if fault != "ok"}
    assert faults == {"worker"}
    assert found["migration"] == migration.head()
    assert found["storage"]["database_bytes"] > 0
    unknown = ("worker_seen_at", "backup_started_at", "audit_verified_at")
    assert [found[name] for name in unknown] == [None] * 3
    assert found["queue"] == {
        "pending": 0,
        "overdue": 0,
        "oldest_at": None,
        "outage": None,
    }


def test_what_is_behind_is_counted_at_the_site_alone(
    app: Flask, newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    replace_default_scorer(app, DeafScorer())
    for _ in range(2):
        newsroom.send()
    other_newsroom.set_policy(ALL_HELD)
    other_newsroom.as_site().post("/api/v1/comments", comment())
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    session.execute(sa.update(Comment).values(due_at=now - SCALE))
    session.add(Heartbeat(name="worker", beaten_at=now))
    enqueue(session, newsroom.site_id, JobKind.MERGING, staff_id=None, now=now - SCALE)
    failed = enqueue(
        session, newsroom.site_id, JobKind.RETRAINING, staff_id=None, now=now
    )
    session.execute(
        sa.update(Job)
        .where(Job.id == failed.id)
        .values(state="failed", finished_at=now - SCALE)
    )
    record(session, AuditAction.COMMAND_RUN, command="backup")
    record(session, AuditAction.COMMAND_RUN, command="sites")
    session.commit()
    found = newsroom.as_staff(Role.ADMIN).get(STATUS).json
    assert (found["queue"]["pending"], found["queue"]["overdue"]) == (2, 2)
    assert found["queue"]["outage"]["count"] == 2
    jobs = found["jobs"]
    assert (jobs["queued"], jobs["running"], jobs["failed"]) == (1, 0, 1)
    assert datetime.fromisoformat(jobs["oldest_queued_at"]) == now - SCALE
    assert datetime.fromisoformat(found["worker_seen_at"]) == now
    assert found["model_version"] == "deaf-1"
    assert found["backup_started_at"] is not None
    assert found["audit_verified_at"] is None


@on_sqlite
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_it_is_for_admins(newsroom: Newsroom, role: Role) -> None:
    assert_refused(newsroom.as_staff(role).get(STATUS), 403)


@on_sqlite
def test_an_admin_of_another_site_does_not_see_it(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    assert_refused(other_newsroom.as_staff(Role.ADMIN).get(STATUS), 404)
