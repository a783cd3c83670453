"""Starts the service's real processes, and waits for them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """Return a port of this machine that no process uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for another process; there is nothing else to wait on."""
    pause, until = threading.Event(), time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it took too long"
        pause.wait(0.05)


def is_up(url: str) -> bool:
    """Return whether a service answers."""
    try:
        return requests.get(f"{url}/healthz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def start(*command: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a module of Python with these settings of the service, and no others."""
    kept = {key: value for key, value in os.environ.items() if "MODERATION" not in key}
    return subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env={**kept, **environment}
    )


@contextmanager
def running(
    *command: str, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process of the service; end it in good order."""
    process = start(*command, environment=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(number) for number in text.split()]
