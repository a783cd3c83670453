"""The record of background work: who asked, how far it is, who holds it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, ModerationError, NotFound, UnfinishedJob
from moderation.tables.jobs import Job, JobLine

LEASE_LASTS = timedelta(minutes=1)  # a killed worker's job waits as long for another
MAX_ATTEMPTS = 5  # what killed so many workers would kill the next one too

MAX_LINES = 200  # of a job's log; what would follow is left out
MAX_LINE_LENGTH = 500  # characters
LISTED = 50  # jobs of a site, the newest


class JobProgress(Protocol):
    """Receives how much of a job is done, 0 to 1, and what is being done.

    It raises `Cancelled` where someone has asked to end the job.
    """

    def __call__(self, share: float, note: str | None = None, /) -> None:
        """Take note."""


class JobKind(StrEnum):
    """Kinds of background work."""

    RESCORING = "rescoring"  #: rescore pending comments, or past ones in shadow
    RETRAINING = "retraining"  #: train a candidate from a site's decisions
    COMPARISON = "comparison"  #: measure two models side by side
    BULK = "bulk"  #: go through a batch of decisions, or undo it
    EXPORT = "export"  #: write listed comments as CSV
    TRANSPARENCY = "transparency"  #: write a transparency report, or statements
    REHEARSAL = "rehearsal"  #: replay past comments
    MERGING = "merging"  #: merge articles stored under several addresses
    IMPORT = "import"  #: bring an uploaded history in, or only read it


#: Have a loop of their own in a worker, and aren't one of a kind at a site.
PERSONAL = (JobKind.BULK, JobKind.EXPORT)


class JobState(StrEnum):
    """The state of a job."""

    QUEUED = "queued"  #: waits for a worker
    RUNNING = "running"  #: a worker holds its lease
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"  #: someone asked to end it


class LeaseLost(ModerationError):
    """Another worker has taken up this job."""

    code = "lease_lost"


class Cancelled(ModerationError):
    """This job is being canceled."""

    code = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Task:
    """A job as the worker that took it up holds it."""

    job_id: int
    kind: JobKind
    site_id: int
    staff_id: int | None
    attempt: int  #: only the newest attempt may write
    arguments: Mapping[str, Any] = field(default_factory=dict)  #: what its kind needs


def enqueue(
    session: Session,
    site_id: int,
    kind: JobKind,
    *,
    staff_id: int | None,
    now: datetime,
    arguments: Mapping[str, Any] | None = None,
) -> Job:
    """Add a job; a worker sees it from the commit on.

    Raises
    ------
    UnfinishedJob
        If one of its kind waits or runs at the site; of `PERSONAL` ones, many may.
    """
    job = Job(
        site_id=site_id,
        kind=kind.value,
        state=JobState.QUEUED.value,
        progress=0.0,
        attempts=0,
        result={},
        arguments=dict(arguments or {}),
        created_at=now,
        staff_id=staff_id,
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError as error:
        raise UnfinishedJob from error
    if kind is not JobKind.BULK:  # of decisions, which have a log of their own
        _record(session, AuditAction.JOB_STARTED, job)
    return job


def _record(session: Session, action: AuditAction, job: Job) -> None:
    target = (TargetKind.JOB, job.id)
    record(session, action, target=target, site_id=job.site_id, kind=job.kind)


def waiting(session: Session, now: datetime, kind: JobKind | None = None) -> int | None:
    """Return the id of the job that is next, of a kind if given; it locks nothing."""
    query = sa.select(Job.id).where(_is_free(now)).order_by(Job.id).limit(1)
    if kind is not None:
        query = query.where(Job.kind == kind.value)
    return session.scalar(query)


def take(session: Session, job_id: int, now: datetime) -> Task | None:
    """Take a waiting job up, or one whose worker's lease has expired.

    One UPDATE both asks and takes, so that two workers can't both win. None: another
    one did, or the job has failed too often and is given up.
    """
    session.execute(
        sa.update(Job)
        .where(Job.id == job_id, _is_free(now), Job.attempts >= Job.max_attempts)
        .values(
            **_unleased(JobState.FAILED, now),
            fault=f"Given up: it was broken off {MAX_ATTEMPTS} times.",
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
    again = "" if job.attempts == 1 else f", for the {job.attempts}. time"
    _add_line(session, job.id, f"A worker takes it up{again}.", now)
    return Task(
        job_id=job.id,
        kind=JobKind(job.kind),
        site_id=job.site_id,
        staff_id=job.staff_id,
        attempt=job.attempts,
        arguments=job.arguments,
    )


def renew(
    session: Session,
    task: Task,
    now: datetime,
    progress: float | None = None,
    note: str | None = None,
) -> bool:
    """Renew the lease, and say how much is done (0 to 1) and what of it.

    Returns whether someone has asked to end the job.

    Raises
    ------
    LeaseLost
        If another worker has taken the job up.
    """
    values: dict[str, Any] = {"leased_until": now + LEASE_LASTS}
    if progress is not None:
        values["progress"] = progress
    asked_at = _write(session, task, values)
    if note is not None:
        _add_line(session, task.job_id, note, now)
    return asked_at is not None


def give_back(session: Session, task: Task) -> None:
    """Put a job that was broken off on purpose back into the queue.

    Raises
    ------
    LeaseLost
        If another worker has taken the job up.
    """
    again = {"progress": 0.0, "max_attempts": Job.max_attempts + 1}
    _write(session, task, {**_unleased(JobState.QUEUED), **again})


def succeed(
    session: Session, task: Task, result: Mapping[str, Any], now: datetime
) -> None:
    """End a job with its result, in the commit that stores what it made.

    Raises
    ------
    LeaseLost
        If another worker has taken the job up: what this one made is not stored.
    """
    made = {"progress": 1.0, "result": dict(result)}
    _write(session, task, {**_unleased(JobState.SUCCEEDED, now), **made})


def cancel(
    session: Session, job_id: int, site_ids: Collection[int], now: datetime
) -> Job:
    """End a job: at once if it waits, else as soon as its worker hears of it.

    Raises
    ------
    NotFound
        If there is no such job at the sites.
    Conflict
        If it has ended already.
    """
    job = find(session, job_id, site_ids)
    ended = session.scalar(
        sa.update(Job)
        .where(Job.id == job_id, _is_free(now))
        .values(cancel_asked_at=now, **_unleased(JobState.CANCELLED, now))
        .returning(Job.id)
    )
    asked = session.scalar(
        sa.update(Job)
        .where(Job.id == job_id, Job.state == JobState.RUNNING.value)
        .values(cancel_asked_at=now)
        .returning(Job.id)
    )
    if ended is None and asked is None:
        raise Conflict("This job has already ended.")
    _add_line(session, job_id, "Cancellation requested.", now)
    session.refresh(job)
    _record(session, AuditAction.JOB_CANCELED, job)
    return job


def end_cancelled(session: Session, task: Task, now: datetime) -> None:
    """End a job as asked; what it made so far is not stored."""
    _write(session, task, _unleased(JobState.CANCELLED, now))
    _add_line(session, task.job_id, "Ended before it was done.", now)


def fail(session: Session, task: Task, fault: str, now: datetime) -> None:
    """End a job that can't be done, with one sentence why."""
    _write(session, task, {**_unleased(JobState.FAILED, now), "fault": fault})


