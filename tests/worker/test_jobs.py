"""Background work: leases, attempts, and the results of jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from moderation import jobs
from moderation.database import Sessions, db, start_writing
from moderation.errors import Conflict, NotFound, UnfinishedJob
from moderation.jobs import JobKind, JobProgress, LeaseLost, Task
from moderation.tables.jobs import Job
from moderation.worker import engine, job_attempts
from moderation.worker.job_attempts import Store
from tests.builders import NOW, Newsroom

LATER = NOW + jobs.LEASE_LASTS + timedelta(seconds=1)


@pytest.fixture
def sessions(app: Flask) -> Sessions:
    """Sessions of a worker: none of them is a request's."""
    return sessionmaker(db.engine, expire_on_commit=False)


@pytest.fixture
def job(session: Session, newsroom: Newsroom) -> Job:
    """A job that waits."""
    start_writing(session)
    job = enqueue(session, newsroom)
    session.commit()
    return job


def enqueue(session: Session, newsroom: Newsroom) -> Job:
    kind = JobKind.RETRAINING
    return jobs.enqueue(session, newsroom.site_id, kind, staff_id=None, now=NOW)


def taken(session: Session, job: Job) -> Task:
    task = jobs.take(session, job.id, NOW)
    assert task is not None
    return task


def stored(sessions: Sessions, job: Job) -> Job:
    with sessions() as session:
        return session.get_one(Job, job.id)


class FakeWork:
    """Work that reports half of it, and then does as it is configured."""

    def __init__(self, sessions: Sessions, *, breaks: Exception | None = None) -> None:
        self.sessions = sessions
        self.breaks = breaks
        self.progress_seen = 0.0

    def __call__(self, task: Task, progress: JobProgress) -> Store:
        progress(0.5)
        with self.sessions() as session:
            self.progress_seen = session.get_one(Job, task.job_id).progress
        if self.breaks is not None:
            raise self.breaks
        return self.store

    def store(self, session: Session) -> Mapping[str, Any]:
        session.execute(sa.text("UPDATE sites SET name = 'stored'"))
        return {"version": "x-1", "allowed": True}


def site_name(sessions: Sessions) -> str:
    with sessions() as session:
        name: str = session.scalar(sa.text("SELECT name FROM sites"))
        return name


def test_one_unfinished_job_of_a_kind_a_site(
    session: Session, newsroom: Newsroom, job: Job
) -> None:
    with pytest.raises(UnfinishedJob):
        enqueue(session, newsroom)
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1


def test_another_site_has_jobs_of_its_own(
    session: Session, job: Job, other_newsroom: Newsroom
) -> None:
    start_writing(session)
    assert enqueue(session, other_newsroom).id != job.id


def test_a_finished_job_makes_room(
    session: Session, newsroom: Newsroom, job: Job
) -> None:
    start_writing(session)
    jobs.fail(session, taken(session, job), "No.", NOW)
    assert enqueue(session, newsroom).id != job.id


def test_what_is_rolled_back_was_never_enqueued(
    session: Session, newsroom: Newsroom
) -> None:
    start_writing(session)
    enqueue(session, newsroom)
    session.rollback()
    assert jobs.waiting(session, NOW) is None


def test_a_job_is_taken_up_once(session: Session, job: Job) -> None:
    assert jobs.waiting(session, NOW) == job.id
    assert taken(session, job).attempt == 1
    assert jobs.take(session, job.id, NOW) is None
    assert jobs.waiting(session, NOW) is None


def test_a_killed_workers_job_is_taken_up_after_its_lease(
    session: Session, job: Job
) -> None:
    taken(session, job)
    assert jobs.take(session, job.id, NOW + jobs.LEASE_LASTS) is None
    assert jobs.waiting(session, LATER) == job.id
    again = jobs.take(session, job.id, LATER)
    assert again is not None
    assert again.attempt == 2


