"""Pages of the queue in an archive of ten thousand comments, and in one of ten million.

    python -m benchmarks.queue [--database URL] [--large 10000000] [--samples 100]
    python -m benchmarks.queue --stores

Builds both archives by SQL alone, without scoring: one comment in ten is pending. In
each order and under typical filters, pages of both are read in turns in the same run,
from random places, as the API reads them (`entries.list_pending`: 50 comments with
articles, scores, decisions and holders), reservations are made and rolled back, and
parts are counted. The limit: the large archive's p95 is at most 1.5 times the other;
but Triage counts all there is. The last columns tell how many comments were listed: of
a filter that few match, the small archive has no page full.

On SQLite both are files in a temporary folder (`TMPDIR` says where; ten million take
5 GB). With the URL of a PostgreSQL server, two databases are made there, and dropped;
its `shared_buffers` should hold them (6 GB), or the disk is measured: `pg_prewarm`
reads them in where it is there.
Decided comments are stored without their scores. Of lists (`--only "list|tabs"`), first
pages are read: of every tab, with every filter, and usual pairs.

With `--stores`: what it costs to store a held comment with the indexes of the queue, of
lists, and of the search, and in a database without them, in turns, without scoring.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.queue_archive import AGE, SITES, Archive, built, made, secrets_of
from benchmarks.queue_cases import PAGE, STAFF, Case, list_cases, sized
from benchmarks.serving import body
from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.comments import articles, search_index
from moderation.comments.automatic import TextAnalysis
from moderation.comments.claims import Claim
from moderation.database import start_writing
from moderation.desk import comment_card
from moderation.queue import orders, score_histogram
from moderation.queue.entries import list_pending
from moderation.queue.orders import Position
from moderation.queue.query import Filters, QueueOrder, QueueQuery
from moderation.review import claims
from moderation.tables.comments import PENDING, Comment

SMALL = 10_000  # comments
HAND = 10  # comments


def page_of(order: QueueOrder, **filters: Any) -> Callable[..., object]:
    """Return what reads a page from a random place; one in three is the first."""

    def run(session: Session, draw: random.Random, size: int) -> object:
        wanted = QueueQuery(
            site_ids=SITES, order=order, filters=Filters(**sized(filters, draw, size))
        )
        now = datetime.now(UTC)
        after = None if draw.random() < 1 / 3 else _place(session, draw, wanted)
        return list_pending(session, wanted, after=after, limit=PAGE, now=now)

    return run


def count_of(**filters: Any) -> Callable[..., object]:
    """Return what counts a part of the queue and what is overdue in it."""

    def run(session: Session, draw: random.Random, size: int) -> object:
        wanted = QueueQuery(
            site_ids=SITES, filters=Filters(**sized(filters, draw, size))
        )
        return comment_card.count(session, wanted, datetime.now(UTC))

    return run


def hand_of(order: QueueOrder, **filters: Any) -> Callable[..., object]:
    """Return a function that reserves comments of a part, and rolls back."""

    def run(session: Session, draw: random.Random, size: int) -> object:
        wanted = QueueQuery(
            site_ids=SITES, order=order, filters=Filters(**sized(filters, draw, size))
        )
        start_writing(session)
        claim = Claim(
            staff_id=STAFF, now=datetime.now(UTC), lasts=timedelta(minutes=15)
        )
        taken = claims.reserve(session, wanted, claim, size=HAND)
        session.rollback()
        return taken

    return run


def drawn_from(**about: Any) -> Callable[..., object]:
    """Return what draws the page *Triage*: the histogram, a count, and a sample."""

    def run(session: Session, draw: random.Random, size: int) -> object:
        part = score_histogram.QueueSlice(site_id=SITES[0], label="spam", **about)
        low = draw.random() / 2
        found = score_histogram.ScoreRange(low=low, high=low + 0.5)
        score_histogram.count_by_score(session, part)
        score_histogram.count_in_range(session, part, found)
        return score_histogram.draw_sample(session, part, found, HAND)

    return run


#: Random places of each archive, drawn before any clock runs.
_places: dict[int, list[Comment]] = {}


def _place(session: Session, draw: random.Random, wanted: QueueQuery) -> Position:
    comment = draw.choice(_places[id(session.get_bind())])
    return Position(key=orders.get_sort_key(comment, wanted), comment_id=comment.id)


def draw_places(archive: Archive, number: int, draw: random.Random) -> None:
    """Draw pending comments, evenly over the archive's time."""
    now = datetime.now(UTC)
    first, last = identifiers.first_id(now - AGE), identifiers.first_id(now)
    found: list[Comment] = []
    with archive.session() as session:
        for _ in range(number):
            query = (
                sa.select(Comment)
                .where(PENDING, Comment.site_id == 1)
                .where(Comment.id >= draw.randrange(first, last))
                .order_by(Comment.id)
                .limit(1)
            )
            found += session.scalars(query).all()
        session.expunge_all()
    _places[id(archive.engine)] = found


