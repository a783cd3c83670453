"""What a comment costs: CPU of each step, and bytes on the disk.

    python -m benchmarks.sizing [--comments 600] [--database sqlite|postgresql]

Seconds are of the CPU, of this process and of PostgreSQL's processes, not of the clock:
so what else the machine does counts little. All requests go through the whole service
except for gunicorn's own part, which `benchmarks.serving` has.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask

from benchmarks.calls import ARTICLES
from benchmarks.databases import Database, open_database
from benchmarks.serving import body
from classifiers.serving.combined import Reads
from classifiers.serving.document import Document
from moderation import create_app, migration
from moderation.database import db
from moderation.models.serving import Scoring
from tests.builders import ALL_HELD, ENVIRONMENT, Newsroom, open_newsroom

MAX_COMMENTS = 100_000
DAY_SECONDS = 86_400
BUSY = 4  # times the mean of a day, in its busiest minutes
USABLE = 0.5  # of a core, at the busiest minute: beyond it, requests queue up
LOADS = (1_000, 12_000, 1_000_000)  # comments a day
SCORINGS = 500_000_000  # a day
DECIDED = 0.1  # of the comments are decided by moderators
PAGES = 3  # requests of the desk for a decision: the hand, the card, the decision


@dataclass(frozen=True)
class Cost:
    """What one step costs."""

    name: str
    own_ms: float  #: CPU of the service, milliseconds
    database_ms: float  #: the same of PostgreSQL

    @property
    def total_ms(self) -> float:
        """All of it."""
        return self.own_ms + self.database_ms

    def row(self) -> str:
        """Return the line of the table."""
        return (
            f"| {self.name} | {self.own_ms:.2f} | {self.database_ms:.2f} |"
            f" {self.total_ms:.2f} |"
        )


def measure(
    name: str, database: Database, count: int, act: Callable[[int], object]
) -> Cost:
    """Do something so many times, after a tenth to warm up."""
    for number in range(count // 10):
        act(-1 - number)
    own, there = time.process_time(), database.cpu_seconds()
    for number in range(count):
        act(number)
    own, there = time.process_time() - own, database.cpu_seconds() - there
    return Cost(name, own * 1000 / count, there * 1000 / count)


def texts(count: int) -> list[dict[str, Any]]:
    """Return the bodies of comments, 5 to 60 words long."""
    draw = random.Random(1)
    return [json.loads(body(number, draw)) for number in range(count)]


@contextmanager
def opened(database: Database, folder: Path, encoder: str) -> Iterator[Flask]:
    """Open the service on a database, with its tables."""
    settings = {
        **ENVIRONMENT,
        "DATABASE_URL": database.url,
        "MODERATION_ENCODER": encoder,
        "MODERATION_LOG_LEVEL": "ERROR",
    }
    app = create_app(settings, instance=folder)
    with app.app_context():
        migration.migrate()
        yield app
        db.session.remove()
        db.engine.dispose()


def scoring_costs(count: int) -> Iterator[Cost]:
    """Measure what scoring alone costs, one text at a time."""
    documents = [Document(text=each["body"]) for each in texts(count)]
    nothing = Database("")
    for reads, name in (
        (Reads.NEVER, "score, fast scorer alone"),
        (Reads.ALWAYS, "score, both scorers"),
    ):
        scoring = Scoring(reads=reads)

        def score(number: int, scoring: Scoring = scoring) -> object:
            return scoring.score(scoring.default, [documents[number]])

        yield measure(name, nothing, count, score)


def request_costs(database: Database, newsroom: Newsroom, count: int) -> Iterator[Cost]:
    """Measure the requests that a comment brings, with the fast scorer alone."""
    newsroom.set_policy(ALL_HELD)
    site, staff = newsroom.as_site(), newsroom.as_staff()
    bodies = texts(2 * count + count // 10 + 2)
    ids: list[str] = []

    def send(number: int) -> None:
        answer = site.post("/api/v1/comments", bodies[number])
        assert answer.status_code == 201, answer.text
        ids.append(answer.json["id"])

    yield measure("take a comment in (fast scorer)", database, count, send)

    def decide(number: int) -> None:
        path = f"/api/v1/comments/{ids[number]}/decisions"
        answer = staff.post(path, {"verdict": "approve", "version": 1})
        assert answer.status_code == 201, answer.text

    def read(path: str) -> Callable[[int], None]:
        def get(_: int) -> None:
            assert staff.get(path).status_code == 200

        return get

    few = max(20, count // 10)
    yield measure("queue, a page of 20", database, few, read("/api/v1/queue?limit=20"))
    card = f"/api/v1/comments/{ids[0]}/card"
    yield measure("card of a comment", database, few, read(card))
    yield measure("decide a comment", database, count // 2, decide)

    article = quote(f"https://news.example/{ARTICLES - 1}", safe="")
    thread = f"/api/v1/articles/{article}/comments"

    def read_thread(_: int) -> None:
        assert site.get(thread).status_code == 200

    yield measure("thread of an article", database, few, read_thread)


def print_loads(costs: Sequence[Cost], bytes_each: float) -> None:
    """Print how many cores and bytes a day's comments take."""
    by_name = {cost.name: cost.total_ms for cost in costs}
    deep = by_name["score, both scorers"] - by_name["score, fast scorer alone"]
    intake = by_name["take a comment in (fast scorer)"] + deep
    moderator = by_name["decide a comment"] + (PAGES - 1) * by_name["card of a comment"]
    each = intake + DECIDED * moderator
    print("\n| comments a day | mean CPU | busiest minutes | cores | disk a year |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for load in LOADS:
        mean = load * each / 1000 / DAY_SECONDS
        print(
            f"| {load:,} | {mean:.3f} cores | {BUSY * mean:.2f} cores |"
            f" {max(1, -(-BUSY * mean // USABLE)):.0f} |"
            f" {365 * load * bytes_each / 1e9:,.1f} GB |"
        )
    for name in ("score, fast scorer alone", "score, both scorers"):
        mean = SCORINGS * by_name[name] / 1000 / DAY_SECONDS
        print(
            f"\n{SCORINGS:,} scorings a day ({name}): {mean:,.0f} cores busy all day,"
        )
        print(f"{BUSY * mean / USABLE:,.0f} for the busiest minutes.")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=600)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite"
    )
    given = parser.parse_args()
    count = max(100, min(given.comments, MAX_COMMENTS))
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores,")
    print(f"load {os.getloadavg()[0]:.1f}, {given.database}, {count} comments\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            open_database(given.database, folder) as database,
            opened(database, folder, "never") as app,
        ):
            newsroom = open_newsroom(app, "gazette")
            before = database.size_bytes()
            costs = [*scoring_costs(count)]
            costs += request_costs(database, newsroom, count)
            added = database.size_bytes() - before
    print("| step | CPU of the service, ms | of PostgreSQL, ms | together, ms |")
    print("| --- | ---: | ---: | ---: |")
    for cost in costs:
        print(cost.row())
    bytes_each = added / (count + count // 10)
    print(f"\nOn the disk: {bytes_each:,.0f} bytes a comment, indexes and all")
    print_loads(costs, bytes_each)


if __name__ == "__main__":
    main()