def test_a_renewed_lease_holds(session: Session, job: Job) -> None:
    jobs.renew(session, taken(session, job), LATER, 0.5)
    assert jobs.take(session, job.id, LATER) is None
    session.refresh(job)
    assert job.progress == 0.5


def test_whoever_lost_the_lease_can_store_nothing(session: Session, job: Job) -> None:
    lost = taken(session, job)
    jobs.take(session, job.id, LATER)
    with pytest.raises(LeaseLost):
        jobs.renew(session, lost, LATER)
    with pytest.raises(LeaseLost):
        jobs.succeed(session, lost, {}, LATER)
    with pytest.raises(LeaseLost):
        jobs.fail(session, lost, "No.", LATER)


def test_a_job_that_is_given_back_waits_at_once(session: Session, job: Job) -> None:
    jobs.give_back(session, taken(session, job))
    assert jobs.waiting(session, NOW) == job.id


def test_a_job_that_keeps_killing_workers_is_given_up(
    session: Session, job: Job
) -> None:
    moment = NOW
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.take(session, job.id, moment) is not None
        moment += jobs.LEASE_LASTS + timedelta(seconds=1)
    assert jobs.take(session, job.id, moment) is None
    session.refresh(job)
    assert job.state == "failed"
    assert job.fault == "Given up: it was broken off 5 times."


def test_a_job_is_found_at_its_sites_only(
    session: Session, newsroom: Newsroom, job: Job
) -> None:
    assert jobs.find(session, job.id, [newsroom.site_id]).id == job.id
    with pytest.raises(NotFound):
        jobs.find(session, job.id, [newsroom.site_id + 1])


def run_next(sessions: Sessions, work: FakeWork) -> None:
    """Do what the consumer does, once, in this thread."""
    huey = engine.build_huey(sessions, {JobKind.RETRAINING: work})
    task = huey.dequeue()
    assert task is not None
    huey.execute(task)


def test_work_is_stored_in_the_commit_that_ends_its_job(
    sessions: Sessions, job: Job
) -> None:
    work = FakeWork(sessions)
    run_next(sessions, work)
    ended = stored(sessions, job)
    assert (ended.state, ended.progress) == ("succeeded", 1.0)
    assert ended.result == {"version": "x-1", "allowed": True}
    assert work.progress_seen == 0.5
    assert site_name(sessions) == "stored"


def test_an_empty_queue_gives_nothing(sessions: Sessions) -> None:
    assert engine.build_huey(sessions, {}).dequeue() is None


def test_what_can_not_be_done_fails_with_its_sentence(
    sessions: Sessions, job: Job
) -> None:
    run_next(sessions, FakeWork(sessions, breaks=Conflict("Too few of them.")))
    ended = stored(sessions, job)
    assert (ended.state, ended.fault) == ("failed", "Too few of them.")
    assert site_name(sessions) == "gazette"


def test_a_fault_of_ours_fails_without_its_inside(sessions: Sessions, job: Job) -> None:
    run_next(sessions, FakeWork(sessions, breaks=RuntimeError("ada@mail.example")))
    ended = stored(sessions, job)
    assert (ended.state, ended.fault) == ("failed", job_attempts.FAULT)


def test_a_job_that_loses_the_database_is_tried_again_later(
    sessions: Sessions, job: Job
) -> None:
    lost = OperationalError("SELECT 1", None, Exception("gone"))
    run_next(sessions, FakeWork(sessions, breaks=lost))
    left = stored(sessions, job)
    assert (left.state, left.fault) == ("running", None)
    assert job_attempts.take_next(sessions) is None  # its lease lasts
    with sessions() as session:
        start_writing(session)
        session.execute(sa.update(Job).values(leased_until=NOW))
        session.commit()
    run_next(sessions, FakeWork(sessions))
    assert stored(sessions, job).state == "succeeded"


