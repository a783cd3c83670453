"""Removes what a database's files still hold of deleted rows."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlalchemy as sa

from moderation.migration import SEARCH

logger = logging.getLogger(__name__)

#: Pages of the search index that one transaction merges: 1 MB, some milliseconds.
MERGED_PAGES = 250
MAX_MERGES = 100_000
#: Tables of PostgreSQL whose dead rows may hold something of a person.
VACUUMED = (
    *("appeals", "author_names", "author_notes", "author_standings", "authors"),
    *("callbacks", "comments", "deliveries", "escalations", "export_parts", "jobs"),
    *(
        "imported_comments",
        "notes",
        "person_erasures",
        "person_links",
        "reports",
        "revisions",
    ),
    *("saved_views", "search_texts", "sketches", "suggestions"),
)


@dataclass(frozen=True, kw_only=True)
class ScrubResult:
    """The result of scrubbing a database's files."""

    database: str  #: `sqlite` or `postgresql`
    #: SQLite: the write-ahead log was emptied. PostgreSQL: dead rows were removed.
    is_clean: bool


def scrub(engine: sa.Engine) -> ScrubResult:
    """Remove what the database's files hold of rows that are deleted by now.

    SQLite overwrites a deleted row's bytes (`secure_delete`); its search index is
    merged, so that no segment holds deleted terms; and its write-ahead log is emptied,
    unless someone reads from it for too long. PostgreSQL's dead rows are vacuumed; its
    own write-ahead log and backups are out of this program's reach.
    """
    if engine.dialect.name == "sqlite":
        _merge_search_index(engine)
        is_clean = _empty_log(engine)
    else:
        is_clean = _vacuum(engine)
    if not is_clean:
        logger.warning("the database's files still hold something of deleted rows")
    return ScrubResult(database=engine.dialect.name, is_clean=is_clean)


def _merge_search_index(engine: sa.Engine) -> None:
    """Merge all segments of the index into one, without what was deleted.

    In steps, so that writers wait for none of them for long:
    https://sqlite.org/fts5.html#the_merge_command
    """
    merge = sa.text(f"INSERT INTO {SEARCH}({SEARCH}, rank) VALUES ('merge', :pages)")  # noqa: S608 - a constant
    pages = -MERGED_PAGES  # the first one takes in every segment
    with engine.connect() as opened:
        connection = opened.execution_options(writes=True)
        for _ in range(MAX_MERGES):
            with connection.begin():
                before = _total_changes(connection)
                connection.execute(merge, {"pages": pages})
                changes = _total_changes(connection) - before
            pages = MERGED_PAGES
            if changes < 2:  # the insertion itself counts one
                return


def _total_changes(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())


def _empty_log(engine: sa.Engine) -> bool:
    """Copy SQLite's write-ahead log into the database and cut it to nothing."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (is_busy, *_) = cursor.fetchone() or (1,)
        cursor.close()
    finally:
        raw.close()
    return not is_busy


def _vacuum(engine: sa.Engine) -> bool:
    with engine.connect() as opened:
        connection = opened.execution_options(isolation_level="AUTOCOMMIT")
        for table in VACUUMED:
            connection.exec_driver_sql(f'VACUUM "{table}"')
    return True
