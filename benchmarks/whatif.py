"""Measure a replay of a million stored scores on either database.

python -m benchmarks.whatif [URL …], where a URL names an empty database that may be
filled; without any, a new SQLite file in a temporary folder.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation import create_app, identifiers, migration
from moderation.cli.app import act_on_command_line
from moderation.database import db, start_writing
from moderation.monitoring import what_if
from moderation.policy.thresholds import Moderation, Policy
from moderation.sites import policies, sites
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision
from tests.builders import ENVIRONMENT

COMMENTS = 1_000_000
JUDGED = 4  # one in so many was decided by a person, too
ARTICLES = 2000
SECTIONS = ("sport", "politics", "culture", "local", None)
DAYS = 28
BATCH_SIZE = 10_000
LIMIT_SECONDS = 3.0
RUNS = 3
GRID = 10  # policies at once
VERSION = "made-1"
THRESHOLDS = {label: {"review_at": 0.6, "reject_at": 0.95} for label in LABELS[:6]}


def fill(site_id: int, count: int) -> None:
    """Store made-up comments with scores, and decisions about some of them."""
    session, draw = db.session(), random.Random(1)
    now = datetime.now(UTC)
    start_writing(session)
    session.execute(
        sa.insert(Article),
        [
            {
                "site_id": site_id,
                "reference": f"a{number}",
                "reference_hash": f"{number:064d}",
                "section": draw.choice(SECTIONS),
                "created_at": now,
            }
            for number in range(ARTICLES)
        ],
    )
    article_ids = session.scalars(sa.select(Article.id)).all()
    for start in range(0, count, BATCH_SIZE):
        comments: list[dict[str, Any]] = []
        scores: list[dict[str, Any]] = []
        decisions: list[dict[str, Any]] = []
        for number in range(start, min(start + BATCH_SIZE, count)):
            at = now - timedelta(days=DAYS) * (1 - number / count)
            comment_id = identifiers.first_id(at) + number
            comments.append(
                {
                    "id": comment_id,
                    "site_id": site_id,
                    "article_id": draw.choice(article_ids),
                    "thread": identifiers.encode(comment_id),
                    "fingerprint": f"{number:064d}",
                    "author_name": "Ada",
                    "body": "words and more words " * draw.randint(2, 20),
                    "status": "approved",
                    "received_at": at,
                    "due_at": at,
                }
            )
            risk = draw.betavariate(0.4, 4)
            told = {label: min(1.0, risk * draw.random() * 1.5) for label in LABELS}
            scores.append(
                {
                    "comment_id": comment_id,
                    "revision": 1,
                    "model_version": VERSION,
                    "created_at": at,
                    **told,
                }
            )
            if number % JUDGED == 0:
                decisions.append(
                    {
                        "site_id": site_id,
                        "comment_id": comment_id,
                        "revision": 1,
                        "created_at": at,
                        "source": "person",
                        "verdict": "reject" if risk > draw.random() else "approve",
                        "reasons": [],
                        "labels": {},
                    }
                )
        for table, rows in (
            (Comment, comments),
            (Score, scores),
            (Decision, decisions),
        ):
            session.execute(sa.insert(table), rows)
    session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))  # as its own daemon does
    else:
        session.execute(sa.text("ANALYZE"))
        session.commit()


def measure(url: str, count: int) -> str:
    """Return the lines of one database."""
    app = create_app(
        {**ENVIRONMENT, "MODERATION_LOG_LEVEL": "ERROR", "DATABASE_URL": url}
    )
    with app.app_context():
        migration.migrate()
        act_on_command_line()
        session = db.session()
        start_writing(session)
        body = policies.default_policy(THRESHOLDS, Moderation.POST)
        site = sites.create_site(session, "made", body, datetime.now(UTC))
        session.commit()
        fill(site.id, count)
        since = datetime.now(UTC) - timedelta(days=DAYS + 1)
        policy = policies.read_policy(body)
        stricter = {name: {**cut, "review_at": 0.3} for name, cut in THRESHOLDS.items()}
        strict = policies.read_policy(
            policies.default_policy(stricter, Moderation.POST)
        )
        kind = db.engine.dialect.name
        if kind == "postgresql":  # one core, as for SQLite
            session.execute(sa.text("SET max_parallel_workers_per_gather = 0"))
        # As the API asks: other thresholds and the current ones. Then a grid of them.
        asked = (policy, strict), tuple(softer(step) for step in range(GRID))
        lines = [line(session, site.id, each, since, kind) for each in asked]
        session.close()
        db.engine.dispose()
    return "\n".join(lines)


def softer(step: int) -> Policy:
    """Return thresholds of a slider's grid."""
    cuts = {
        name: {**cut, "review_at": 0.3 + step / 30} for name, cut in THRESHOLDS.items()
    }
    return policies.read_policy(policies.default_policy(cuts, Moderation.POST))


def line(
    session: Session,
    site_id: int,
    asked: Sequence[Policy],
    since: datetime,
    kind: str,
) -> str:
    """Return the table's line for some policies at once."""
    times, busy = [], []
    for _ in range(RUNS):
        start, worked = time.perf_counter(), time.process_time()
        found, *_ = what_if.replay(session, site_id, asked, VERSION, since=since)
        times.append(time.perf_counter() - start)
        busy.append(time.process_time() - worked)
    total = found.total
    work = f"{min(busy):.2f}" if kind == "sqlite" else "in the server"
    return (
        f"| {kind} | {total.comments:,} | {len(asked)} | {total.held:,} "
        f"| {total.missed:,} | {max(times):.2f} | {min(times):.2f} | {work} "
        f"| {LIMIT_SECONDS:.2f} |"
    )


def main(urls: Sequence[str]) -> None:
    """Print the table."""
    print(
        "| database | scores | policies | held | missed | slowest, s | quickest, s "
        "| of it at work, s | limit, s |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    if urls:
        for url in urls:
            print(measure(url, COMMENTS), flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(measure(f"sqlite:///{Path(folder)}/whatif.sqlite", COMMENTS), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
