"""A worker killed in each kind of job: the next one ends it, and nothing is done twice.

Two kinds have tests of their own: an import in `tests/cli/test_history_killed.py`, and
training, which stores all it made in the last commit, in `tests/worker/test_jobs.py`.
"""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.jobs import JobKind
from moderation.policy.verdicts import Source
from moderation.review import bulk
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.jobs import Job
from tests.builders import ALL_HELD, Newsroom
from tests.processes import ROOT

SITE = "/api/v1/sites/gazette"
COUNT = 8  # comments: several steps of each job
#: Kinds that other tests have.
ELSEWHERE = {JobKind.IMPORT, JobKind.RETRAINING, JobKind.COMPARISON}
#: How often a worker is killed in each job: in the middle of it, and as it ends.
KILLS = 2
#: Takes each job up in processes that die, then in one that doesn't.
WORKER = """
import os, signal
from datetime import UTC, datetime
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from moderation import create_app
from moderation.cli.app import act_on_command_line
from moderation.comments import article_merging, rescoring
from moderation.database import db, start_writing
from moderation.desk import export
from moderation.review import bulk_steps
from moderation.tables.jobs import Job
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts

bulk_steps.BATCH_SIZE = rescoring.AT_ONCE = export.PART_SIZE = 3
article_merging.BATCH_SIZE = 3
PAST = datetime(2026, 1, 1, tzinfo=UTC)

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def dying_halfway(work):
    def halfway(share, note=None, /):
        if share > 0:
            die()
    def run(task, progress):
        store = work(task, halfway)
        return lambda session: die(store(session))  # it had no steps
    return run

def dying_at_the_end(work):
    def run(task, progress):
        store = work(task, progress)
        return lambda session: die(store(session))
    return run

def attempt(app, wrap):
    with app.app_context():
        sessions = sessionmaker(db.engine, expire_on_commit=False)
        services = services_of(app)
        work = duties.build(sessions, services.scoring, services.lineage_key)
        wrapped = {kind: wrap(one) for kind, one in work.items()}
        with sessions() as session:
            start_writing(session)
            is_left = Job.state == "running"
            session.execute(sa.update(Job).where(is_left).values(leased_until=PAST))
            session.commit()
        task = job_attempts.take_next(sessions)
        if task is None:
            os._exit(9)
        job_attempts.run_job(sessions, wrapped, task)
    os._exit(0)

app = create_app(os.environ)
ends = []
while 9 not in ends:
    for wrap in (dying_halfway, dying_at_the_end, lambda one: one):
        child = os.fork()
        if not child:
            attempt(app, wrap)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(*ends)
"""


def queue_jobs(newsroom: Newsroom, session: Session, sent: list[Any]) -> None:
    """Queue a job of each kind, by the requests that staff send."""
    admin = newsroom.as_staff(Role.ADMIN)
    slashes = {"ignored": ["trailing_slash"], "seen": []}
    calls = {
        f"{SITE}/rescorings": {},
        f"{SITE}/exports": {},
        f"{SITE}/rehearsals": {},
        f"{SITE}/transparency-files": {
            "kind": "report",
            "from": "2026-01-01",
            "to": "2026-01-31",
        },
        f"{SITE}/article-mergings": {"dry_run": False},
        "/api/v1/batches": {
            "site": newsroom.name,
            "verdict": "reject",
            "reasons": ["spam"],
            "comments": [{"id": one["id"], "version": one["version"]} for one in sent],
        },
    }
    answer = admin.put(f"{SITE}/article-addresses", slashes)
    assert answer.status_code == 200, answer.text
    for path, body in calls.items():
        answer = admin.post(path, body)
        assert answer.status_code in (201, 202), (path, answer.text)
    start_writing(session)  # as if an older model had scored them
    session.execute(sa.update(Score).values(model_version="older-1"))
    session.commit()


def test_a_job_whose_workers_are_killed_is_done_once(
    newsroom: Newsroom,
    session: Session,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "MAX_IN_REQUEST", 2)
    newsroom.set_policy(ALL_HELD)
    addresses = ["https://gazette.example/a", "https://gazette.example/a/"]
    sent = [newsroom.send(article=addresses[n % 2]) for n in range(COUNT)]
    queue_jobs(newsroom, session, sent)
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    rows = session.scalars(sa.select(Job).order_by(Job.id)).all()
    kinds = [JobKind(row.kind) for row in rows]
    assert set(kinds) == set(JobKind) - ELSEWHERE
    assert [row.fault for row in rows] == [None] * len(rows)
    assert [(row.state, row.attempts) for row in rows] == [
        ("succeeded", KILLS + 1) for _ in rows
    ]
    killed = [int(code) for code in done.stdout.split()]
    assert killed.count(-signal.SIGKILL) == KILLS * len(rows)
    # Each effect once: decisions, scores, rows of the export, comments of the article.
    by_staff = sa.select(Decision.comment_id).where(
        Decision.source == Source.PERSON.value
    )
    assert sorted(Counter(session.scalars(by_staff).all()).values()) == [1] * COUNT
    scored = sa.select(Score.comment_id).where(Score.model_version != "older-1")
    assert sorted(Counter(session.scalars(scored).all()).values()) == [1] * COUNT
    (article,) = session.scalars(sa.select(Article)).all()
    assert set(session.scalars(sa.select(Comment.article_id))) == {article.id}
    export = rows[kinds.index(JobKind.EXPORT)]
    file = newsroom.as_staff(Role.ADMIN).get(f"{SITE}/exports/{export.id}/file")
    exported = [row["id"] for row in csv.DictReader(io.StringIO(file.text))]
    assert sorted(exported) == sorted(one["id"] for one in sent)
