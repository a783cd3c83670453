"""How rescoring scales from one Dask worker to more.

    python -m benchmarks.scaling [--comments 1500] [--workers 1 2] [--encoder always]

A local cluster, processes of one thread each, scores comments of an invented site that
lie in SQLite or PostgreSQL; this process reads them and stores the scores. Shown next
to it: the same in this process alone, and what the reading and storing alone use of the
CPU, which bounds how many workers can be kept busy.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from distributed import Client, LocalCluster
from sqlalchemy.orm import sessionmaker

from benchmarks.calls import WORDS
from benchmarks.databases import open_database
from benchmarks.sizing import opened
from moderation import identifiers
from moderation.cluster.scoring import BulkScoring
from moderation.comments import rescoring
from moderation.comments.rescoring import RescoringOrder
from moderation.database import db, start_writing
from moderation.sites import sites
from moderation.tables.comments import Article, Comment
from moderation.tables.monitoring import SilentScore
from moderation.web.services import services_of
from moderation.worker import rescorer
from tests.builders import Newsroom, default_scorer, open_newsroom

MAX_COMMENTS, MAX_WORKERS = 1_000_000, 64


def fill(newsroom: Newsroom, count: int) -> None:
    """Store comments, 5 to 60 words long."""
    session, draw, now = db.session(), random.Random(1), datetime.now(UTC)
    start_writing(session)
    article = Article(
        site_id=newsroom.site_id, reference="x", reference_hash="0" * 64, created_at=now
    )
    session.add(article)
    session.flush()
    rows = [
        {
            "id": identifiers.new_id(),
            "site_id": newsroom.site_id,
            "article_id": article.id,
            "fingerprint": "",
            "author_name": "Ada",
            "body": " ".join(draw.choices(WORDS, k=draw.randint(5, 60))),
            "status": "approved",
            "version": 1,
            "revision": 1,
            "received_at": now,
            "due_at": now,
        }
        for _ in range(count)
    ]
    for row in rows:
        row["thread"] = identifiers.encode(int(str(row["id"])))
    session.execute(sa.insert(Comment), rows)
    session.commit()


def rescore(newsroom: Newsroom, scheduler: str) -> tuple[float, float]:
    """Score everything; return seconds of the clock, and of this process's CPU."""
    session = db.session()
    start_writing(session)
    session.execute(sa.delete(SilentScore))
    session.commit()
    site = sites.find_by_id(session, newsroom.site_id)
    assert site is not None
    order = RescoringOrder(
        site_id=site.id,
        model_id=None,
        policy=site.policy,
        first_id=identifiers.first_id(datetime.now(UTC) - timedelta(days=1)),
        is_silent=True,
    )
    session.rollback()
    scoring = services_of(newsroom.app).scoring
    bulk = BulkScoring(scoring=scoring, scheduler=scheduler)
    began, cpu = time.monotonic(), time.process_time()
    rescorer.carry_out(
        sessionmaker(db.engine),
        bulk,
        order,
        default_scorer(newsroom.app),
        lambda *_: None,
        datetime.now(UTC),
    )
    return time.monotonic() - began, time.process_time() - cpu


def cpu_of(cluster: LocalCluster) -> float:
    """Return what the workers have used of the CPU, seconds."""
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        return float(sum(client.run(time.process_time).values()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=1500)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--encoder", choices=("always", "never"), default="always")
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite"
    )
    parser.add_argument("--part", type=int, default=rescoring.AT_ONCE)
    given = parser.parse_args()
    count = min(given.comments, MAX_COMMENTS)
    rescoring.AT_ONCE = given.part
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{count} comments, encoder: {given.encoder}, {given.database}\n")
    print("CPU in milliseconds for each comment: of the workers, and of this process")
    print("| scored by | seconds | comments a second | scoring | reading and storing |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            open_database(given.database, folder) as database,
            opened(database, folder, given.encoder) as app,
        ):
            newsroom = open_newsroom(app, "gazette")
            fill(newsroom, count)
            seconds, _ = rescore(newsroom, "")
            rate = count / seconds
            print(f"| this process | {seconds:.1f} | {rate:.0f} | | |", flush=True)
            for workers in given.workers:
                with LocalCluster(
                    n_workers=min(workers, MAX_WORKERS),
                    threads_per_worker=1,
                    dashboard_address=":0",
                    silence_logs=40,
                ) as cluster:
                    rescore(newsroom, cluster.scheduler_address)  # loads the model
                    before = cpu_of(cluster)
                    seconds, cpu = rescore(newsroom, cluster.scheduler_address)
                    scored = 1000 * (cpu_of(cluster) - before) / count
                rate, stored = count / seconds, 1000 * cpu / count
                print(
                    f"| {workers} Dask | {seconds:.1f} | {rate:.0f} |"
                    f" {scored:.2f} | {stored:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
