"""A rescoring whose worker is killed in the middle of it."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from classifiers.pretrained import default_model
from classifiers.serving import artifact
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.tables.comments import Comment, Score
from moderation.tables.jobs import Job
from moderation.tables.models import Model
from moderation.tables.sites import Site
from moderation.web.services import services_of
from moderation.worker import duties, engine, job_attempts
from tests.builders import ALL_HELD, NOW, Newsroom

SHIPPED = default_model.load()
COMMENTS = 12  # that wait
AT_ONCE = 5  # of them are scored in one commit

# A worker of its own that dies in its second part: all is written, nothing committed.
KILLED = f"""
import os, signal
from sqlalchemy.orm import sessionmaker
from moderation import create_app
from moderation.comments import rescoring
from moderation.database import db
from moderation.web.services import services_of
from moderation.worker import duties, engine

rescoring.AT_ONCE = {AT_ONCE}
store_some, parts = rescoring.store_some, []

def store_and_die(session, *given):
    count = store_some(session, *given)
    session.flush()
    parts.append(count)
    if len(parts) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return count

rescoring.store_some = store_and_die
app = create_app(os.environ)
with app.app_context():
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    huey = engine.build_huey(sessions, duties.build(sessions, scoring, key))
    huey.execute(huey.dequeue())
"""


def promote_another(session: Session, newsroom: Newsroom) -> str:
    """Let another model decide from now on, and return its version."""
    weights = dataclasses.replace(
        SHIPPED.weights, intercept=SHIPPED.weights.intercept + 1
    )
    made = artifact.named(
        "other",
        labels=SHIPPED.labels,
        weights=weights,
        manifest=SHIPPED.manifest,
        frozen=SHIPPED.frozen,
    )
    start_writing(session)
    model = Model(
        site_id=newsroom.site_id,
        version=made.version,
        base_version=SHIPPED.version,
        artifact=artifact.dumps(made),
        report={},
        created_at=NOW,
    )
    session.add(model)
    session.flush()
    session.execute(sa.update(Site).values(model_id=model.id))
    session.commit()
    return made.version


def count_scores(session: Session, version: str) -> dict[int, int]:
    """Count what each pending comment has of a model."""
    session.rollback()
    rows = session.execute(
        sa.select(Comment.id, sa.func.count(Score.id))
        .outerjoin(
            Score,
            sa.and_(Score.comment_id == Comment.id, Score.model_version == version),
        )
        .where(Comment.status == "pending")
        .group_by(Comment.id)
    )
    return {row[0]: row[1] for row in rows}


def test_a_killed_workers_rescoring_goes_on_where_it_was(
    app: Flask, session: Session, newsroom: Newsroom, environment: dict[str, str]
) -> None:
    newsroom.set_policy(ALL_HELD)
    for _ in range(COMMENTS):
        newsroom.send()
    version = promote_another(session, newsroom)
    asked = newsroom.as_staff(Role.ADMIN).post("/api/v1/sites/gazette/rescorings", {})
    assert asked.status_code == 202
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env={**os.environ, **environment}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    scored = count_scores(session, version)
    assert sorted(scored.values()) == [0] * (COMMENTS - AT_ONCE) + [1] * AT_ONCE

    sessions = sessionmaker(db.engine, expire_on_commit=False)
    assert job_attempts.take_next(sessions) is None  # its lease runs
    start_writing(session)
    session.execute(sa.update(Job).values(leased_until=NOW))
    session.commit()
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    huey = engine.build_huey(sessions, duties.build(sessions, scoring, key))
    huey.execute(huey.dequeue())

    assert list(count_scores(session, version).values()) == [1] * COMMENTS
    assert list(count_scores(session, SHIPPED.version).values()) == [1] * COMMENTS
    job = session.scalars(sa.select(Job)).one()
    assert (job.state, job.attempts) == ("succeeded", 2)
    assert job.result == {"version": version, "scored": COMMENTS - AT_ONCE}
