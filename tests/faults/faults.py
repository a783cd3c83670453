"""What breaks while comments come in: each fault, as a test and a soak provoke it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.faults.databases import Database
from tests.faults.endpoints import FAILING, LYING, answering
from tests.faults.live import SECONDS, LiveNewsroom
from tests.processes import children, free_port, is_up, wait_until

HOUR = 3600
CROWD = 40  # clients: ten times as many as otherwise, and as a process has threads


class Redis:
    """A real Redis that can be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        """Start it, without a file."""
        words = ["redis-server", "--port", str(self._port), "--save", ""]
        self._process = subprocess.Popen(
            [*words, "--dir", str(self._folder)], stdout=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """Kill it; its counts are lost."""
        self._process.kill()
        self._process.wait()


@dataclass(frozen=True)
class Faults:
    """Faults of one site; each ends when the cause has gone."""

    live: LiveNewsroom
    database: Database
    redis: Redis

    def by_name(self) -> dict[str, Callable[[], None]]:
        """Return all faults but those of the clock, in an order that is quick."""
        return {
            "a killed web process": self.kill_a_web_process,
            "a killed worker": self.kill_the_worker_while_it_delivers,
            "broken endpoints": self.deliver_to_broken_endpoints,
            "a database that is away": self.take_the_database_away,
            "a killed database": self.database.kill,
            "a full disk": self.fill_the_disk,
            "no Redis": self.take_redis_away,
            "ten times the load": self.send_ten_times_as_much,
        }

    def kill_a_web_process(self) -> None:
        """Kill one of gunicorn's processes, which starts another."""
        pid = self.live.server.pid
        killed = children(pid)[0]
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in children(pid))

    def kill_all_web_processes(self) -> None:
        """Kill gunicorn with its processes, and start it again."""
        self.live.kill_server()
        self.live.start_server()

    def kill_the_worker_while_it_delivers(self) -> None:
        """Kill the worker while the receiver has an event, and start another."""
        self.live.receiver.meanwhile = lambda _: self.live.worker.kill()
        self.live.worker.wait(SECONDS)
        self.live.receiver.meanwhile = lambda _: None
        self.live.start_worker()

    def deliver_to_broken_endpoints(self) -> None:
        """Register broken receivers: the good one must get its events all the same."""
        live = self.live
        with contextlib.ExitStack() as stack:
            urls = {
                name: stack.enter_context(answering(answer))
                for name, answer in {**FAILING, "lies": LYING}.items()
            }
            hooks = {live.add_webhook(url): name for name, url in urls.items()}
            received = len(live.events)
            wait_until(lambda: len(live.events) > received, SECONDS)
            wait_until(lambda: len(live.results_of(hooks)) == len(hooks), SECONDS)
            for webhook_id, is_delivered in live.results_of(hooks).items():
                name = hooks[webhook_id]
                assert is_delivered == (name == "lies"), name
            live.switch_off(hooks)

    def take_the_database_away(self) -> None:
        """Let the database be away until clients have been refused."""
        with self.database.is_away():
            self.live.wait_for_refused()
            assert is_up(self.live.url)

    def fill_the_disk(self) -> None:
        """Let nothing be written until clients have been refused; reading works."""
        with self.database.is_full(lambda: children(self.live.server.pid)):
            self.live.wait_for_refused()
            queue = self.live.call_as_staff("GET", "/api/v1/queue")
            assert queue.status_code == 200, queue.text

    def take_redis_away(self) -> None:
        """Kill what counts log-ins: they are counted in memory, and still refused."""
        self.redis.kill()
        wrong = {"login": "gazette-lead", "password": "not this one"}
        url = f"{self.live.url}/api/v1/session"
        answer = requests.post(url, json=wrong, timeout=SECONDS)
        assert answer.status_code == 401, answer.text
        self.redis.start()

    def turn_the_clock_back(self) -> None:
        """Set the clock of all processes back by an hour; it stays so."""
        self.live.clock.write_text(str(-HOUR))

    def send_ten_times_as_much(self) -> None:
        """Let a crowd send until many are refused; the desk must go on."""
        live = self.live
        refused = live.ledger.refused[503]
        with live.comments_coming_in(clients=CROWD, pause_seconds=0):
            wait_until(lambda: live.ledger.refused[503] >= refused + CROWD, SECONDS)
            for _ in range(5):
                queue = live.call_as_staff("GET", "/api/v1/queue?limit=5")
                assert queue.status_code == 200, queue.text
