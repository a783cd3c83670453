"""Backups of the database, taken while serving, and their restoration.

SQLite is copied by its own backup API: a copy of the file alone would lack what is
still in the write-ahead log. PostgreSQL is dumped and restored by its own programs. No
backup holds a key: keep the secrets apart.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from moderation import migration
from moderation.errors import Conflict, InvalidFields, Unavailable
from moderation.installation import PRIVATE

SQLITE_START = b"SQLite format 3\x00"  # sqlite.org/fileformat.html, section 1.2
DUMP_START = b"PGDMP"  # of pg_dump's custom format
PAGES = 2_000  # of SQLite that are copied at a time; between two, others write
WAIT_SECONDS = 10.0  # for a write of another process
VERSIONS = "alembic_version"
#: The one row of that table, as `pg_restore` writes it.
_REVISION = re.compile(rf"^COPY \S*{VERSIONS} [^\n]*\n(?P<revision>\w+)$", re.M)

#: Called with how much is done: a share, 0 to 1.
Progress = Callable[[float], None]


def back_up(url: sa.URL, target: Path, progress: Progress) -> int:
    """Write a backup of a database to a file; return its size in bytes.

    The file is there whole or not at all, and only its owner can read it.

    Raises
    ------
    InvalidFields
        If the file is there already, or can't be written.
    Unavailable
        If the database's own program is missing, or fails.
    """
    if target.exists():
        raise InvalidFields({"FILE": [f"{target} is there already."]})
    draft = target.with_name(f"{target.name}.part")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
    except OSError as error:
        raise InvalidFields({"FILE": [f"{draft}: {error.strerror}."]}) from None
    try:
        if url.get_backend_name() == "sqlite":
            _copy(Path(url.database or ""), draft, progress)
        else:
            _run("pg_dump", url, "--format=custom", f"--file={draft}")
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    progress(1.0)
    return target.stat().st_size


def restore(url: sa.URL, source: Path, progress: Progress) -> None:
    """Fill an empty database from a backup.

    Raises
    ------
    InvalidFields
        If the file is no backup for this kind of database, is damaged, or comes from
        a later release.
    Conflict
        If the database isn't empty.
    Unavailable
        If the database's own program is missing, or fails.
    """
    start = _start_of(source)
    is_sqlite = url.get_backend_name() == "sqlite"
    if not start.startswith(SQLITE_START if is_sqlite else DUMP_START):
        kind = "SQLite" if is_sqlite else "PostgreSQL"
        raise InvalidFields({"FILE": [f"{source} is no backup for {kind}."]})
    if is_sqlite:
        _restore_file(Path(url.database or ""), source, progress)
        return
    _refuse_filled(url)
    _refuse_later(source, _dumped_revision(source))
    arguments = ("--single-transaction", "--exit-on-error", "--no-owner")
    _run("pg_restore", url, *arguments, str(source))
    progress(1.0)


def _copy(source: Path, target: Path, progress: Progress) -> None:
    """Copy an SQLite database page by page, as it is when the copy begins.

    The transaction keeps that state in the write-ahead log: others write meanwhile, and
    no write begins the copy again.
    """
    if not source.is_file():
        raise Unavailable(f"There is no database at {source}.")

    def show(_: int, remaining: int, total: int) -> None:
        progress(1 - remaining / max(total, 1))

    with _opened(source) as database, _opened(target) as copy:
        database.execute("BEGIN")  # one state, however long the copy takes
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
        database.backup(copy, pages=PAGES, progress=show)
        copy.execute("PRAGMA journal_mode = DELETE")


def _restore_file(target: Path, source: Path, progress: Progress) -> None:
    if target.exists() and target.stat().st_size:
        raise Conflict(
            f"{target} isn't empty. Move it away first, with the service stopped."
        )
    with _opened(source) as backup:
        try:
            sound = backup.execute("PRAGMA quick_check").fetchone()[0]
            query = f"SELECT version_num FROM {VERSIONS}"  # noqa: S608 - our own name
            revision = backup.execute(query).fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise InvalidFields({"FILE": [f"{source}: {error}."]}) from None
    if sound != "ok":
        raise InvalidFields({"FILE": [f"{source} is damaged: {sound}."]})
    _refuse_later(source, revision)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(source, draft)
        draft.chmod(PRIVATE)
        for left in ("-wal", "-shm"):  # of a database that was moved away
            target.with_name(target.name + left).unlink(missing_ok=True)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    progress(1.0)


def _refuse_later(source: Path, revision: str) -> None:
    if revision > migration.head():
        complaint = f"{source} comes from a later release (revision {revision})."
        raise InvalidFields({"FILE": [complaint]})


def _dumped_revision(source: Path) -> str:
    """Return the revision of the database that a dump was made of."""
    only = ("--data-only", f"--table={VERSIONS}", "--file=-", str(source))
    found = _REVISION.search(_run("pg_restore", None, *only))
    if found is None:
        raise InvalidFields({"FILE": [f"{source} is no backup of this service."]})
    return found["revision"]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _start_of(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            return file.read(len(SQLITE_START))
    except OSError as error:
        raise InvalidFields({"FILE": [f"{source}: {error.strerror}."]}) from None


def _refuse_filled(url: sa.URL) -> None:
    engine = sa.create_engine(url)
    try:
        tables = sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if tables:
        raise Conflict("The database isn't empty. Restore into a new one.")


def _run(program: str, url: sa.URL | None, *arguments: str) -> str:
    """Run a program of PostgreSQL, and return what it prints.

    The password isn't among its arguments. Without a URL, it opens no database.
    """
    command, environment = [program, *arguments], dict(os.environ)
    if url is not None:
        address = url.set(drivername="postgresql", password=None)
        address = address.difference_update_query(["prepare_threshold"])  # psycopg's
        command.insert(1, f"--dbname={address.render_as_string()}")
        environment |= {"PGPASSWORD": str(url.password)} if url.password else {}
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments, without a shell
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise Unavailable(
            f"{program} is missing. Install PostgreSQL's client programs, in the "
            "version of the server."
        ) from None
    if done.returncode:
        raise Unavailable(f"{program} failed: {done.stderr.strip()[-500:]}")
    return done.stdout
