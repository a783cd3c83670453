"""Measure how fast a history is imported, and the memory for it.

    python -m benchmarks.importing [--comments 50000] [--postgresql URL] [--once]

Writes a WordPress export of invented comments, and imports it into a fresh SQLite
database, and into the empty one at URL. Two processes work at a time, one that reads
and one that stores, and a third one is PostgreSQL's: on a machine with others on it,
seconds of CPU tell what seconds don't. Then imports it again, unless `--once`, and
inserts some of the rows into a copy of the table of comments with all its indexes,
which is the limit.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation import create_app, migration
from moderation.audit.actors import Actor, ActorKind, act_as
from moderation.database import db
from moderation.importing.drafts import ReadOptions
from moderation.importing.findings import FileFindings
from moderation.importing.formats import FORMATS
from moderation.importing.ingestion import Ingestion
from moderation.importing.report import ImportReport
from moderation.importing.runs import ImportTarget
from moderation.sites import sites
from moderation.tables.comments import Comment
from moderation.web.services import services_of
from tests.builders import ENVIRONMENT, open_newsroom

WORDS = [
    "the",
    "a",
    "this",
    "our",
    "that",
    "council",
    "bridge",
    "budget",
    "river",
    "school",
    "mayor",
    "train",
    "tunnel",
    "market",
    "library",
    "garden",
    "stadium",
    "harbour",
    "paper",
    "reader",
    "editor",
    "summer",
    "winter",
    "&amp;",
    "ferry",
    "<em>never</em>",
    "again",
    "often",
    "twice",
    "here",
    "there",
    "today",
    "with",
    "about",
    "after",
    "before",
]
PER_ARTICLE = 200
MAX_ROWS = 20_000  # of the limit
AUTHORS_SHARE = 5  # comments of an author, on average

COMMENT = """<wp:comment><wp:comment_id>{number}</wp:comment_id>
<wp:comment_author><![CDATA[Reader {author}]]></wp:comment_author>
<wp:comment_author_email><![CDATA[reader{author}@mail.example]]></wp:comment_author_email>
<wp:comment_author_url></wp:comment_author_url>
<wp:comment_author_IP><![CDATA[203.0.113.{ip}]]></wp:comment_author_IP>
<wp:comment_date><![CDATA[{at}]]></wp:comment_date>
<wp:comment_date_gmt><![CDATA[{at}]]></wp:comment_date_gmt>
<wp:comment_content><![CDATA[{text}]]></wp:comment_content>
<wp:comment_approved><![CDATA[{status}]]></wp:comment_approved>
<wp:comment_type><![CDATA[comment]]></wp:comment_type>
<wp:comment_parent>{parent}</wp:comment_parent>
<wp:comment_user_id>0</wp:comment_user_id>
<wp:commentmeta><wp:meta_key><![CDATA[akismet_history]]></wp:meta_key>
<wp:meta_value><![CDATA[a:2:{{s:4:"time";d:1678007701.25;s:5:"event";s:9:"check-ham";}}]]>
</wp:meta_value></wp:commentmeta></wp:comment>
"""


def write(path: Path, count: int) -> None:
    """Write an export of some comments."""
    draw = random.Random(1)
    at = datetime(2012, 1, 1, tzinfo=UTC)
    with path.open("w") as file:
        file.write("<rss><channel><wp:wxr_version>1.2</wp:wxr_version>")
        for number in range(1, count + 1):
            if number % PER_ARTICLE == 1:
                file.write("" if number == 1 else "</item>")
                page = number // PER_ARTICLE
                file.write(f"<item><title>Story {page}</title>")
                file.write(f"<link>https://news.example/{page}/</link>")
            at += timedelta(seconds=draw.randrange(4_000))
            is_reply = number % PER_ARTICLE > 1 and draw.random() < 0.4
            file.write(
                COMMENT.format(
                    number=number,
                    author=draw.randrange(max(1, count // AUTHORS_SHARE)),
                    ip=draw.randrange(250),
                    at=f"{at:%Y-%m-%d %H:%M:%S}",
                    text=" ".join(draw.choices(WORDS, k=draw.randrange(5, 60))),
                    status=draw.choice("1111111110"),
                    parent=number - 1 if is_reply else 0,
                )
            )
        file.write("</item></channel></rss>")


@dataclass(kw_only=True)
class Step:
    """What one step took."""

    name: str
    count: int
    seconds: float = 0.0
    storing: float = 0.0  #: seconds of CPU of this process
    reading: float = 0.0  #: the same, of the one that reads for it
    serving: float = 0.0  #: the same, of PostgreSQL, if it is on this machine
    statements: int = 0

    def line(self) -> str:
        """Return the step as a line of a table."""
        busiest = max(self.storing, self.reading, self.serving)
        return (
            f"{self.name:<34}{self.count / self.seconds:>9,.0f}"
            f"{self.count / busiest:>12,.0f}{self.storing:>10.1f} s"
            f"{self.reading:>8.1f} s{self.serving:>8.1f} s{self.seconds:>8.1f} s"
            f"{1_000 * self.statements / self.count:>15.1f}"
        )


HEAD = (
    f"{'':<34}{'/s':>9}{'/s of CPU':>12}{'storing':>12}{'reading':>10}{'server':>10}"
    f"{'in all':>10}{'statements/1000':>17}"
)


def timed(name: str, count: int, work: Callable[[], object]) -> None:
    """Run something and print how long it takes, of all processes."""
    gc.collect()
    step = Step(name=name, count=count)

    def note(*_: object) -> None:
        step.statements += 1

    served = _server()
    began, own, others = time.perf_counter(), time.process_time(), _children()
    sa.event.listen(db.engine, "before_cursor_execute", note)
    work()
    sa.event.remove(db.engine, "before_cursor_execute", note)
    step.seconds = time.perf_counter() - began
    step.storing = time.process_time() - own
    step.reading = _children() - others
    step.serving = _server() - served
    print(step.line(), flush=True)


def _server() -> float:
    """Return the seconds of CPU of PostgreSQL's processes for this database."""
    if db.engine.dialect.name != "postgresql":
        return 0.0
    activity = sa.table("pg_stat_activity", sa.column("pid"), sa.column("datname"))
    query = sa.select(activity.c.pid).where(
        activity.c.datname == sa.func.current_database()
    )
    with db.engine.connect() as connection:
        numbers = connection.scalars(query).all()
    return sum(_seconds_of(number) for number in numbers)