def cases() -> list[Case]:
    """Return what is measured."""
    half = {"label": "spam", "min_score": 0.5}
    return [
        Case("due", page_of(QueueOrder.DUE)),
        Case("newest", page_of(QueueOrder.NEWEST)),
        Case("score of a label", page_of(QueueOrder.SCORE, label="spam")),
        Case("uncertainty", page_of(QueueOrder.UNCERTAINTY)),
        Case("reports", page_of(QueueOrder.REPORTS)),
        Case("due, language 1%", page_of(QueueOrder.DUE, language="fr")),
        Case("due, reason 80%", page_of(QueueOrder.DUE, reason="score")),
        Case("due, section 5%", page_of(QueueOrder.DUE, section="section 7")),
        Case("due, score over 0.5", page_of(QueueOrder.DUE, **half)),
        Case(
            "due, score over 0.99",
            page_of(QueueOrder.DUE, label="spam", min_score=0.99),
        ),
        Case("due, first-time author", page_of(QueueOrder.DUE, first_time=True)),
        Case("due, an article", page_of(QueueOrder.DUE, article="article {article}")),
        Case(
            "score, an author",
            page_of(QueueOrder.SCORE, label="spam", author="Reader {author}"),
        ),
        Case(
            "newest, reason and language",
            page_of(QueueOrder.NEWEST, reason="score", language="de"),
        ),
        Case("due, a word in half of all", page_of(QueueOrder.DUE, text="common1")),
        Case("due, a word in 1%", page_of(QueueOrder.DUE, text="usual7")),
        Case("due, a rare word", page_of(QueueOrder.DUE, text="rare{rare}")),
        Case("reserve, due", hand_of(QueueOrder.DUE)),
        Case(
            "reserve, by score in a section",
            hand_of(QueueOrder.SCORE, label="spam", section="section 7"),
        ),
        Case("teach, a page", page_of(QueueOrder.TEACH)),
        Case("reserve, teach", hand_of(QueueOrder.TEACH)),
        Case("counts of all", count_of()),
        Case("counts of a section", count_of(section="section 7")),
        Case("counts of a word in half of all", count_of(text="common1")),
        Case("triage of all", drawn_from()),
        Case("triage of a section", drawn_from(section="section 7")),
        Case("triage of a language", drawn_from(language="de")),
        *list_cases(),
    ]


def measure(
    small: Archive, large: Archive, samples: int, only: str, clock: Callable[[], float]
) -> None:
    """Run each case in both archives in turns, print it; the first rounds warm up."""
    draw = random.Random(0)
    for archive in (small, large):
        draw_places(archive, 200, draw)
    gc.freeze()
    for case in cases():
        if not re.match(only, case.name):
            continue
        for number in range(-5, samples):
            for archive, took, listed in (
                (small, case.small, case.listed_small),
                (large, case.large, case.listed_large),
            ):
                with archive.session() as session:
                    session.connection()
                    gc.disable()  # by chance, it would hit one of the two
                    started = clock()
                    found = case.run(session, draw, archive.size)
                    if number >= 0:
                        took.append((clock() - started) * 1000)
                    gc.enable()
                    if number >= 0 and isinstance(found, Sequence):
                        listed.append(len(found))
        print(case.row(), flush=True)


