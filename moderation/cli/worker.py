"""The command that does the background work."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import partial

import click
from sqlalchemy.orm import sessionmaker

from moderation.cli.app import open_app
from moderation.database import db

NICENESS = 10  # of the worker beside a server: requests come first


@click.command("worker")
@click.option(
    "--beside",
    type=int,
    metavar="PID",
    help="End with this parent process, and be nice",
)
def run_worker(beside: int | None) -> None:
    """Do the background work, until a signal comes."""
    # Here, as they import Huey, 16 MB: what serves the demo loads this module, too.
    from moderation.worker import duties, engine, loops

    services = open_app()
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    work = duties.build(sessions, services.scoring, services.lineage_key)
    loops.start(loops.table(services, sessions, work), threading.Event())
    engine.run(sessions, work, beside=beside)


def start_worker_beside() -> subprocess.Popen[bytes]:
    """Start a worker as a child of this process, with which it ends."""
    command = [sys.executable, "-m", "moderation", "worker", "--beside"]
    return subprocess.Popen(  # noqa: S603 - our own command
        [*command, str(os.getpid())], preexec_fn=partial(os.nice, NICENESS)
    )
