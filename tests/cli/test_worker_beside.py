"""The worker that a server starts: restarted when it dies, ended with the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import ENVIRONMENT
from tests.processes import children, wait_until

pytestmark = pytest.mark.apart

# What `moderation demo` does, with a pipe in place of the server.
PARENT = """
import sys
from moderation.cli.worker import keep_worker_beside
keep_worker_beside()
sys.stdin.read()
"""


@pytest.fixture
def parent(sqlite_template: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    kept = {name: value for name, value in os.environ.items() if "MODER" not in name}
    url = f"sqlite:///{sqlite_template}"
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=tmp_path,
        env={**kept, **ENVIRONMENT, "DATABASE_URL": url},
        stdin=subprocess.PIPE,
    )
    with process:  # closes the pipe
        yield process
        process.kill()


def worker_of(pid: int) -> int | None:
    """Return the process id of the worker below a process, if one is running."""
    workers = [worker for keeper in children(pid) for worker in children(keeper)]
    return workers[0] if workers else None


def test_a_worker_that_is_killed_is_started_again_and_ends_with_its_server(
    parent: subprocess.Popen[bytes],
) -> None:
    wait_until(lambda: worker_of(parent.pid) is not None, seconds=60)
    (keeper,) = children(parent.pid)
    first = worker_of(parent.pid)
    assert first
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: worker_of(parent.pid) not in (None, first), seconds=60)
    second = worker_of(parent.pid)
    parent.kill()
    parent.wait()
    wait_until(
        lambda: (
            not Path(f"/proc/{keeper}").exists()
            and not Path(f"/proc/{second}").exists()
        ),
        seconds=60,
    )