def stores(folder: Path, samples: int) -> None:
    """Measure, and print, what the queue's indexes cost where a comment is stored."""
    from moderation import create_app
    from moderation.audit import actors
    from moderation.comments import submission
    from moderation.models.serving import ScoredText
    from moderation.sites import policies, sites
    from moderation.web.services import services_of

    archives = {
        name: built(f"sqlite:///{folder}/{name}.sqlite", SMALL, is_new=True)
        for name in ("with", "without")
    }
    with archives["without"].engine.begin() as connection:
        for kind, name in connection.exec_driver_sql(
            "SELECT type, name FROM sqlite_master "
            "WHERE name LIKE 'ix_comments_queue_%' OR name LIKE 'ix_comments_list%'"
        ).all():
            connection.exec_driver_sql(f"DROP {kind} {name}")
    environment = {**secrets_of(), "DATABASE_URL": "sqlite://"}
    services = services_of(create_app(environment))
    privacy = services.privacy
    command_line = actors.Actor(kind=actors.ActorKind.COMMAND_LINE)
    draw, held = random.Random(0), {"toxicity": {"review_at": 0.0, "reject_at": None}}
    indexing = search_index.add
    took: dict[str, tuple[list[float], list[float]]] = {}
    opened = []
    for name, archive in archives.items():
        session = archive.session()
        actors.act_as(session, command_line, services.audit_key)
        start_writing(session)
        now = datetime.now(UTC)
        made = sites.create_site(
            session, "benchmark", policies.default_policy(held), now
        )
        session.commit()
        site = sites.find_by_id(session, made.id)
        if site is None:
            raise SystemExit("the benchmark's site is not there")
        took[name] = ([], [])
        opened.append((session, site, *took[name]))
    for number in range(-20, samples):
        scores = {label: draw.random() for label in LABELS}
        scored = ScoredText(
            scores=scores, model_version="m1", is_language_supported=True
        )
        fields = json.loads(body(number + 20, draw))
        for name, (session, site, wall, cpu) in zip(took, opened, strict=True):
            search_index.add = indexing if name == "with" else _index_nothing
            began, busy = time.perf_counter(), time.thread_time()
            start_writing(session)
            submission.submit(
                session,
                site,
                fields,
                TextAnalysis(scored=scored),
                submission.Submission(
                    at=datetime.now(UTC),
                    article=articles.find_known(session, site, fields["article"]),
                ),
                privacy=privacy,
            )
            session.commit()
            if number >= 0:
                wall.append((time.perf_counter() - began) * 1000)
                cpu.append((time.thread_time() - busy) * 1000)
            session.expunge_all()
    print(f"storing a held comment, SQLite, {samples} each in turns; milliseconds")
    print(f"{'':<52}{'p50':>8}{'p95':>8}{'CPU p50':>10}{'CPU p95':>10}")
    for name, (wall, cpu) in took.items():
        walls, cpus = (statistics.quantiles(each, n=20) for each in (wall, cpu))
        print(
            f"{name + ' the indexes':<52}{walls[9]:>8.2f}{walls[18]:>8.2f}"
            f"{cpus[9]:>10.2f}{cpus[18]:>10.2f}"
        )
    for session, *_ in opened:
        session.close()
    for archive in archives.values():
        archive.engine.dispose()


def _index_nothing(session: Session, comment: Comment) -> None:
    """Leave a comment out of the search."""


def main() -> None:
    """Build, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", help="URL of a PostgreSQL server")
    parser.add_argument("--large", type=int, default=10_000_000, help="comments")
    parser.add_argument("--samples", type=int, default=100, help="of each case")
    parser.add_argument("--only", default="", help="pattern of the cases' names")
    parser.add_argument("--keep", help="folder where archives are kept, and used again")
    parser.add_argument("--stores", action="store_true", help="what storing costs")
    parser.add_argument(
        "--cpu", action="store_true", help="CPU time, as others use the machine: SQLite"
    )
    given = parser.parse_args()
    keep = given.keep is not None
    if given.stores:
        with tempfile.TemporaryDirectory() as folder:
            stores(Path(folder), given.samples)
        return
    with (
        tempfile.TemporaryDirectory() as temporary,
        made(given.database, Path(given.keep or temporary), SMALL, keep) as small,
        made(given.database, Path(given.keep or temporary), given.large, keep) as large,
    ):
        print(f"{large.size:,} comments stored in {large.seconds:.0f} s", flush=True)
        print(
            f"{large.engine.dialect.name}, {SMALL:,} and {large.size:,} comments, "
            "a tenth of them pending; milliseconds"
            f"{' of CPU' if given.cpu else ''}, "
            f"{given.samples} samples each in turns"
        )
        print(
            f"{'':<52}{'p50':>8}{'p95':>8}{'p50':>8}{'p95':>8}{'ratio':>8}"
            f"{'comments':>19}",
            flush=True,
        )
        clock = time.thread_time if given.cpu else time.perf_counter
        measure(small, large, given.samples, given.only, clock)
        for archive in (small, large):
            archive.engine.dispose()


if __name__ == "__main__":
    main()
