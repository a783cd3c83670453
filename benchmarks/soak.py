"""Run the service for an hour while faults come at random; print its ledger and memory.

    python -m benchmarks.soak [--minutes 60] [--database sqlite|postgresql] [--seed 1]

Two web processes, a worker, and a receiver of webhooks run on this machine, with a
database and a Redis of their own. Clients send comments, and a moderator decides. The
exit status is 1 if anything acknowledged was lost, or was decided or delivered twice.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import platform
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders import ENVIRONMENT
from tests.faults.databases import Database, PostgresDatabase, SqliteDatabase, migrate
from tests.faults.faults import Faults, Redis
from tests.faults.live import LiveNewsroom
from tests.processes import children
from tests.receivers import receiving

MAX_MINUTES = 24 * 60
MEAN_SECONDS = 60.0  # between two faults
SAMPLE_SECONDS = 15.0
#: A process reads its model, fills its caches, and opens its connections first.
WARM_SECONDS = 120.0


@dataclass
class Memory:
    """The memory of each process over time."""

    #: by name and process ID: seconds since the start, and PSS in MB
    samples: dict[tuple[str, int], list[tuple[float, float]]] = field(
        default_factory=dict
    )

    def sample(self, live: LiveNewsroom, seconds: float) -> str:
        """Measure all processes; return one line."""
        web = children(live.server.pid)
        pids = [("gunicorn", live.server.pid), ("worker", live.worker.pid)]
        pids += [("web", pid) for pid in web]
        line = []
        for name, pid in pids:
            size = proportional_size(pid)
            if size is not None:
                self.samples.setdefault((name, pid), []).append((seconds, size))
                line.append(f"{name} {pid}: {size:.0f}")
        return ", ".join(line)

    def rows(self) -> Iterator[str]:
        """Yield a line for each process that lived long enough to be judged."""
        for (name, pid), samples in self.samples.items():
            begin = samples[0][0] + WARM_SECONDS
            warm = [(at, size) for at, size in samples if at >= begin]
            if len(warm) < 4:
                continue
            half = len(warm) // 2
            first, last = (
                sum(size for _, size in part) / len(part)
                for part in (warm[:half], warm[half:])
            )
            minutes = (warm[-1][0] - warm[0][0]) / 60
            yield (
                f"{name:<10}{pid:>8}{minutes:>10.1f}{first:>14.1f}{last:>14.1f}"
                f"{last - first:>+10.1f}{max(size for _, size in warm):>10.1f}"
            )


def proportional_size(pid: int) -> float | None:
    """Return a process's proportional set size, MB; None if it has gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return sum(int(x.split()[1]) for x in lines if x.startswith("Pss:")) / 1000


@contextlib.contextmanager
def opened(kind: str, folder: Path) -> Iterator[Database]:
    """Open an empty, migrated database of a kind."""
    if kind == "postgresql":
        postgres = PostgresDatabase(ENVIRONMENT)
        try:
            yield postgres
        finally:
            postgres.stop()
        return
    template = folder / "template.sqlite"
    migrate(f"sqlite:///{template}", ENVIRONMENT)
    yield SqliteDatabase(folder, template)


def soak(live: LiveNewsroom, faults: Faults, seconds: float, seed: int) -> Memory:
    """Let faults come at random for some time; print each, and the memory."""
    draw, memory, pause = random.Random(seed), Memory(), threading.Event()
    begin = time.monotonic()
    named = {
        **faults.by_name(),
        "all web processes killed": faults.kill_all_web_processes,
    }
    with live.comments_coming_in():
        due_at = begin + draw.expovariate(1 / MEAN_SECONDS)
        while (now := time.monotonic()) < begin + seconds:
            print(f"{now - begin:7.0f} s  MB: {memory.sample(live, now - begin)}")
            if now >= due_at:
                name = draw.choice(sorted(named))
                try:
                    named[name]()
                except AssertionError as error:
                    live.ledger.unexpected.append(f"{name}: {error}")
                took = time.monotonic() - now
                ledger = live.ledger.summary(live.engine, live.events)
                print(f"{now - begin:7.0f} s  {name} ({took:.0f} s): {ledger}")
                due_at = time.monotonic() + draw.expovariate(1 / MEAN_SECONDS)
            sys.stdout.flush()
            pause.wait(SAMPLE_SECONDS)
    return memory


def report(live: LiveNewsroom, memory: Memory) -> int:
    """Print the ledger and the memory; return how many promises were broken."""
    live.drain()
    broken = live.ledger.faults_in(live.engine)
    broken += live.ledger.delivery_faults_in(live.engine, live.webhook_id, live.events)
    print(f"\nLedger: {live.ledger.summary(live.engine, live.events)}")
    print(f"Broken promises: {len(broken)}")
    for line in broken[:20]:
        print(f"  {line}")
    print(f"\nPSS in MB from {WARM_SECONDS:.0f} s after the start of each process on:")
    print(
        f"{'process':<10}{'pid':>8}{'minutes':>10}{'first half':>14}"
        f"{'second half':>14}{'change':>10}{'most':>10}"
    )
    for row in memory.rows():
        print(row)
    return len(broken)


def main() -> None:
    """Soak, and print the ledger."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the faults' times")
    given = parser.parse_args()
    if shutil.which("redis-server") is None:
        raise SystemExit("Install redis-server: its absence is one of the faults.")
    logging.disable()  # the faults are on purpose
    minutes = min(given.minutes, MAX_MINUTES)
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python "
        f"{platform.python_version()}; {given.database}, {minutes:g} minutes, seed "
        f"{given.seed}"
    )
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(opened(given.database, folder))
        redis = Redis(folder)
        stack.callback(redis.kill)
        live = LiveNewsroom(
            {**ENVIRONMENT, "MODERATION_RATE_LIMIT_STORAGE": redis.url},
            database_url=database.url,
            direct_url=database.direct_url,
            receiver=stack.enter_context(receiving()),
            folder=folder,
        )
        stack.callback(live.stop)
        faults = Faults(live=live, database=database, redis=redis)
        memory = soak(live, faults, minutes * 60, given.seed)
        broken_count = report(live, memory)
        print(f"Load at the end: {os.getloadavg()[0]:.1f}")
    raise SystemExit(broken_count > 0)


if __name__ == "__main__":
    main()
