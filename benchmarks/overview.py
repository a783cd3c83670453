"""Measure how long the overview and insights take, and what it costs to keep them.

``python -m benchmarks.overview [--database URL] [--comments 200000]``: a database that
may be emptied (an embedded one if left out). Each view is timed next to its peer: the
same figures counted from the rows of the same time. A view may take `LIMIT_SECONDS`.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from moderation import create_app, identifiers, migration
from moderation.database import Table, db, start_writing
from moderation.insights import months, overview, tally, upkeep
from moderation.insights.figures import Dimension
from moderation.insights.months import Breakdown, InsightsQuery
from moderation.insights.overview import SHAPES, Period
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.worker import figures
from tests.builders import ENVIRONMENT, Newsroom, open_newsroom

DAYS = 60
SECTIONS = 8
ARTICLES = 400
LIMIT_SECONDS = 0.3
ROUNDS = 3
BATCH_SIZE = 5_000


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="its address; everything in it is removed")
    parser.add_argument("--comments", type=int, default=200_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder)}/overview.sqlite"
        app = create_app({**ENVIRONMENT, "DATABASE_URL": url}, instance=Path(folder))
        app.logger.disabled = True
        with app.app_context():
            Table.metadata.drop_all(db.engine)
            with db.engine.begin() as connection:
                connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
            migration.migrate()
            newsroom = open_newsroom(app, "gazette")
            fill(db.session(), newsroom, given.comments)
            report(db.session(), newsroom, given.comments)
            db.session.remove()
            db.engine.dispose()


def report(session: Session, newsroom: Newsroom, count: int) -> None:
    """Count, then print how long views take, and what a worker does."""
    now, site_id = datetime.now(UTC), newsroom.site_id
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    start = time.perf_counter()
    while figures.count(sessions, now):
        pass
    all_seconds = time.perf_counter() - start
    session.execute(sa.text("ANALYZE"))
    session.commit()
    name = db.engine.dialect.name
    print(f"{name}, {count:,} comments in {DAYS} days, median of {ROUNDS}")
    print(f"{'view':<22} {'counted':>10} {'from rows':>10} {'limit':>8}")
    rows = partial(from_rows, session, site_id)
    for period in Period:
        view = partial(overview.read_overview, session, [site_id], period, now)
        peer = partial(rows, now - SHAPES[period].length, now)
        print_row(f"overview, {period}", measure(session, view), measure(session, peer))
    first = (now - timedelta(days=DAYS - 1)).date()
    query = InsightsQuery(site_id=site_id, first=first, last=now.date())
    for by in (Breakdown.TIME, Breakdown.ARTICLE, Breakdown.MODERATOR):
        shown = partial(months.read_insights, session, query, by)
        peer = partial(rows, query.start, now)
        print_row(f"insights by {by}", measure(session, shown), measure(session, peer))
    again = measure(session, partial(upkeep.count_changes, session, site_id, now))
    print(f"a worker's look at what has changed: {1000 * again:.0f} ms")
    print(
        f"to count everything once: {all_seconds:.1f} s, {all_seconds / DAYS:.2f} a day"
    )


def print_row(name: str, own: float, peer: float) -> None:
    """Print one view."""
    cells = f"{1000 * own:7.0f} ms {1000 * peer:7.0f} ms {1000 * LIMIT_SECONDS:5.0f} ms"
    print(f"{name:<22} {cells}{'' if own <= LIMIT_SECONDS else '  over'}", flush=True)


def measure(session: Session, act: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
        session.rollback()
    return statistics.median(times)


def from_rows(session: Session, site_id: int, since: datetime, now: datetime) -> object:
    """Count the figures of a time from its rows."""
    recorded = tally.read_recorded(session, site_id, since, now)
    return tally.tally_hours(recorded), tally.tally_day(recorded, Dimension.ALL)


def fill(session: Session, newsroom: Newsroom, count: int) -> None:
    """Store comments, each decided by the policy and half of them by a person, too."""
    draw = random.Random(count)
    start_writing(session)
    now = datetime.now(UTC)
    articles = [
        Article(
            site_id=newsroom.site_id,
            reference=str(number),
            reference_hash=str(number),
            section=f"Section {number % SECTIONS}",
            created_at=now,
        )
        for number in range(ARTICLES)
    ]
    session.add_all(articles)
    session.flush()
    rows = _rows(newsroom, [article.id for article in articles], count, now, draw)
    for start in range(0, count, BATCH_SIZE):
        some = [next(rows) for _ in range(min(BATCH_SIZE, count - start))]
        session.execute(sa.insert(Comment), [comment for comment, _ in some])
        decisions = [each for _, decided in some for each in decided]
        session.execute(sa.insert(Decision), decisions)
    session.commit()
    session.execute(sa.text("ANALYZE"))
    session.commit()


def _rows(
    newsroom: Newsroom,
    articles: list[int],
    count: int,
    now: datetime,
    draw: random.Random,
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    staff = list(newsroom.staff_ids.values())
    step = timedelta(days=DAYS) / count
    for number in range(count):
        at = now - timedelta(days=DAYS) + number * step
        comment_id = identifiers.first_id(at) + number % (1 << 20)
        is_held = draw.random() < 0.5
        verdict = "approve" if draw.random() < 0.8 else "reject"
        shared = {"site_id": newsroom.site_id, "comment_id": comment_id, "revision": 1}
        decisions: list[dict[str, Any]] = [
            {
                **shared,
                "created_at": at,
                "source": "policy",
                "staff_id": None,
                "status_before": None,
                "verdict": "review" if is_held else verdict,
                "reasons": [{"code": "score", "label": "insult"}] if is_held else [],
                "labels": {},
            }
        ]
        if is_held:
            given_at = min(now, at + timedelta(minutes=draw.expovariate(1 / 40)))
            person = {"source": "person", "staff_id": draw.choice(staff)}
            reasons = [{"code": "insult"}] if verdict == "reject" else []
            decisions.append(
                {
                    **decisions[0],
                    **person,
                    "created_at": given_at,
                    "status_before": "pending",
                    "verdict": verdict,
                    "reasons": reasons,
                }
            )
        yield (
            {
                "id": comment_id,
                "site_id": newsroom.site_id,
                "article_id": draw.choice(articles),
                "thread": identifiers.encode(comment_id),
                "fingerprint": "",
                "author_name": "Ada",
                "body": "A fair point, well made.",
                "status": "approved" if verdict == "approve" else "rejected",
                "version": 2,
                "revision": 1,
                "received_at": at,
                "due_at": at + timedelta(hours=2),
            },
            decisions,
        )


if __name__ == "__main__":
    main()
