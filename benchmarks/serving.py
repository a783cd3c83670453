"""Requests per second of POST /api/v1/comments beside a bare Flask view.

    python -m benchmarks.serving [--seconds 5] [--rounds 3] [--clients 8]

Both run under the gunicorn settings that we ship, on SQLite, on the loopback, in
turns in the same run, so that what else the machine does falls on both. The clients
are threads of one further process, each with a connection that it keeps.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import itertools
import json
import os
import platform
import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, jsonify

from moderation.web.services import services_of

ROOT = Path(__file__).parents[1]
PATH = "/api/v1/comments"
MAX_SECONDS, MAX_ROUNDS, MAX_CLIENTS = 60, 20, 64  # it is no siege engine
ARTICLES = 50
TEXT = (
    "the bridge over the river was closed again this morning and nobody at city hall "
    "could tell us why it takes two years to mend what was built in one while the "
    "ferry stays tied up and every shop on the lane loses its customers thank you for "
    "asking the right questions I would add that buses could run earlier"
)
WORDS = TEXT.split()


def bare() -> Flask:
    """Return an app that answers a constant: the least that Flask can do."""
    app = Flask("bare")

    @app.post(PATH)
    def answer() -> tuple[Response, int]:
        return jsonify(id="0p2k4t7c1v9xz", status="approved"), 201

    return app


@dataclass
class Figures:
    """What the rounds of one server gave."""

    name: str
    rates: list[float] = field(default_factory=list)  #: requests a second, a round each
    milliseconds: list[float] = field(default_factory=list)  #: of each request
    memory_mb: float = 0.0  #: proportional set size of a worker, mean

    def row(self) -> str:
        """Return the line of the table."""
        cuts = statistics.quantiles(self.milliseconds, n=100)
        return (
            f"{self.name:<24}{statistics.median(self.rates):>9.0f}"
            f"{min(self.rates):>9.0f}{max(self.rates):>9.0f}"
            f"{cuts[49]:>10.1f}{cuts[98]:>10.1f}{self.memory_mb:>12.0f}"
        )


def body(number: int, words: random.Random) -> bytes:
    """Return a comment of the usual length: 5 to 60 words."""
    text = " ".join(words.choices(WORDS, k=words.randint(5, 60)))
    return json.dumps(
        {
            "author_name": f"Reader {number % 500}",
            "author_email": f"reader{number % 500}@mail.example",
            "body": f"{text} ({number}).",
            "article": f"https://news.example/{number % ARTICLES}",
        }
    ).encode()


def shoot(port: int, key: str, clients: int, seconds: float) -> list[float]:
    """Post until the time is over; return how long each answer took, milliseconds."""
    took: list[float] = []
    until = time.monotonic() + seconds

    def post(number: int) -> None:
        # Others than in the last round: a text that comes twice is one comment.
        words = random.Random(time.time_ns())
        start = time.time_ns() // 100_000_000 % 900_000
        numbers = itertools.count(number * 1_000_000 + start)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        mine = []
        while time.monotonic() < until:
            data = body(next(numbers), words)
            started = time.perf_counter()
            connection.request("POST", PATH, data, headers)
            response = connection.getresponse()
            response.read()
            mine.append((time.perf_counter() - started) * 1000)
            if response.status != 201:
                raise SystemExit(f"answered {response.status}")
        connection.close()
        took.extend(mine)

    threads = [threading.Thread(target=post, args=(each,)) for each in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


@contextlib.contextmanager
def served(app: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Serve an app as we ship it; give its port and its process id."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--log-level", "warning"], cwd=ROOT, env=environment
    )
    try:
        for _ in range(2400):  # two minutes: a busy machine starts slowly
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port)),
            ):
                break
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def worker_memory(pid: int) -> float:
    """Return the mean proportional set size of a server's workers, megabytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    sizes = []
    for child in children:
        for line in Path(f"/proc/{child}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                sizes.append(int(line.split()[1]) / 1000)
    return statistics.mean(sizes)


def prepare(folder: Path, url: str = "") -> tuple[dict[str, str], str]:
    """Set up a service with one site; return its environment and the site's key."""
    from moderation import create_app, migration
    from moderation.cli.app import act_on_command_line
    from moderation.database import db, start_writing
    from moderation.policy.brakes import NO_BRAKES
    from moderation.sites import keys, policies, sites

    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    environment = {
        **os.environ,
        "MODERATION_SECRET_KEY": secrets.token_urlsafe(32),
        "MODERATION_EMAIL_KEYS": f"k1:{key()}",
        "MODERATION_EMAIL_INDEX_KEY": key(),
        "MODERATION_LOG_LEVEL": "WARNING",
        "DATABASE_URL": url or f"sqlite:///{folder}/moderation.sqlite",
    }
    app = create_app(environment)
    with app.app_context():
        migration.migrate()
        scorer = services_of(app).scoring.default
        if scorer is None:
            raise SystemExit("there is no model to serve")
        act_on_command_line()
        session, now = db.session(), datetime.now(UTC)
        start_writing(session)
        policy = policies.default_policy(scorer.manifest["thresholds"])
        # Its few readers write faster than brakes let them; all is counted the same.
        policy["brakes"] = NO_BRAKES.as_json()
        site = sites.create_site(session, "benchmark", policy, now)
        site_key = keys.issue_key(session, site.id, services_of(app).token_key, now)
        session.commit()
        db.session.remove()
        db.engine.dispose()
    return environment, site_key


def from_elsewhere(port: int, key: str, clients: int, seconds: float) -> list[float]:
    """Run `shoot` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.serving", "--shoot"]
    told = json.dumps([port, key, clients, seconds])
    done = subprocess.run(
        [*command, told], cwd=ROOT, check=True, capture_output=True, text=True
    )
    took: list[float] = json.loads(done.stdout)
    return took


def measure(seconds: float, rounds: int, clients: int) -> list[Figures]:
    """Serve both and let them take turns."""
    ours = Figures(name="POST /api/v1/comments")
    constant = Figures(name="bare Flask view")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment, key = prepare(folder)
        servers = [
            (
                constant,
                *stack.enter_context(served("benchmarks.serving:bare()", environment)),
            ),
            (ours, *stack.enter_context(served("wsgi:app", environment))),
        ]
        for _, port, _ in servers:
            from_elsewhere(port, key, clients, 1)  # warm
        for _ in range(rounds):
            for figures, port, _ in servers:
                took = from_elsewhere(port, key, clients, seconds)
                figures.rates.append(len(took) / seconds)
                figures.milliseconds += took
        for figures, _, pid in servers:
            figures.memory_mb = worker_memory(pid)
    return [constant, ours]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--shoot", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.shoot:
        print(json.dumps(shoot(*json.loads(given.shoot))))
        return
    seconds = min(given.seconds, MAX_SECONDS)
    rounds, clients = min(given.rounds, MAX_ROUNDS), min(given.clients, MAX_CLIENTS)
    found = measure(seconds, rounds, clients)
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}; {rounds} rounds "
        f"of {seconds:g} s each in turn, {clients} clients; SQLite"
    )
    print(
        f"{'':<24}{'req/s':>9}{'least':>9}{'most':>9}{'p50 ms':>10}{'p99 ms':>10}"
        f"{'PSS MB/worker':>15}"
    )
    for figures in found:
        print(figures.row())
    bare_rate, our_rate = (statistics.median(each.rates) for each in found)
    print(f"ours / bare: {our_rate / bare_rate:.2f}")


if __name__ == "__main__":
    main()
