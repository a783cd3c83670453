"""The record of background work: who asked, how far it is, who holds it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moderation.errors import ModerationError, NotFound, UnfinishedJob
from moderation.tables import Job

LEASE_LASTS = timedelta(minutes=1)  # a killed worker's job waits as long for another
MOST_ATTEMPTS = 5  # what killed so many workers would kill the next one too

#: Told how much of a job is done, 0 to 1.
Progress = Callable[[float], None]


class JobKind(StrEnum):
    """What there is to do in the background."""

    RETRAINING = "retraining"  #: train a candidate from a site's decisions


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"  #: waits for a worker
    RUNNING = "running"  #: a worker holds its lease
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class LeaseLost(ModerationError):
    """Another worker has taken up this job."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A job as the worker that took it up holds it."""

    job_id: int
    kind: JobKind
    site_id: int
    staff_id: int | None
    attempt: int  #: only the newest attempt may write


def enqueue(
    session: Session,
    site_id: int,
    kind: JobKind,
    *,
    staff_id: int | None,
    now: datetime,
) -> Job:
    """Add a job; a worker sees it from the commit on.

    Raises
    ------
    UnfinishedJob
        If one of its kind waits or runs at the site.
    """
    job = Job(
        site_id=site_id,
        kind=kind.value,
        state=JobState.QUEUED.value,
        progress=0.0,
        attempts=0,
        result={},
        created_at=now,
        staff_id=staff_id,
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError as error:
        raise UnfinishedJob from error
    return job


def waiting(session: Session, now: datetime) -> int | None:
    """Return the id of the job that is next; a look that locks nothing."""
    return session.scalar(
        sa.select(Job.id).where(_is_free(now)).order_by(Job.id).limit(1)
    )


def take(session: Session, job_id: int, now: datetime) -> Task | None:
    """Take a waiting job up, or one whose worker's lease has lapsed.

    One UPDATE both asks and takes, so that two workers can't both win. None: another
    one did, or the job has failed too often and is given up.
    """
    session.execute(
        sa.update(Job)
        .where(Job.id == job_id, _is_free(now), Job.attempts >= MOST_ATTEMPTS)
        .values(
            state=JobState.FAILED.value,
            leased_until=None,
            finished_at=now,
            fault=f"Given up: it was broken off {MOST_ATTEMPTS} times.",
        )
    )
    job = session.scalar(
        sa.update(Job)
        .where(Job.id == job_id, _is_free(now))
        .values(
            state=JobState.RUNNING.value,
            attempts=Job.attempts + 1,
            leased_until=now + LEASE_LASTS,
            started_at=sa.func.coalesce(Job.started_at, now, type_=Job.created_at.type),
            progress=0.0,
        )
        .returning(Job)
        .execution_options(populate_existing=True)
    )
    if job is None:
        return None
    return Task(
        job_id=job.id,
        kind=JobKind(job.kind),
        site_id=job.site_id,
        staff_id=job.staff_id,
        attempt=job.attempts,
    )


def renew(
    session: Session, task: Task, now: datetime, progress: float | None = None
) -> None:
    """Prolong the lease, and say how much is done (0 to 1).

    Raises
    ------
    LeaseLost
        If another worker has taken the job up.
    """
    values: dict[str, Any] = {"leased_until": now + LEASE_LASTS}
    if progress is not None:
        values["progress"] = progress
    _write(session, task, values)


def give_back(session: Session, task: Task) -> None:
    """Put a job that was broken off on purpose back into the queue.

    Raises
    ------
    LeaseLost
        If another worker has taken the job up.
    """
    _write(
        session,
        task,
        {
            "state": JobState.QUEUED.value,
            "leased_until": None,
            "progress": 0.0,
        },
    )


def succeed(
    session: Session, task: Task, result: Mapping[str, Any], now: datetime
) -> None:
    """End a job with its result, in the commit that stores what it made.

    Raises
    ------
    LeaseLost
        If another worker has taken the job up: what this one made is not stored.
    """
    _write(
        session,
        task,
        {
            "state": JobState.SUCCEEDED.value,
            "progress": 1.0,
            "leased_until": None,
            "finished_at": now,
            "result": dict(result),
        },
    )


def fail(session: Session, task: Task, fault: str, now: datetime) -> None:
    """End a job that can't be done, with one sentence why.

    Raises
    ------
    LeaseLost
        If another worker has taken the job up.
    """
    _write(
        session,
        task,
        {
            "state": JobState.FAILED.value,
            "leased_until": None,
            "finished_at": now,
            "fault": fault,
        },
    )


def find(session: Session, job_id: int, site_ids: Collection[int]) -> Job:
    """Return a job of one of the sites.

    Raises
    ------
    NotFound
        If there is no such job there.
    """
    job = session.scalar(
        sa.select(Job).where(Job.id == job_id, Job.site_id.in_(site_ids))
    )
    if job is None:
        raise NotFound("There is no such job.")
    return job


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        Job.state == JobState.QUEUED.value,
        sa.and_(Job.state == JobState.RUNNING.value, Job.leased_until < now),
    )


def _write(session: Session, task: Task, values: Mapping[str, Any]) -> None:
    written = session.scalar(
        sa.update(Job)
        .where(
            Job.id == task.job_id,
            Job.attempts == task.attempt,
            Job.state == JobState.RUNNING.value,
        )
        .values(**values)
        .returning(Job.id)
    )
    if written is None:
        raise LeaseLost
