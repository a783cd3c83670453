"""Huey over our job rows: one job at a time, until a signal comes."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
from collections.abc import Mapping
from typing import Any

from huey.api import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.signals import SIGNAL_INTERRUPTED
from huey.storage import MemoryStorage
from sqlalchemy.exc import OperationalError

from moderation.database import Sessions
from moderation.jobs import JobKind, Task
from moderation.worker import job_attempts
from moderation.worker.job_attempts import Work

logger = logging.getLogger(__name__)

MIN_POLL_SECONDS = 0.5  # how often an idle worker looks for a job: at first,
MAX_POLL_SECONDS = 3.0  # and when nothing has come for long
RUN_JOB = "run_job"  # the name of the one kind of message


def run(
    sessions: Sessions, work: Mapping[JobKind, Work], *, beside: int | None = None
) -> None:
    """Do jobs until a signal comes, one at a time.

    SIGINT lets the current job end; SIGTERM interrupts it and puts it back.

    Parameters
    ----------
    next to
        Process id of the parent; when that ends, so does the worker.
    """
    logging.getLogger("huey").setLevel(logging.WARNING)
    if beside is not None:
        threading.Thread(target=_end_with, args=(beside,), daemon=True).start()
    consumer = build_huey(sessions, work).create_consumer(
        workers=1,
        periodic=False,
        initial_delay=MIN_POLL_SECONDS,
        max_delay=MAX_POLL_SECONDS,
    )
    logger.info("worker started")
    consumer.run()


def build_huey(sessions: Sessions, work: Mapping[JobKind, Work]) -> Huey:
    """Return a Huey whose queue is the table of jobs."""
    huey = Huey(
        "moderation",
        results=False,
        serializer=JsonSerializer(),
        storage_class=JobRows,
        sessions=sessions,
    )

    def run_job(fields: Mapping[str, Any]) -> None:
        job_attempts.run_job(sessions, work, _task(fields))

    def put_back(_: str, task: Any, *__: Any) -> None:
        job_attempts.give_back(sessions, _task(task.args[0]))

    huey.task(name=RUN_JOB)(run_job)
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

    A job is enqueued by its row, in the caller's transaction. Only
    Huey's own notes (revoked tasks, none of which we make) are kept in memory.
    """

    def __init__(self, name: str, *, sessions: Sessions) -> None:
        super().__init__(name)
        self._sessions = sessions

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Refuse: a job without its row would be lost."""
        raise NotImplementedError("jobs are enqueued by jobs.enqueue")

    def dequeue(self) -> bytes | None:
        """Return the message of the next job, leased to this worker."""
        try:
            task = job_attempts.take_next(self._sessions)
        except OperationalError as error:
            logger.error("the database did not answer: %s", type(error.orig).__name__)
            return None
        if task is None:
            return None
        message = Message(
            id=str(task.job_id),
            name=f"{__name__}.{RUN_JOB}",
            retries=0,
            retry_delay=0,
            args=[vars(task)],
            kwargs={},
        )
        data: bytes = JsonSerializer().serialize(message)
        return data


def _task(fields: Mapping[str, Any]) -> Task:
    return Task(**{**fields, "kind": JobKind(fields["kind"])})


def _end_with(parent: int) -> None:
    """End this process, in good order, when its parent has ended."""
    while os.getppid() == parent:
        threading.Event().wait(1)
    os.kill(os.getpid(), signal.SIGTERM)