def _seconds_of(number: int) -> float:
    """Return the seconds of CPU of a process; 0: it is on another machine."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print, each database in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=50_000)
    parser.add_argument("--postgresql")
    parser.add_argument("--once", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "export.xml")
        write(path, given.comments)
        size = path.stat().st_size
        print(f"{given.comments:,} comments, {size / 1e6:,.0f} MB\n{HEAD}", flush=True)
        urls = {"SQLite": f"sqlite:///{folder}/moderation.sqlite"}
        if given.postgresql:
            urls["PostgreSQL"] = given.postgresql
        for name, url in urls.items():
            print(name, flush=True)
            process = multiprocessing.get_context("spawn").Process(
                target=_measure, args=(url, path, given.comments, given.once)
            )
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(process.exitcode)


def _measure(url: str, path: Path, count: int, is_once: bool) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": url}, instance=path.parent)
    with app.app_context():
        migration.migrate()
        open_newsroom(app, "gazette")
        session = db.session()
        act_as(session, Actor(kind=ActorKind.COMMAND_LINE, id=0), b"k" * 32)
        bring_in = partial(_bring_in, app, session, path)
        timed("  import", count, bring_in)
        own, others = _peak(resource.RUSAGE_SELF), _peak(resource.RUSAGE_CHILDREN)
        print(f"  memory at most: {own:.0f} MB storing, {others:.0f} MB reading")
        if not is_once:
            timed("  import again: nothing is new", count, bring_in)
        rows = [dict(row) for row in _rows()]
        timed("  executemany of comments alone", len(rows), lambda: _insert(rows))


def _peak(whose: int) -> float:
    return resource.getrusage(whose).ru_maxrss / 1024


def _bring_in(app: Flask, session: Session, path: Path) -> None:
    options = ReadOptions(source="wordpress", now=datetime.now(UTC))
    target = ImportTarget(
        site=sites.get_by_name(session, "gazette"),
        privacy=services_of(app).privacy,
        source="wordpress",
        format="wordpress",
        now=datetime.now(UTC),
    )
    ingestion = Ingestion(target=target, report=ImportReport(), findings=FileFindings())
    reader = FORMATS["wordpress"].reader
    for _ in ingestion.run(session, reader, [path], options, is_resumed=False):
        pass


def _rows() -> Iterator[sa.RowMapping]:
    query = sa.select(Comment.__table__).limit(MAX_ROWS)
    with db.engine.connect() as connection:
        yield from connection.execute(query).mappings()


def _insert(rows: list[dict[str, object]]) -> None:
    """Insert the rows into a table like that of comments, and its indexes."""
    metadata = sa.MetaData()
    table = sa.Table("comments_again", metadata)
    for column in Comment.__table__.columns:
        table.append_column(sa.Column(column.name, column.type))
    metadata.create_all(db.engine)
    with db.engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        for number, index in enumerate(cast(sa.Table, Comment.__table__).indexes):
            columns = ", ".join(column.name for column in index.columns)
            name = f"again_{number}"
            where = index.dialect_kwargs.get("sqlite_where")
            only = (
                f" WHERE {where}".replace("comments.", "") if where is not None else ""
            )
            statement = f"CREATE INDEX {name} ON comments_again ({columns}){only}"
            connection.exec_driver_sql(statement)
        connection.commit()
        for start in range(0, len(rows), 1_000):
            connection.execute(sa.insert(table), rows[start : start + 1_000])
            connection.commit()


if __name__ == "__main__":
    main()
