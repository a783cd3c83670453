"""One attempt at a job: leased, renewed by a heartbeat, ended in one commit."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from classifiers.errors import ClassifierError
from moderation import jobs
from moderation.database import Sessions, start_writing
from moderation.errors import ModerationError
from moderation.jobs import Cancelled, JobKind, JobProgress, LeaseLost, Task
from moderation.metrics.counters import JOB_ATTEMPTS

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = jobs.LEASE_LASTS.total_seconds() / 4  # three may be missed
PROGRESS_SECONDS = 0.3  # between two progress updates without a note
FAULT = "It failed unexpectedly. The worker's log has the error."

#: Stores what a job made, in the commit that ends it, and returns its result.
Store = Callable[[Session], Mapping[str, Any]]
#: Does a job without holding a transaction open.
Work = Callable[[Task, JobProgress], Store]


def take_next(sessions: Sessions, kind: JobKind | None = None) -> Task | None:
    """Lease the next job, of a kind if given; None if there is none."""
    now = datetime.now(UTC)
    with sessions() as session:
        job_id = jobs.waiting(session, now, kind)
        if job_id is None:
            return None
        start_writing(session)
        task = jobs.take(session, job_id, now)
        session.commit()
        return task


def run_job(sessions: Sessions, work: Mapping[JobKind, Work], task: Task) -> None:
    """Do a leased job, and end it in one commit with what it made."""
    try:
        with Heart(sessions, task):
            store = work[task.kind](task, _throttled_progress(sessions, task))
        with sessions() as session:
            start_writing(session)
            jobs.succeed(session, task, store(session), datetime.now(UTC))
            session.commit()
        _count(task, "succeeded")
    except LeaseLost:
        _log_lost(task)
        _count(task, "lost")
    except Cancelled:
        _count(task, "canceled")
        logger.info("job %s is canceled", task.job_id)
        _end(
            sessions, task, lambda session, now: jobs.end_cancelled(session, task, now)
        )
    except (ModerationError, ClassifierError) as error:
        logger.info("job %s can't be done: %s", task.job_id, error)
        break_off(sessions, task, str(error))
    except (InterfaceError, OperationalError) as error:
        _count(task, "lost")
        # Its lease expires: another attempt follows a little later.
        logger.error(
            "job %s lost the database: %s", task.job_id, type(error.orig).__name__
        )
    except Exception:  # one job's fault must not end the worker
        logger.exception("job %s failed", task.job_id)
        break_off(sessions, task, FAULT)


def give_back(sessions: Sessions, task: Task) -> None:
    """Put an interrupted job back, for the next worker to take up immediately."""
    _end(sessions, task, lambda session, _: jobs.give_back(session, task))


def break_off(sessions: Sessions, task: Task, fault: str) -> None:
    """End a job that can't be done, with one sentence why."""
    _end(sessions, task, lambda session, now: jobs.fail(session, task, fault, now))
    _count(task, "failed")


def _count(task: Task, result: str) -> None:
    JOB_ATTEMPTS.labels(task.kind.value, result).inc()


class Heart:
    """Renews a task's lease while it is being worked on."""

    def __init__(
        self,
        sessions: Sessions,
        task: Task,
        *,
        every_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._sessions = sessions
        self._every_seconds = every_seconds
        self._task = task
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stopped.wait(self._every_seconds):
            try:
                _renew(self._sessions, self._task)
            except LeaseLost:
                return  # the work notices at its next step
            except OperationalError:
                logger.warning("the lease of job %s waits", self._task.job_id)


def _throttled_progress(sessions: Sessions, task: Task) -> JobProgress:
    """Return what records progress, at most some times a second."""
    last = -math.inf

    def record(share: float, note: str | None = None, /) -> None:
        nonlocal last
        if note is None and time.monotonic() - last < PROGRESS_SECONDS:
            return
        last = time.monotonic()
        if _renew(sessions, task, share, note):
            raise Cancelled

    return record


def _renew(
    sessions: Sessions,
    task: Task,
    progress: float | None = None,
    note: str | None = None,
) -> bool:
    with sessions() as session:
        start_writing(session)
        is_cancelled = jobs.renew(session, task, datetime.now(UTC), progress, note)
        session.commit()
    return is_cancelled


def _end(
    sessions: Sessions, task: Task, write: Callable[[Session, datetime], None]
) -> None:
    """Write how an attempt ended, unless another worker has the job by now."""
    try:
        with sessions() as session:
            start_writing(session)
            write(session, datetime.now(UTC))
            session.commit()
    except LeaseLost:
        _log_lost(task)


def _log_lost(task: Task) -> None:
    logger.warning("job %s was taken up by another worker", task.job_id)
