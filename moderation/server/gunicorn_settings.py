"""Settings of gunicorn; its command line can override each."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from moderation.metrics.counters import FOLDER_VARIABLE, share_counts

bind = "127.0.0.1:8000"
preload_app = True  # the model is mapped once, shared by all workers
control_socket_disable = True
#: As many as this process may use cores; hosting platforms set `WEB_CONCURRENCY`.
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, len(os.sched_getaffinity(0))))
worker_class = "moderation.server.worker.BufferingWorker"
# While one thread waits for the database, another one scores. Health checks have a
# thread of their own. See docs/decisions/0004-slow-clients.md.
threads = 4
timeout = 30
graceful_timeout = 20
keepalive = 5
# Keys are in the query or path of some requests: not in an access or error log.
logger_class = "moderation.web.access_log.KeylessLogger"

#: Each process counts into a file here; `/metrics` adds up. See docs/monitoring.md.
TEMPORARY = ""  # the folder, if it is made here
if FOLDER_VARIABLE not in os.environ:
    with contextlib.suppress(OSError):  # nowhere to write: each process by itself
        TEMPORARY = tempfile.mkdtemp(prefix="moderation-metrics-")
        os.environ[FOLDER_VARIABLE] = TEMPORARY
if FOLDER_VARIABLE in os.environ:
    share_counts()


def on_starting(server: Any) -> None:
    """Forget what processes of an earlier run have counted."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for file in Path(folder).glob("*.db"):
        number = file.stem.rpartition("_")[2]
        if not Path("/proc", number).exists():
            file.unlink(missing_ok=True)


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended; its counts stay."""
    from prometheus_client import multiprocess

    if os.environ.get(FOLDER_VARIABLE):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Remove the folder, unless a new master has taken over."""
    if TEMPORARY and not server.reexec_pid:
        shutil.rmtree(TEMPORARY, ignore_errors=True)
