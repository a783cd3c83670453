"""The command that does the background work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial

import click
from sqlalchemy.orm import sessionmaker

from moderation.audit import actors
from moderation.audit.actors import Actor, ActorKind
from moderation.cli.app import open_app
from moderation.database import db

LOOK_SECONDS = 0.5  # between two looks at whether the worker lives
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 1.0, 60.0  # before a new one starts
STABLE_SECONDS = 60.0  # one that lived so long did not die of its start
NICENESS = 10  # of the worker next to a server: requests come first


@click.command("worker")
@click.option(
    "--beside",
    type=int,
    metavar="PID",
    help="End with this parent process, and be nice",
)
def run_worker(beside: int | None) -> None:
    """Run background work until a signal ends it."""
    # Here, as they import Huey, 16 MB: what serves the demo loads this module, too.
    from prometheus_client import start_http_server

    from moderation.metrics.counters import FOLDER_VARIABLE, REGISTRY
    from moderation.worker import duties, engine, loops
    from moderation.worker.history_importer import HistoryImporter

    services = open_app()
    info = actors.identify(Actor(kind=ActorKind.WORKER), services.audit_key)
    if services.settings.worker_metrics and FOLDER_VARIABLE not in os.environ:
        # Next to a server, its counts are among those of `/metrics`.
        host, port = services.settings.worker_metrics
        start_http_server(port, host, registry=REGISTRY)
    sessions = sessionmaker(db.engine, expire_on_commit=False, info=info)
    history = HistoryImporter(
        sessions=sessions, privacy=services.privacy, folder=services.uploads
    )
    scheduler = services.settings.dask_scheduler
    work = duties.build(
        sessions, services.scoring, services.lineage_key, history, scheduler
    )
    loops.start(loops.table(services, sessions, work), threading.Event())
    engine.run(sessions, work, beside=beside)


def keep_worker_beside() -> None:
    """Keep a worker running as long as this process runs.

    A forked process does it, as gunicorn, which follows here, collects all children.
    """
    parent = os.getpid()
    if os.fork():
        return
    try:
        _supervise(parent)
    finally:
        os._exit(0)  # nothing of the parent is to be cleaned up here


def _supervise(parent: int) -> None:
    """Start a worker, and another one when it has died, until the parent ends.

    One that dies at once is started again ever more rarely.
    """
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())

    def is_over() -> bool:
        return stopped.is_set() or os.getppid() != parent

    pause_seconds = MIN_PAUSE_SECONDS
    while not is_over():
        worker, started = _start_worker(), time.monotonic()
        while worker.poll() is None and not is_over():
            stopped.wait(LOOK_SECONDS)
        if is_over():
            worker.terminate()
            worker.wait()
            return
        if time.monotonic() - started > STABLE_SECONDS:
            pause_seconds = MIN_PAUSE_SECONDS
        click.echo(
            f"The worker ended ({worker.returncode}); a new one starts in "
            f"{pause_seconds:g} s.",
            err=True,
        )
        until = time.monotonic() + pause_seconds
        while time.monotonic() < until and not is_over():
            stopped.wait(LOOK_SECONDS)
        pause_seconds = min(2 * pause_seconds, MAX_PAUSE_SECONDS)


def _start_worker() -> subprocess.Popen[bytes]:
    """Start a worker as a child of this process, with which it ends."""
    command = [sys.executable, "-m", "moderation", "worker", "--beside"]
    return subprocess.Popen(  # noqa: S603 - our own command
        [*command, str(os.getpid())], preexec_fn=partial(os.nice, NICENESS)
    )
