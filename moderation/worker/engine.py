"""The worker: takes jobs up from their rows, with Huey as the engine."""

from __future__ import annotations

import json
import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from huey.api import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.signals import SIGNAL_INTERRUPTED
from huey.storage import MemoryStorage
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from classifiers.errors import ClassifierError
from moderation import jobs
from moderation.campaigns import clustering
from moderation.comments import rescoring
from moderation.database import start_writing
from moderation.errors import ModerationError
from moderation.jobs import Cancelled, JobKind, LeaseLost, Progress, Task
from moderation.learning import comparison, retraining
from moderation.models.serving import Scoring
from moderation.review import bulk_steps
from moderation.worker import rescorer

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = jobs.LEASE_LASTS.total_seconds() / 4  # three may be missed
SOONEST_LOOK_SECONDS = 0.5  # how often an idle worker looks for a job: at first,
LATEST_LOOK_SECONDS = 3.0  # and when nothing has come for long
TELLING_SECONDS = 0.3  # between two notes of progress that say nothing new in words
BULK_LOOK_SECONDS = 1.0  # how often a bulk decision is looked for
FORGET_SECONDS = 600.0  # how often old texts are forgotten
PERFORM = "perform"  # what the one kind of message is called
FAULT = "Something of ours failed; the worker's log tells what."

Sessions = Callable[[], Session]

#: Stores what a job made, in the commit that ends it, and returns its result.
Store = Callable[[Session], Mapping[str, Any]]
#: Does a job without holding a transaction open.
Work = Callable[[Task, Progress], Store]


def duties(
    sessions: Sessions, scoring: Scoring, lineage_key: bytes
) -> dict[JobKind, Work]:
    """Return how each kind of job is done."""

    def retrain(task: Task, progress: Progress) -> Store:
        with sessions() as session:
            found = retraining.snapshot(session, scoring, task)
        trial = retraining.train(found, progress)
        return lambda session: retraining.save(
            session, task, trial, lineage_key, datetime.now(UTC)
        )

    def rescore(task: Task, progress: Progress) -> Store:
        now = datetime.now(UTC)
        with sessions() as session:
            wanted, scorer = rescoring.order(session, scoring, task, now)
        count = rescorer.carry_out(sessions, scoring, wanted, scorer, progress, now)
        return lambda session: {"version": scorer.version, "scored": count}

    def compare(task: Task, progress: Progress) -> Store:
        with sessions() as session:
            pair = comparison.snapshot(session, scoring, task, lineage_key)
        report = comparison.measure(pair, progress)
        return lambda session: {"report": report}

    def decide_in_bulk(task: Task, progress: Progress) -> Store:
        with sessions() as session:
            batch_id = bulk_steps.of_job(session, task.job_id)
        more = True
        while more:
            with sessions() as session:
                start_writing(session)
                more, share = bulk_steps.run_step(session, batch_id, datetime.now(UTC))
                session.commit()
            progress(share)
        return lambda session: {}

    return {
        JobKind.RETRAINING: retrain,
        JobKind.RESCORING: rescore,
        JobKind.COMPARISON: compare,
        JobKind.BULK: decide_in_bulk,
    }


def perform(sessions: Sessions, work: Mapping[JobKind, Work], task: Task) -> None:
    """Do a job that was taken up, and end it in one commit with what it made."""
    try:
        with Heart(sessions, task):
            store = work[task.kind](task, _progress(sessions, task))
        with sessions() as session:
            start_writing(session)
            jobs.succeed(session, task, store(session), datetime.now(UTC))
            session.commit()
    except LeaseLost:
        logger.warning("job %s was taken up by another worker", task.job_id)
    except Cancelled:
        logger.info("job %s is ended, as somebody has asked", task.job_id)
        _end_cancelled(sessions, task)
    except (ModerationError, ClassifierError) as error:
        logger.info("job %s can't be done: %s", task.job_id, error)
        break_off(sessions, task, str(error))
    except Exception:  # one job's fault must not end the worker
        logger.exception("job %s failed", task.job_id)
        break_off(sessions, task, FAULT)


def take_next(sessions: Sessions, kind: JobKind | None = None) -> Task | None:
    """Take up the job that is next, of a kind if given, if there is one."""
    now = datetime.now(UTC)
    with sessions() as session:
        job_id = jobs.waiting(session, now, kind)
        if job_id is None:
            return None
        start_writing(session)
        task = jobs.take(session, job_id, now)
        session.commit()
        return task


def give_back(sessions: Sessions, task: Task) -> None:
    """Put a job that is broken off back, for the next worker to take up at once."""
    try:
        with sessions() as session:
            start_writing(session)
            jobs.give_back(session, task)
            session.commit()
    except LeaseLost:
        logger.warning("job %s was taken up by another worker", task.job_id)


