"""Jobs over the API: seen, read about, ended."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation import jobs
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.jobs import JobKind, JobProgress, Task
from moderation.tables.jobs import Job
from moderation.worker import job_attempts
from moderation.worker.job_attempts import Store
from tests.builders import NOW, Caller, Newsroom

JOBS = "/api/v1/sites/gazette/jobs"


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


@pytest.fixture
def job_id(session: Session, newsroom: Newsroom) -> int:
    """A job that waits."""
    start_writing(session)
    kind = JobKind.RETRAINING
    job = jobs.enqueue(session, newsroom.site_id, kind, staff_id=None, now=NOW)
    session.commit()
    return job.id


def take(job_id: int) -> Task:
    session = db.session()
    start_writing(session)
    task = jobs.take(session, job_id, NOW)
    assert task is not None
    session.commit()
    return task


def cancellation(job_id: int) -> str:
    return f"/api/v1/jobs/{job_id}/cancellation"


def test_a_failed_job_is_retried_by_admins_alone(
    newsroom: Newsroom, admin: Caller, session: Session, job_id: int
) -> None:
    path = f"/api/v1/jobs/{job_id}/retry"
    assert admin.post(path).status_code == 409  # it is queued
    start_writing(session)
    session.execute(sa.update(Job).values(attempts=jobs.MAX_ATTEMPTS - 1))
    session.commit()
    session = db.session()
    task = take(job_id)
    start_writing(session)
    jobs.fail(session, task, "The disk is full.", NOW)
    session.commit()
    assert newsroom.as_staff(Role.LEAD).post(path).status_code == 404
    answer = admin.post(path)
    assert (answer.status_code, answer.json["state"]) == (202, "queued")
    assert (answer.json["fault"], answer.json["finished_at"]) == (None, None)
    assert take(job_id).attempt == jobs.MAX_ATTEMPTS + 1  # not given up


def test_a_failed_job_isn_t_retried_beside_a_newer_one(
    newsroom: Newsroom, admin: Caller, session: Session, job_id: int
) -> None:
    task = take(job_id)
    session = db.session()
    start_writing(session)
    jobs.fail(session, task, "The disk is full.", NOW)
    kind = JobKind.RETRAINING
    jobs.enqueue(session, newsroom.site_id, kind, staff_id=None, now=NOW)
    session.commit()
    answer = admin.post(f"/api/v1/jobs/{job_id}/retry")
    assert (answer.status_code, answer.json["code"]) == (409, "unfinished_job")


def test_jobs_of_a_site_are_listed(admin: Caller, job_id: int) -> None:
    listed = admin.get(JOBS)
    assert listed.status_code == 200
    assert [(each["id"], each["state"]) for each in listed.json["jobs"]] == [
        (job_id, "queued")
    ]


def test_a_job_that_waits_is_ended_at_once(admin: Caller, job_id: int) -> None:
    answer = admin.post(cancellation(job_id))
    assert (answer.status_code, answer.json["state"]) == (202, "cancelled")
    assert answer.json["finished_at"] is not None
    assert admin.post(cancellation(job_id)).status_code == 409
    read = admin.get(f"/api/v1/jobs/{job_id}").json
    assert [each["text"] for each in read["log"]] == ["Cancellation requested."]


def test_what_runs_ends_at_its_next_step(
    app: Flask, admin: Caller, job_id: int
) -> None:
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    steps = []

    def work(task: Task, progress: JobProgress) -> Store:
        progress(0.25, "A quarter is done.")
        assert admin.post(cancellation(job_id)).json["state"] == "running"
        progress(0.5, "Half of it is done.")
        steps.append("went on")
        return lambda session: {}

    task = job_attempts.take_next(sessions)
    assert task is not None
    job_attempts.run_job(sessions, {JobKind.RETRAINING: work}, task)
    found = admin.get(f"/api/v1/jobs/{job_id}").json
    assert (found["state"], found["result"], steps) == ("cancelled", None, [])
    assert [each["text"] for each in found["log"]] == [
        "A worker takes it up.",
        "A quarter is done.",
        "Cancellation requested.",
        "Half of it is done.",
        "Ended before it was done.",
    ]


def test_what_a_killed_worker_left_is_ended_at_once(
    session: Session, admin: Caller, job_id: int
) -> None:
    take(job_id)  # long ago: its lease has expired
    assert admin.post(cancellation(job_id)).json["state"] == "cancelled"


def test_the_log_says_that_a_job_is_taken_up_again(
    session: Session, admin: Caller, job_id: int
) -> None:
    take(job_id)
    start_writing(session)
    assert jobs.take(session, job_id, NOW + 2 * jobs.LEASE_LASTS) is not None
    session.commit()
    log = admin.get(f"/api/v1/jobs/{job_id}").json["log"]
    assert log[-1]["text"] == "A worker takes it up, for the 2. time."


def test_a_log_is_bounded(session: Session, job_id: int) -> None:
    task = take(job_id)
    start_writing(session)
    for _ in range(jobs.MAX_LINES + 5):
        jobs.renew(session, task, NOW, 0.5, "x" * (jobs.MAX_LINE_LENGTH + 1))
    lines = jobs.lines_of(session, job_id)
    assert len(lines) == jobs.MAX_LINES
    assert max(len(each.text) for each in lines) == jobs.MAX_LINE_LENGTH


def test_what_is_done_can_not_be_ended(
    session: Session, admin: Caller, job_id: int
) -> None:
    task = take(job_id)
    start_writing(session)
    jobs.succeed(session, task, {}, NOW)
    session.commit()
    assert admin.post(cancellation(job_id)).status_code == 409


@pytest.mark.parametrize("job", ["1", "0", "x", "-1", "2147483648", "9" * 30])
def test_unknown_jobs_can_not_be_ended(admin: Caller, job: str) -> None:
    assert admin.post(f"/api/v1/jobs/{job}/cancellation").status_code == 404


def test_jobs_are_for_the_sites_admins(
    app: Flask, newsroom: Newsroom, other_newsroom: Newsroom, job_id: int
) -> None:
    stranger = other_newsroom.as_staff(Role.ADMIN)
    assert stranger.get(JOBS).status_code == 404
    assert stranger.post(cancellation(job_id)).status_code == 404
    for role in (Role.MODERATOR, Role.LEAD):
        assert newsroom.as_staff(role).get(JOBS).status_code == 403
        assert newsroom.as_staff(role).post(cancellation(job_id)).status_code == 404
    assert newsroom.as_site().get(JOBS).status_code == 403
    assert app.test_client().get(JOBS).status_code == 401
    assert app.test_client().post(cancellation(job_id)).status_code == 401
    session = db.session()
    assert session.get_one(Job, job_id).state == "queued"
