"""How fast a history comes in, against a bare `executemany` of the same rows.

    python -m benchmarks.importing [--comments 20000] [--database URL]

Writes a WordPress export of invented comments, reads it, imports it into a fresh SQLite
database (or the empty one at URL), imports it again, and inserts the rows that came of
it into a copy of the table of comments, with all its indexes.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import sqlalchemy as sa

from moderation import create_app, migration
from moderation.audit.actors import Actor, ActorKind, act_as
from moderation.database import db, start_writing
from moderation.importing.drafts import ReadOptions
from moderation.importing.dry_run import read_rows
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


def timed(name: str, count: int, work: Callable[[], object]) -> float:
    """Run something and print how long it takes; return comments a second."""
    gc.collect()
    began, used = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    rate = count / seconds
    print(f"{name:<32}{rate:>9,.0f} /s  {seconds:6.1f} s, {cpu:5.1f} s of CPU")
    return rate


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=20_000)
    parser.add_argument("--database")
    given = parser.parse_args()
    count: int = given.comments
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "export.xml")
        write(path, count)
        print(f"{count:,} comments, {path.stat().st_size / 1e6:.0f} MB")
        url = given.database or f"sqlite:///{folder}/moderation.sqlite"
        app = create_app({**ENVIRONMENT, "DATABASE_URL": url}, instance=Path(folder))
        with app.app_context():
            migration.migrate()
            open_newsroom(app, "gazette")
            _measure(app, path, count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:.0f} MB of memory at most")


def _measure(app: object, path: Path, count: int) -> None:
    options = ReadOptions(source="wordpress", now=datetime.now(UTC))
    reader = FORMATS["wordpress"].reader

    def read() -> None:
        for _ in read_rows(reader, [path], options, FileFindings()):
            pass

    timed("read once", count, read)
    session = db.session()
    act_as(session, Actor(kind=ActorKind.COMMAND_LINE, id=0), b"k" * 32)
    site = sites.get_by_name(session, "gazette")

    def bring_in() -> None:
        target = ImportTarget(
            site=site,
            privacy=services_of(app).privacy,  # type: ignore[arg-type]
            source="wordpress",
            format="wordpress",
            now=datetime.now(UTC),
        )
        ingestion = Ingestion(
            target=target, report=ImportReport(), findings=FileFindings()
        )
        for _ in ingestion.run(session, reader, [path], options, is_resumed=False):
            start_writing(session)
        session.commit()

    first = timed("import", count, bring_in)
    timed("import again: nothing is new", count, bring_in)
    rows = [dict(row) for row in _rows()]
    limit = timed("executemany of comments alone", count, lambda: _insert(rows))
    print(f"the import takes {limit / first:.1f} times as long as the limit")


def _rows() -> Iterator[sa.RowMapping]:
    with db.engine.connect() as connection:
        yield from connection.execute(sa.select(Comment.__table__)).mappings()


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
