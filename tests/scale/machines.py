"""Machines made of process groups: nothing is shared but what has an address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.processes import ROOT, free_port, is_up, wait_until

START_SECONDS = 120  # on a busy machine; it takes five


@dataclass(kw_only=True)
class Machine:
    """A web service and a worker with folders of their own."""

    url: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def call(
        self, method: str, path: str, credential: str, **more: Any
    ) -> requests.Response:
        """Call the web service of this machine."""
        headers = {"Authorization": f"Bearer {credential}", **more.pop("headers", {})}
        return requests.request(
            method, self.url + path, headers=headers, timeout=60, **more
        )

    def cut_power(self) -> None:
        """Kill all processes of this machine, without a word to them."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
        self.processes.clear()

    def shut_down(self) -> None:
        """End this machine in good order."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(60)


def boot(folder: Path, number: int, settings: Mapping[str, str]) -> Machine:
    """Start a machine, with an address of its own on the loopback."""
    home = folder / f"machine-{number}"
    temporary = home / "tmp"
    temporary.mkdir(parents=True)
    address = f"127.0.0.{10 + number}:{free_port()}"
    kept = {
        name: value for name, value in os.environ.items() if "MODERATION" not in name
    }
    environment = {
        **kept,
        **settings,
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(temporary),
        "GUNICORN_CMD_ARGS": "--log-level warning",
    }
    commands = (
        ("serve", "--workers", "1", "--bind", address),
        ("worker",),
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "moderation", *words],
            cwd=home,
            env=environment,
            start_new_session=True,
        )
        for words in commands
    ]
    return Machine(url=f"http://{address}", processes=processes)


@contextmanager
def running(
    folder: Path, count: int, settings: Mapping[str, str]
) -> Iterator[Sequence[Machine]]:
    """Run so many machines."""
    machines = [boot(folder, number, settings) for number in range(count)]
    try:
        wait_until(lambda: all(is_up(each.url) for each in machines), START_SECONDS)
        yield machines
    finally:
        for machine in machines:
            machine.shut_down()
