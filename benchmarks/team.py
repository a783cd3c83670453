"""Measure how long the team's figures take, over more and more decisions.

``python -m benchmarks.team [--database URL]``: a database that may be emptied (an
embedded one if left out). The limit is what a lead waits for without wondering: 2 s.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import create_app, identifiers, migration
from moderation.database import Table, db, start_writing
from moderation.insights import team
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview
from tests.builders import ENVIRONMENT, Newsroom, open_newsroom

SIZES = (10_000, 100_000, 300_000)  # decisions in `DAYS`
DAYS = 30
LIMIT_SECONDS = 2.0
ROUNDS = 5
BATCH_SIZE = 5_000
LOOKED_AT = 0.05  # of the decisions


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="its address; everything in it is removed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder)}/team.sqlite"
        app = create_app({**ENVIRONMENT, "DATABASE_URL": url}, instance=Path(folder))
        app.logger.disabled = True
        with app.app_context():
            Table.metadata.drop_all(db.engine)
            with db.engine.begin() as connection:
                connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
            migration.migrate()
            newsroom = open_newsroom(app, "gazette")
            print(f"{db.engine.dialect.name}, median of {ROUNDS}, {DAYS} days")
            print(f"{'decisions':>10} {'7 days':>9} {'30 days':>9} {'limit':>7}")
            filled = 0
            for size in SIZES:
                fill(db.session(), newsroom, size - filled)
                filled = size
                took = [measure(db.session(), newsroom, days) for days in (7, DAYS)]
                seconds = " ".join(f"{each:7.2f} s" for each in took)
                print(f"{size:>10,} {seconds} {LIMIT_SECONDS:5.1f} s", flush=True)
            db.session.remove()
            db.engine.dispose()


def measure(session: Session, newsroom: Newsroom, days: int) -> float:
    """Return the seconds that the figures of some days take."""
    times = []
    for _ in range(ROUNDS):
        now = datetime.now(UTC)
        start = time.perf_counter()
        since = now - timedelta(days=days)
        team.build_report(session, newsroom.site_id, since=since, now=now)
        times.append(time.perf_counter() - start)
        session.rollback()
    return statistics.median(times)


def fill(session: Session, newsroom: Newsroom, count: int) -> None:
    """Store comments, with a person's decision about each and some second looks."""
    draw = random.Random(count)
    start_writing(session)
    article = Article(
        site_id=newsroom.site_id,
        reference=str(count),
        reference_hash=str(count),
        created_at=datetime.now(UTC),
    )
    session.add(article)
    session.flush()
    first = (session.scalar(sa.select(sa.func.max(Decision.id))) or 0) + 1
    rows = _rows(newsroom, article.id, first, count, draw)
    for start in range(0, count, BATCH_SIZE):
        some = [next(rows) for _ in range(min(BATCH_SIZE, count - start))]
        for place, table in enumerate((Comment, Decision, QaReview)):
            found = [each for row in some if (each := row[place]) is not None]
            session.execute(sa.insert(table), found)
    if session.get_bind().dialect.name == "postgresql":
        name = "SELECT setval('decisions_id_seq', (SELECT max(id) FROM decisions))"
        session.execute(sa.text(name))
    session.commit()
    session.execute(sa.text("ANALYZE"))
    session.commit()


def _rows(
    newsroom: Newsroom, article_id: int, first: int, count: int, draw: random.Random
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]]:
    now, staff = datetime.now(UTC), list(newsroom.staff_ids.values())
    for number in range(first, first + count):
        comment_id = identifiers.new_id()
        given_at = now - timedelta(days=draw.uniform(0, DAYS))
        received_at = given_at - timedelta(minutes=draw.expovariate(1 / 60))
        verdict = "approve" if draw.random() < 0.8 else "reject"
        who, other = draw.sample(staff, 2)
        comment = {
            "id": comment_id,
            "site_id": newsroom.site_id,
            "article_id": article_id,
            "thread": identifiers.encode(comment_id),
            "fingerprint": "",
            "author_name": "Ada",
            "body": "A fair point, well made.",
            "status": "approved" if verdict == "approve" else "rejected",
            "version": 2,
            "revision": 1,
            "received_at": received_at,
            "due_at": received_at + timedelta(hours=2),
        }
        decision = {
            "id": number,
            "site_id": newsroom.site_id,
            "comment_id": comment_id,
            "revision": 1,
            "created_at": given_at,
            "claimed_at": given_at - timedelta(seconds=20),
            "source": "person",
            "staff_id": who,
            "status_before": "pending",
            "verdict": verdict,
            "reasons": [] if verdict == "approve" else [{"code": "spam"}],
            "labels": {},
        }
        look = None
        if draw.random() < LOOKED_AT:
            look = {
                "site_id": newsroom.site_id,
                "comment_id": comment_id,
                "decision_id": number,
                "kind": "second",
                "state": "agreed",
                "first_verdict": verdict,
                "first_staff_id": who,
                "created_at": given_at,
                "expires_at": now,
                "due_at": given_at,
                "version": 2,
                "shown_version": 2,
                "staff_id": other,
                "answered_at": given_at,
                "verdict": verdict,
                "reasons": [],
                "closed_at": given_at,
            }
        yield comment, decision, look


if __name__ == "__main__":
    main()
