"""Measure the cost of silent and slow clients for others: /healthz, and posts.

    python -m benchmarks.silent_sockets [--database URL] [--demo] [--worker CLASS]

Serves as we ship it, by `gunicorn` or by `moderation demo`, and posts comments with
8 clients: in turns free, and while 32 sockets send nothing, 32 have sent half a head,
and 16 send a body a byte at a time. All of these come back as soon as the server drops
them. /healthz is asked five times a second all the while. At the end, each kind is
opened once more, to see when it is dropped.

A server that was given `--worker gthread` shows what gunicorn's own worker does.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from benchmarks import serving

ROOT = Path(__file__).parents[1]
KINDS = {"silent": 32, "half a head": 32, "slow body": 16}
HALF = {
    "silent": b"",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-a: ",
    "slow body": (
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
        b"Content-Type: application/json\r\n\r\n{"
    ),
}
BYTE_SECONDS = 1.0  # between two bytes of a slow body
ASKED_SECONDS = 0.2  # between two health checks
LIMIT_SECONDS = 45.0
PATIENCE_SECONDS = 20.0  # of a health check


class Holders:
    """Sockets that hold on to a server, and come back when they are dropped."""

    def __init__(self, port: int, kinds: dict[str, int], *, comes_back: bool) -> None:
        self.port = port
        self.comes_back = comes_back
        self.dropped: dict[str, list[float]] = {kind: [] for kind in kinds}
        self._open: dict[socket.socket, tuple[str, float]] = {}
        self._selector = selectors.DefaultSelector()
        self._stopped = threading.Event()
        for kind, count in kinds.items():
            for _ in range(count):
                self._hold(kind)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _hold(self, kind: str) -> None:
        held = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        with contextlib.suppress(OSError):
            held.sendall(HALF[kind])
        held.setblocking(False)
        self._open[held] = (kind, time.monotonic())
        self._selector.register(held, selectors.EVENT_READ)

    def _run(self) -> None:
        last = time.monotonic()
        while not self._stopped.is_set() and self._open:
            for key, _ in self._selector.select(0.1):
                assert isinstance(key.fileobj, socket.socket)
                self._read(key.fileobj)
            if time.monotonic() - last > BYTE_SECONDS:
                last = time.monotonic()
                for held in list(self._open):
                    if self._open[held][0] == "slow body":
                        with contextlib.suppress(OSError):
                            held.send(b"x")
        for held in self._open:
            held.close()

    def _read(self, held: socket.socket) -> None:
        try:
            if held.recv(4096):
                return  # the service asks to close; the end comes next
        except BlockingIOError:
            return
        except OSError:
            pass  # reset
        kind, since = self._open.pop(held)
        self.dropped[kind].append(time.monotonic() - since)
        self._selector.unregister(held)
        held.close()
        if self.comes_back:
            with contextlib.suppress(OSError):
                self._hold(kind)

    def left(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def stop(self) -> None:
        """Let go."""
        self._stopped.set()
        self._thread.join()


@dataclass
class Health:
    """How long /healthz took, milliseconds; a failure counts as the whole patience."""

    port: int
    took: list[float] = field(default_factory=list)

    def ask_until(self, is_over: threading.Event) -> None:
        """Ask again and again, on a new connection each time."""
        while not is_over.wait(ASKED_SECONDS):
            started = time.perf_counter()
            try:
                with socket.create_connection(
                    ("127.0.0.1", self.port), timeout=PATIENCE_SECONDS
                ) as asking:
                    asking.sendall(
                        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                    )
                    is_well = b" 200 " in asking.recv(4096)
            except OSError:
                is_well = False
            took = time.perf_counter() - started
            self.took.append(1000 * (took if is_well else PATIENCE_SECONDS))


@contextlib.contextmanager
def demo(folder: Path, url: str) -> Iterator[tuple[int, str]]:
    """Serve by `moderation demo`; give its port and its site's key."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    for name in ("wsgi.py", "gunicorn.conf.py"):
        (folder / name).symlink_to(ROOT / name)
    environment = {k: v for k, v in os.environ.items() if "MODERATION" not in k}
    environment |= {"MODERATION_LOG_LEVEL": "WARNING", "DATABASE_URL": url}
    environment |= {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "moderation", "demo", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port)),
            ):
                break
            time.sleep(0.1)
        known = json.loads((folder / "instance" / "demo.json").read_text())
        yield port, known["site_key"]
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def fresh(url: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty database: a file, or one made on a server."""
    if not url:
        yield f"sqlite:///{folder}/moderation.sqlite"
        return
    server = sa.make_url(url)
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"silent_{os.getpid()}"
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def measure(port: int, key: str, seconds: float, rounds: int) -> list[str]:
    """Post in turns, free and held; return the lines of the table."""
    paces: dict[str, list[float]] = {"free": [], "held": []}
    longest: dict[str, float] = {"free": 0.0, "held": 0.0}
    asked = dict.fromkeys(paces, 0)
    drops: dict[str, list[float]] = {kind: [] for kind in KINDS}
    server = serving.Server(port=port, pid=0, start_seconds=0)
    posting = serving.Call("posts", "post", server)
    serving.load(posting, key, 8, 1)  # warm
    for _ in range(rounds):
        for state in paces:
            holders = Holders(port, KINDS, comes_back=True) if state == "held" else None
            health, is_over = Health(port), threading.Event()
            asking = threading.Thread(target=health.ask_until, args=(is_over,))
            asking.start()
            try:
                serving.load(posting, key, 8, seconds)
                paces[state].append(posting.rates[-1])
            except SystemExit:
                paces[state].append(0)  # a post was not answered within 30 s
            is_over.set()
            asking.join()
            if holders:
                holders.stop()
                for kind, times in holders.dropped.items():
                    drops[kind] += times
            longest[state] = max([longest[state], *health.took])
            asked[state] += len(health.took)
    free, held = (statistics.median(paces[state]) for state in ("free", "held"))
    lines = [f"{'':<8}{'posts/s':>9}{'/healthz max ms':>17}{'asked':>7}"]
    lines += [
        f"{state:<8}{statistics.median(paces[state]):>9.0f}"
        f"{longest[state]:>17.0f}{asked[state]:>7}"
        for state in paces
    ]
    lines += [f"held / free: {held / free:.2f}  (limit 0.70; /healthz 1000 ms)"]
    last = Holders(port, KINDS, comes_back=False)
    until = time.monotonic() + LIMIT_SECONDS
    while last.left() and time.monotonic() < until:
        time.sleep(0.2)
    left = last.left()
    last.stop()
    lines += [
        f"{kind}: {len(last.dropped[kind])} of {count} dropped, the last after "
        f"{max(last.dropped[kind], default=float('nan')):.1f} s"
        for kind, count in KINDS.items()
    ]
    return [*lines, f"open after {LIMIT_SECONDS:g} s: {left}"]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", default="", help="a PostgreSQL; else SQLite")
    parser.add_argument(
        "--demo", action="store_true", help="serve by `moderation demo`"
    )
    parser.add_argument("--worker", help="another worker class of gunicorn")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seconds", type=float, default=8, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    arguments = [f"--worker-class {options.worker}"] if options.worker else []
    arguments += [f"--threads {options.threads}"] if options.threads else []
    if arguments:
        os.environ["GUNICORN_CMD_ARGS"] = " ".join(arguments)
    with (
        tempfile.TemporaryDirectory() as name,
        fresh(options.database, Path(name)) as url,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        if options.demo:
            port, key = stack.enter_context(demo(folder, url))
        else:
            environment, key = serving.prepare(folder, url)
            port, _ = stack.enter_context(serving.served("wsgi:app", environment))
        print(
            f"{'moderation demo' if options.demo else 'gunicorn'} "
            f"{' '.join(arguments)}, {url.partition(':')[0]}, {os.cpu_count()} cores, "
            f"{options.rounds} rounds of {options.seconds:g} s"
        )
        for line in measure(port, key, options.seconds, options.rounds):
            print(line)


if __name__ == "__main__":
    main()
