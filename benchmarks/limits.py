"""Measure the cost of a rate limit per request, in the database and in memory.

    python -m benchmarks.limits [--hits 2000] [--rounds 3] [--processes 2]

Counts in DATABASE_URL, or else in a SQLite file of its own. The ways of counting take
turns in the same run. The processes hit one counter together. The limits are those of
a protocol's site key (taken from the database in portions), and of one reader (written
hit by hit), set so high that none is refused. `POST /api/v1/comments` has no limit.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flask import Flask
from limits.storage import MemoryStorage

from moderation import create_app, migration
from moderation.database import db
from moderation.web.counters import DatabaseCounters
from moderation.web.limiter import Limiter
from tests.builders import ENVIRONMENT

ROOT = Path(__file__).parents[1]
#: Written in portions of a hundredth; written one by one.
LIMITS = {"a site key": "6000 per minute", "one reader": "99 per minute"}
READERS = 50  # hits by one of them stay below the limit of a reader
MAX_HITS = 4000  # below the limit of a site key, with the processes together


def take_turns(app: Flask, hits: int, prefix: str) -> dict[str, list[float]]:
    """Return how long each hit took, in microseconds, by way and limit."""
    took: dict[str, list[float]] = {}
    with app.app_context():
        ways = {
            "memory": Limiter(MemoryStorage()),
            "database": Limiter(DatabaseCounters(b"k" * 32, lambda: db.engine)),
        }
        for kind, limit in LIMITS.items():
            for way, limiter in ways.items():
                times = took.setdefault(f"{kind}|{way}", [])
                for number in range(hits):
                    reader = number % READERS if kind == "one reader" else 0
                    started = time.perf_counter()
                    refused = limiter.hit(limit, prefix, kind, str(reader))
                    times.append((time.perf_counter() - started) * 1e6)
                    if refused and kind == "a site key":
                        raise SystemExit("a hit was refused")
    return took


def main() -> None:
    """Run all processes and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hits", type=int, default=1000, help="of each process")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--run", help="used by the command itself")
    options = parser.parse_args()
    if options.run:
        given = json.loads(options.run)
        app = create_app(given["environment"])
        print(json.dumps(take_turns(app, given["hits"], given["prefix"])))
        return
    if options.hits * options.processes > MAX_HITS:
        raise SystemExit(f"{MAX_HITS} hits or fewer in all")
    with tempfile.TemporaryDirectory() as folder:
        address = os.environ.get("DATABASE_URL", f"sqlite:///{folder}/limits.sqlite")
        environment = {**ENVIRONMENT, "DATABASE_URL": address}
        app = create_app(environment)
        with app.app_context():
            migration.migrate()
        print(f"{options.processes} processes, {address.partition(':')[0]}")
        print("| limit | counted in | median | p99 | max |")
        print("| --- | --- | --- | --- | --- |")
        took: dict[str, list[float]] = {}
        for number in range(options.rounds):
            prefix = f"{os.getpid()}-{number}"
            given = {
                "environment": environment,
                "hits": options.hits,
                "prefix": prefix,
            }
            command = [sys.executable, "-m", "benchmarks.limits", "--run"]
            running = [
                subprocess.Popen(
                    [*command, json.dumps(given)],
                    cwd=ROOT,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for _ in range(options.processes)
            ]
            for process in running:
                for name, times in json.loads(process.communicate()[0]).items():
                    took.setdefault(name, []).extend(times)
        for name, times in took.items():
            kind, way = name.split("|")
            median, p99 = (
                statistics.median(times),
                statistics.quantiles(times, n=100)[98],
            )
            print(
                f"| {LIMITS[kind]} ({kind}) | {way} | {median:.0f} µs "
                f"| {p99:.0f} µs | {max(times) / 1000:.1f} ms |"
            )


if __name__ == "__main__":
    main()
