"""Comments per second of our calls, next to a bare Flask view and Isso.

    python -m benchmarks.serving [--seconds 3] [--rounds 3] [--clients 8]
        [--encoder never|always] [--database URL] [--isso PYTHON | --no-isso]

All run under gunicorn with as many processes and threads as we ship, on the loopback,
in turns in the same run, so that what else the machine does falls on all. `wrk` sends
the requests, on kept connections. Isso is a comment system that stores comments and
scores none: version 0.14 is installed into a temporary folder, unless a Python that has
it and gunicorn is named.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import platform
import random
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from flask import Flask, Response, jsonify

from benchmarks import calls
from benchmarks.calls import MARK, WORDS, make_comment
from moderation.web.services import services_of

__all__ = ["WORDS"]  # for other benchmarks

ROOT = Path(__file__).parents[1]
PATH = "/api/v1/comments"
MAX_SECONDS, MAX_ROUNDS, MAX_CLIENTS = 60, 20, 64  # it is no siege engine
SCRIPT = Path(__file__).with_name("load.lua")
ISSO = ["isso==0.14.0", "gunicorn"]
TEMPLATES = 1000  # different requests that `wrk` sends round and round
#: Our calls, and how many comments each brings.
OURS = {"post": 1, "batch": calls.BATCH_SIZE, "check": 1, "analyze": 1}


def bare() -> Flask:
    """Return an app that answers a constant: the least that Flask can do."""
    app = Flask("bare")

    @app.post(PATH)
    def answer() -> tuple[Response, int]:
        return jsonify(id="0p2k4t7c1v9xz", status="approved"), 201

    return app


@dataclass
class Figures:
    """What the rounds of one call gave."""

    name: str
    rates: list[float] = field(default_factory=list)  #: comments a second, by round
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


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs."""

    port: int
    pid: int
    start_seconds: float  #: until it took connections


@dataclass
class Call:
    """A call of one server, and what its rounds gave."""

    name: str
    call: str
    server: Server
    rates: list[float] = field(default_factory=list)  #: comments a second, by round
    medians: list[float] = field(default_factory=list)  #: milliseconds, by round
    slowest: list[float] = field(default_factory=list)  #: 99th percentile, the same

    @property
    def rate(self) -> float:
        """Comments a second, the median of the rounds."""
        return statistics.median(self.rates)

    def row(self, rivals: Sequence[Call]) -> str:
        """Return the line of the table, with ratios to others."""
        ratios = "".join(f"{self.rate / rival.rate:>9.2f}" for rival in rivals)
        return (
            f"{self.name:<20}{self.rate:>9.0f}{min(self.rates):>9.0f}"
            f"{max(self.rates):>9.0f}{statistics.median(self.medians):>9.1f}"
            f"{max(self.slowest):>9.1f}{worker_memory(self.server.pid):>9.0f}"
            f"{self.server.start_seconds:>9.1f}{ratios}"
        )


def body(number: int, words: random.Random) -> bytes:
    """Return a comment of the usual length: 5 to 60 words."""
    comment = make_comment(number, words)
    return json.dumps(comment).replace(MARK, str(number)).encode()