def test_interruptions_on_purpose_don_t_use_attempts_up(
    sessions: Sessions, job: Job
) -> None:
    for _ in range(jobs.MAX_ATTEMPTS + 1):
        task = job_attempts.take_next(sessions)
        assert task is not None
        job_attempts.give_back(sessions, task)
    run_next(sessions, FakeWork(sessions))
    assert stored(sessions, job).state == "succeeded"


def test_a_worker_that_lost_its_lease_stores_nothing(
    sessions: Sessions, job: Job
) -> None:
    task = job_attempts.take_next(sessions)
    assert task is not None
    with sessions() as session:
        start_writing(session)
        session.execute(sa.update(Job).values(attempts=Job.attempts + 1))
        session.commit()
    job_attempts.run_job(sessions, {JobKind.RETRAINING: FakeWork(sessions)}, task)
    assert stored(sessions, job).state == "running"
    assert site_name(sessions) == "gazette"


KILLED = """
import os, signal
from sqlalchemy.orm import sessionmaker
from moderation import create_app
from moderation.database import db
from moderation.jobs import JobKind
from moderation.worker import engine

def work(task, progress):
    progress(0.5)
    os.kill(os.getpid(), signal.SIGKILL)

with create_app(os.environ).app_context():
    huey = engine.build_huey(sessionmaker(db.engine), {JobKind.RETRAINING: work})
    huey.execute(huey.dequeue())
"""


def test_a_job_whose_worker_was_killed_is_done_by_the_next(
    environment: dict[str, str], sessions: Sessions, job: Job
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env={**os.environ, **environment}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    left = stored(sessions, job)
    assert (left.state, left.progress, left.attempts) == ("running", 0.5, 1)
    assert job_attempts.take_next(sessions) is None
    with sessions() as session:
        start_writing(session)
        session.execute(sa.update(Job).values(leased_until=NOW))
        session.commit()
    run_next(sessions, FakeWork(sessions))
    ended = stored(sessions, job)
    assert (ended.state, ended.attempts) == ("succeeded", 2)


def test_a_heart_renews_the_lease(sessions: Sessions, job: Job) -> None:
    task = job_attempts.take_next(sessions)
    assert task is not None
    with sessions() as session:
        start_writing(session)
        session.execute(sa.update(Job).values(leased_until=NOW))
        session.commit()
    deadline = time.monotonic() + 10  # seconds; it takes some milliseconds
    with job_attempts.Heart(sessions, task, every_seconds=0.01):
        while stored(sessions, job).leased_until == NOW:
            assert time.monotonic() < deadline
    assert job_attempts.take_next(sessions) is None


def test_a_worker_does_what_waits_until_a_signal_comes(
    environment: dict[str, str], sessions: Sessions, job: Job, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "moderation", "worker"]
    settings = {**os.environ, **environment}
    deadline = time.monotonic() + 60  # seconds; it takes two
    with subprocess.Popen(command, env=settings, cwd=tmp_path) as process:
        while stored(sessions, job).state != "failed":
            assert process.poll() is None
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    fault = stored(sessions, job).fault
    assert fault is not None
    assert "there are 0" in fault


def test_a_broken_off_job_goes_back(sessions: Sessions, job: Job) -> None:
    task = job_attempts.take_next(sessions)
    assert task is not None
    job_attempts.give_back(sessions, task)
    assert stored(sessions, job).state == "queued"


def test_hueys_messages_are_json_of_numbers_and_names(
    sessions: Sessions, newsroom: Newsroom, job: Job
) -> None:
    message = engine.JobRows("moderation", sessions=sessions).dequeue()
    assert message is not None
    assert message.startswith(b'["')
    fields = engine.JsonSerializer().deserialize(message).args[0]
    assert fields == {
        "job_id": job.id,
        "kind": "retraining",
        "site_id": newsroom.site_id,
        "staff_id": None,
        "attempt": 1,
        "arguments": {},
    }


def test_nothing_is_enqueued_past_the_jobs(sessions: Sessions) -> None:
    with pytest.raises(NotImplementedError):
        engine.JobRows("moderation", sessions=sessions).enqueue(b"[]")