def retry(
    session: Session, job_id: int, site_ids: Collection[int], now: datetime
) -> Job:
    """Queue a failed job again, with the same arguments and as many attempts.

    Raises
    ------
    NotFound
        If there is no such job at the sites.
    Conflict
        If it hasn't failed, or is a bulk decision.
    UnfinishedJob
        If another one of its kind is queued or runs at the site.
    """
    job = find(session, job_id, site_ids)
    try:
        with session.begin_nested():
            queued = session.scalar(
                sa.update(Job)
                .where(
                    Job.id == job_id,
                    Job.state == JobState.FAILED.value,
                    Job.kind != JobKind.BULK.value,  # its batch may have another job
                )
                .values(
                    **_unleased(JobState.QUEUED),
                    max_attempts=Job.attempts + MAX_ATTEMPTS,
                    progress=0.0,
                    fault=None,
                    cancel_asked_at=None,
                )
                .returning(Job.id)
            )
    except IntegrityError as error:
        raise UnfinishedJob from error
    if queued is None:
        raise Conflict("Only a failed job can be retried.")
    _add_line(session, job_id, "It is to be tried again.", now)
    session.refresh(job)
    _record(session, AuditAction.JOB_RETRIED, job)
    return job


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


def list_newest(session: Session, site_id: int) -> Sequence[Job]:
    """Return a site's jobs, the newest first: those that wait and those that ended."""
    return session.scalars(
        sa.select(Job)
        .where(Job.site_id == site_id)
        .order_by(Job.id.desc())
        .limit(LISTED)
    ).all()


def count_ahead(session: Session, job: Job) -> int:
    """Count what a worker does before a queued job, at any site."""
    if job.state != JobState.QUEUED.value or job.kind in PERSONAL:
        return 0
    unfinished = JobState.QUEUED.value, JobState.RUNNING.value
    query = sa.select(sa.func.count()).where(
        Job.id < job.id, Job.state.in_(unfinished), Job.kind.not_in(PERSONAL)
    )
    return session.scalar(query) or 0


def lines_of(session: Session, job_id: int) -> Sequence[JobLine]:
    """Return the log of a job, the oldest line first."""
    return session.scalars(
        sa.select(JobLine).where(JobLine.job_id == job_id).order_by(JobLine.id)
    ).all()


def _add_line(session: Session, job_id: int, text: str, now: datetime) -> None:
    """Add a line to a job's log, while it is not full."""
    count = sa.select(sa.func.count()).where(JobLine.job_id == job_id)
    if (session.scalar(count) or 0) < MAX_LINES:
        session.add(JobLine(job_id=job_id, at=now, text=text[:MAX_LINE_LENGTH]))
        session.flush()


def _unleased(state: JobState, ended_at: datetime | None = None) -> dict[str, Any]:
    """Return the columns of a job that no worker holds."""
    return {"state": state.value, "leased_until": None, "finished_at": ended_at}


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        Job.state == JobState.QUEUED.value,
        sa.and_(Job.state == JobState.RUNNING.value, Job.leased_until < now),
    )


def _write(session: Session, task: Task, values: Mapping[str, Any]) -> datetime | None:
    """Change a job that is held; return when someone asked to end it, if so."""
    written = session.execute(
        sa.update(Job)
        .where(
            Job.id == task.job_id,
            Job.attempts == task.attempt,
            Job.state == JobState.RUNNING.value,
        )
        .values(**values)
        .returning(Job.cancel_asked_at)
    ).one_or_none()
    if written is None:
        raise LeaseLost
    asked_at: datetime | None = written[0]
    return asked_at