@contextlib.contextmanager
def served(
    app: str,
    environment: Mapping[str, str],
    *options: str,
    python: str = sys.executable,
    folder: Path = ROOT,
    errors: int | None = None,
) -> Iterator[tuple[int, int]]:
    """Serve an app as we ship it; give its port and its process id."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    command = [python, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}", *options]
    process = subprocess.Popen(
        [*command, "--log-level", "warning"],
        cwd=folder,
        env=environment,
        stderr=errors,
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


@contextlib.contextmanager
def timed(
    server: contextlib.AbstractContextManager[tuple[int, int]],
) -> Iterator[Server]:
    """Start a server, and note how long that takes."""
    started = time.monotonic()
    with server as (port, pid):
        seconds = time.monotonic() - started
        yield Server(port=port, pid=pid, start_seconds=seconds)


@contextlib.contextmanager
def isso(folder: Path, python: str | None) -> Iterator[Server]:
    """Serve Isso with its own settings, but for its limit on comments per reader."""
    if python is None:
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        python = str(folder / "venv/bin/python")
        install = [python, "-m", "pip", "install", "--quiet", *ISSO]
        subprocess.run(install, check=True, stdout=sys.stderr)
    settings = folder / "isso.cfg"
    settings.write_text(
        f"[general]\ndbpath = {folder}/isso.sqlite\nhost = http://127.0.0.1/\n"
        "[guard]\nenabled = false\n"
    )
    environment = {**os.environ, "ISSO_SETTINGS": str(settings)}
    environment.pop("PYTHONPATH", None)
    workers = os.environ.get("WEB_CONCURRENCY") or max(2, len(os.sched_getaffinity(0)))
    options = ["--preload", "--workers", str(workers), "--threads", "4"]
    server = served(
        "isso.run",
        environment,
        *options,
        python=python,
        folder=folder,
        errors=subprocess.DEVNULL,  # it logs each comment
    )
    with timed(server) as running:
        yield running


def load(call: Call, key: str, clients: int, seconds: float) -> None:
    """Let `wrk` send requests for a while, and note what it counted.

    Raises
    ------
    SystemExit
        If a request failed.
    """
    requests = list(islice(calls.list_requests(call.call, key), TEMPLATES))
    if call.call == "batch":
        requests, clients = requests[:20], 1
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{each.path}\t{each.body}\n" for each in requests)
        file.flush()
        headers = [f"{name}={value}" for name, value in requests[0].headers.items()]
        done = subprocess.run(
            [
                *("wrk", "--threads", "1", "--connections", str(clients)),
                *("--duration", f"{max(1, round(seconds))}s", "--timeout", "30s"),
                *("--script", str(SCRIPT), f"http://127.0.0.1:{call.server.port}"),
                *("--", file.name, str(calls.first_number()), *headers),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    _, _, result = done.stdout.rpartition("RESULT ")
    count, duration, median, slowest, failed = map(float, result.split())
    if failed:
        raise SystemExit(f"{call.name}: {failed:.0f} of {count:.0f} requests failed")
    call.rates.append(count * OURS.get(call.call, 1) / duration * 1e6)
    call.medians.append(median / 1000)
    call.slowest.append(slowest / 1000)


@contextlib.contextmanager
def started(given: argparse.Namespace) -> Iterator[tuple[list[Call], str]]:
    """Start all servers; give their calls, the rivals first, and our site's key."""
    from benchmarks.compat import switch_on

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment, key = prepare(folder, given.database)
        environment |= {
            "MODERATION_COMPAT_LIMIT": "100000000 per minute",
            "MODERATION_ENCODER": given.encoder,
        }
        switch_on(environment)
        constant = served("benchmarks.serving:bare()", environment)
        found = [Call("bare Flask view", "post", stack.enter_context(timed(constant)))]
        if not given.no_isso:
            other = stack.enter_context(isso(folder, given.isso))
            found.append(Call("Isso's POST /new", "isso", other))
        ours = stack.enter_context(timed(served("wsgi:app", environment)))
        found += [Call(f"ours: {name}", name, ours) for name in OURS]
        yield found, key


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--encoder", choices=["never", "always"], default="never")
    parser.add_argument("--database", default="", help="empty, on PostgreSQL")
    parser.add_argument("--isso", help="a Python that has Isso and gunicorn")
    parser.add_argument("--no-isso", action="store_true")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("this needs wrk, a package of most distributions")
    seconds = min(given.seconds, MAX_SECONDS)
    rounds, clients = min(given.rounds, MAX_ROUNDS), min(given.clients, MAX_CLIENTS)
    with started(given) as (all_calls, key):
        for call in all_calls if rounds > 1 else []:  # warm
            load(Call(call.name, call.call, call.server), key, clients, 1)
        for _ in range(rounds):
            for call in all_calls:
                load(call, key, clients, seconds)
        rivals = [call for call in all_calls if not call.name.startswith("ours")]
        database = "PostgreSQL" if given.database else "SQLite"
        print(
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python "
            f"{platform.python_version()}; {rounds} rounds of {seconds:g} s each in "
            f"turn, {clients} clients; {database}; encoder: {given.encoder}"
        )
        names = ["", "median/s", "least", "most", "p50 ms", "p99 ms", "PSS MB", "start"]
        names += ["/ bare", "/ Isso"][: len(rivals)]
        print(f"{names[0]:<20}" + "".join(f"{name:>9}" for name in names[1:]))
        for call in all_calls:
            print(call.row(rivals))


if __name__ == "__main__":
    main()