def run(
    sessions: Sessions, work: Mapping[JobKind, Work], *, beside: int | None = None
) -> None:
    """Do jobs until a signal comes, one at a time.

    SIGINT lets the job at hand end; SIGTERM breaks it off and puts it back.

    Parameters
    ----------
    beside
        Process id of the parent; when that ends, so does the worker.
    """
    logging.getLogger("huey").setLevel(logging.WARNING)
    if beside is not None:
        threading.Thread(target=_end_with, args=(beside,), daemon=True).start()
    consumer = build_huey(sessions, work).create_consumer(
        workers=1,
        periodic=False,
        initial_delay=SOONEST_LOOK_SECONDS,
        max_delay=LATEST_LOOK_SECONDS,
    )
    logger.info("worker started")
    consumer.run()


def run_beside(
    sessions: Sessions, work: Mapping[JobKind, Work], stopped: threading.Event
) -> None:
    """Decide in bulk until the event is set, while others train: people wait for it.

    Now and then, texts that nothing has resembled for long are forgotten.
    """
    forgotten_at = 0.0
    while not stopped.wait(BULK_LOOK_SECONDS):
        try:
            while (task := take_next(sessions, JobKind.BULK)) is not None:
                perform(sessions, work, task)
            if time.monotonic() - forgotten_at > FORGET_SECONDS:
                forget(sessions, datetime.now(UTC))
                forgotten_at = time.monotonic()
        except SQLAlchemyError as error:
            logger.error("bulk decisions wait: %s", type(error).__name__)


def forget(sessions: Sessions, now: datetime) -> int:
    """Forget all texts that nothing has resembled for long; return how many."""
    count, more = 0, True
    while more:
        with sessions() as session:
            start_writing(session)
            gone = clustering.forget(session, now)
            session.commit()
        count += gone
        more = gone == clustering.FORGOTTEN_AT_ONCE
    return count


def build_huey(sessions: Sessions, work: Mapping[JobKind, Work]) -> Huey:
    """Return a Huey whose queue is the table of jobs."""
    huey = Huey(
        "moderation",
        results=False,
        serializer=JsonSerializer(),
        storage_class=JobRows,
        sessions=sessions,
    )

    def perform_job(fields: Mapping[str, Any]) -> None:
        perform(sessions, work, _task(fields))

    def put_back(_: str, task: Any, *__: Any) -> None:
        give_back(sessions, _task(task.args[0]))

    huey.task(name=PERFORM)(perform_job)
    huey.signal(SIGNAL_INTERRUPTED)(put_back)
    return huey


class JsonSerializer(Serializer):  # type: ignore[misc]  # huey is untyped
    """Huey's messages as JSON: nothing that is read is ever executed."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


class JobRows(MemoryStorage):  # type: ignore[misc]  # huey is untyped
    """Huey's queue, read from the table of jobs: there is no second one.

    A job is enqueued by its row, in the transaction of whoever asks for it. Only
    Huey's own notes (revoked tasks, none of which we make) are kept in memory.
    """

    def __init__(self, name: str, *, sessions: Sessions) -> None:
        super().__init__(name)
        self._sessions = sessions

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Refuse: a job without its row would be lost."""
        raise NotImplementedError("jobs are enqueued by jobs.enqueue")

    def dequeue(self) -> bytes | None:
        """Return the message of the job that is next, leased to this worker."""
        try:
            task = take_next(self._sessions)
        except OperationalError as error:
            logger.error("the database did not answer: %s", type(error.orig).__name__)
            return None
        if task is None:
            return None
        message = Message(
            id=str(task.job_id),
            name=f"{__name__}.{PERFORM}",
            retries=0,
            retry_delay=0,
            args=[vars(task)],
            kwargs={},
        )
        data: bytes = JsonSerializer().serialize(message)
        return data


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


def _progress(sessions: Sessions, task: Task) -> Progress:
    """Return what writes progress down, at most some times a second."""
    last = -math.inf

    def tell(share: float, note: str | None = None, /) -> None:
        nonlocal last
        if note is None and time.monotonic() - last < TELLING_SECONDS:
            return
        last = time.monotonic()
        if _renew(sessions, task, share, note):
            raise Cancelled

    return tell


def _end_cancelled(sessions: Sessions, task: Task) -> None:
    try:
        with sessions() as session:
            start_writing(session)
            jobs.end_cancelled(session, task, datetime.now(UTC))
            session.commit()
    except LeaseLost:
        logger.warning("job %s was taken up by another worker", task.job_id)


def break_off(sessions: Sessions, task: Task, fault: str) -> None:
    """End a job that can't be done, with one sentence why."""
    try:
        with sessions() as session:
            start_writing(session)
            jobs.fail(session, task, fault, datetime.now(UTC))
            session.commit()
    except LeaseLost:
        logger.warning("job %s was taken up by another worker", task.job_id)


def _task(fields: Mapping[str, Any]) -> Task:
    return Task(**{**fields, "kind": JobKind(fields["kind"])})


def _end_with(parent: int) -> None:
    """End this process, in good order, when its parent has ended."""
    while os.getppid() == parent:
        threading.Event().wait(1)
    os.kill(os.getpid(), signal.SIGTERM)
