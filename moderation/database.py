"""The session, the column types, and what SQLite needs to behave."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session

from moderation.installation import PRIVATE

BUSY_TIMEOUT_SECONDS = 10  # how long a writer waits for another process's commit
ASKED_SECONDS = 0.001  # between two questions whether another process has written

#: Opens a session of a background process, where no request brings one.
Sessions = Callable[[], Session]


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment in UTC, on SQLite (which keeps naive text) as on PostgreSQL."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: sa.Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment must carry its time zone")
        return value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: sa.Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class seconds_between(sa.sql.functions.GenericFunction[float]):
    """The seconds from one stored moment to another, with their fraction."""

    type = sa.Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    start, end = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **kwargs: Any) -> str:
    start, end = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"CAST(EXTRACT(epoch FROM ({end} - {start})) AS DOUBLE PRECISION)"


#: A key of 64 bits; SQLite numbers rows by itself only in an INTEGER column.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Table(DeclarativeBase):
    """The mother of all tables."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy, never written
        datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(none_as_null=True),
        list[dict[str, Any]]: sa.JSON(),
    }


# Only its session and its engines: `Table` is plain SQLAlchemy, which mypy can read.
db = SQLAlchemy(session_options={"expire_on_commit": False})


def _close_to_others(connection: sqlite3.Connection) -> None:
    """Let the owner alone read and write the files of a database.

    SQLite gives the files that it makes next to one the same mode.
    """
    for _, _, name in connection.execute("PRAGMA database_list").fetchall():
        if not name:
            continue  # in memory
        # Not opened where it exists: to close it would end SQLite's own locks on it.
        with contextlib.suppress(OSError):
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        for path in (name, f"{name}-wal", f"{name}-shm", f"{name}-journal"):
            # Not there, or another user's, who must close it themselves.
            with contextlib.suppress(OSError):
                if stat.S_IMODE(os.stat(path).st_mode) & ~PRIVATE:
                    os.chmod(path, PRIVATE)


class SqliteFile(sqlite3.Connection):
    """A connection that waits for its turn to write.

    SQLite lets one writer in at a time. Its own waiting is to sleep and try again, up
    to 100 ms each time, so that a frequent caller keeps the others out. Here, threads
    of one process hand the turn on at once, and one thread of each process asks.
    """

    _turns: ClassVar[dict[str, threading.Lock]] = {}

    def __init__(self, database: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(database, *args, **kwargs)
        # A database in memory belongs to one connection.
        is_file = database and ":memory:" not in database
        fresh = threading.Lock()
        self._turn = self._turns.setdefault(database, fresh) if is_file else fresh
        self._has_turn = False
        self._patience = 0.0

    def set_patience(self, seconds: float) -> None:
        """Set how long it waits for other writers."""
        self._patience = seconds
        self.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def begin_writing(self) -> None:
        """Open a transaction that writes, when others have ended theirs.

        Raises
        ------
        sqlite3.OperationalError
            If the database is locked for longer than the connection waits.
        """
        until = time.monotonic() + self._patience
        if not self._has_turn:
            self._has_turn = self._turn.acquire(timeout=self._patience)
        self.execute("PRAGMA busy_timeout = 0")
        try:
            while not self._is_let_in(until):
                time.sleep(ASKED_SECONDS)
        except BaseException:
            self.end_turn()
            raise
        finally:
            self.set_patience(self._patience)

    def _is_let_in(self, until: float) -> bool:
        try:
            self.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() >= until:
                raise
            return False
        return True

    def end_turn(self) -> None:
        """Let the next thread write."""
        if self._has_turn:
            self._has_turn = False
            self._turn.release()

    def commit(self) -> None:
        """Commit; a failed one keeps the turn, for the transaction is still open."""
        try:
            super().commit()
        finally:
            if not self.in_transaction:
                self.end_turn()

    def rollback(self) -> None:
        """Roll back, and end the turn."""
        try:
            super().rollback()
        finally:
            self.end_turn()

    def close(self) -> None:
        """Close, and end the turn."""
        try:
            super().close()
        finally:
            self.end_turn()


#: How soon a PostgreSQL is given up that neither answers nor closes, as behind a
#: failed network; Linux waits for a quarter of an hour. `DATABASE_URL` goes before.
#: Source: https://www.postgresql.org/docs/18/libpq-connect.html (read 2026-11-30).
POSTGRESQL_PATIENCE = {
    "connect_timeout": 10,  # seconds
    "tcp_user_timeout": 30_000,  # milliseconds, for what was sent to be acknowledged
    "keepalives_idle": 30,  # seconds without a byte until the server is probed:
    "keepalives_interval": 10,  # so often,
    "keepalives_count": 3,  # and this many times
}


#: Source: https://www.postgresql.org/docs/18/errcodes-appendix.html
READ_ONLY_SQL_TRANSACTION = "25006"


@event.listens_for(sa.Engine, "do_connect")
def _set_options(
    dialect: sa.Dialect, record: Any, arguments: Any, options: dict[str, Any]
) -> None:
    if dialect.name == "sqlite":
        options.setdefault("factory", SqliteFile)
    if dialect.driver == "psycopg":
        for name, value in POSTGRESQL_PATIENCE.items():
            options.setdefault(name, value)


@event.listens_for(sa.Engine, "do_connect")
def _open_postgresql(
    dialect: sa.Dialect, record: Any, arguments: Any, options: dict[str, Any]
) -> None:
    """Read the URL's `prepare_threshold`, which psycopg takes as a number or None.

    Behind a pooler in transaction mode, such as PgBouncer, it is `none`: the next
    transaction has another connection, on which nothing is prepared.
    """
    threshold = options.get("prepare_threshold")
    if isinstance(threshold, str):
        options["prepare_threshold"] = None if threshold == "none" else int(threshold)


@event.listens_for(sa.Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    """Set what a service needs on each new SQLite connection; others pass by."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # BEGIN is ours, see `_begin`
    _close_to_others(connection)
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # A commit is on the disk before it is answered. With NORMAL, a power cut takes the
    # last commits back (https://sqlite.org/pragma.html#pragma_synchronous).
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten: an erased text must not stay in a free page.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()
    if isinstance(connection, SqliteFile):
        connection.set_patience(BUSY_TIMEOUT_SECONDS)


@event.listens_for(sa.Engine, "connect")
def _prepare_postgresql(connection: Any, record: Any) -> None:
    """Set what a service needs on each new PostgreSQL connection; others pass by.

    It compiles no statements: ours last less long than that does.
    """
    if not type(connection).__module__.startswith("psycopg"):
        return
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
        # A commit is on the disk before it is answered, even where the server is set
        # otherwise. Other values wait for standbys as well, and stay.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()


@event.listens_for(sa.Engine, "handle_error")
def _leave_read_only_server(context: sa.ExceptionContext) -> Exception | None:
    """Treat a standby that is asked to write as a database that is away.

    After a failover, an address can lead to a server that is not promoted yet, or no
    longer the primary. psycopg has that as an internal error; a new connection may
    reach the primary, so the pool must not keep this one.
    """
    error: Any = context.original_exception
    if getattr(error, "sqlstate", None) != READ_ONLY_SQL_TRANSACTION:
        return None
    context.is_disconnect = True
    return sa.exc.OperationalError(
        context.statement, None, error, connection_invalidated=True
    )


@event.listens_for(sa.Engine, "begin")
def _begin(connection: sa.Connection) -> None:
    """Open SQLite's transaction: writers at once, so that none fails half-way."""
    if connection.dialect.name != "sqlite":
        return
    if not connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    file = connection.connection.dbapi_connection
    if not isinstance(file, SqliteFile):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    try:
        file.begin_writing()
    except sqlite3.OperationalError as error:
        raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, error) from error


def start_writing(session: Session) -> None:
    """End the reading transaction and open one that may write.

    SQLite lets one writer in at a time, and a reader that starts to write can't wait
    for its turn: a caller that will write calls this first, and does slow work before.
    """
    session.commit()
    session.connection(execution_options={"writes": True})


def unindexed(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return a condition so that no index is thought of for it.

    Unlike with a column hidden in a function, PostgreSQL still knows how many it holds
    for.
    """
    return condition.is_(sa.true())


_apart: weakref.WeakKeyDictionary[sa.Engine, sa.Engine] = weakref.WeakKeyDictionary()


def engine_apart() -> sa.Engine:
    """Return the engine for what is written apart from a request's transaction.

    Its connections come from no pool: requests that hold one connection each and wait
    for a second one of the same pool would wait for each other.
    """
    engine = db.engine
    if engine.url.database in {None, "", ":memory:"}:
        return engine  # a database in memory belongs to one connection
    if engine not in _apart:
        _apart[engine] = sa.create_engine(engine.url, poolclass=sa.pool.NullPool)
    return _apart[engine]


@contextlib.contextmanager
def brief_transaction(engine: sa.Engine, seconds: float) -> Iterator[sa.Connection]:
    """Open a transaction that writes, and that waits for no long lock.

    Parameters
    ----------
    engine
        Usually `engine_apart()`.
    seconds
        For another writer, before it fails.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        If the database stays locked, or can't be reached.
    """
    with engine.connect() as opened:
        connection = opened.execution_options(writes=True)
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            _set_patience(connection, seconds)
        try:
            with connection.begin():
                if not is_sqlite:
                    milliseconds = int(seconds * 1000)
                    connection.exec_driver_sql(
                        f"SET LOCAL lock_timeout = {milliseconds}"
                    )
                yield connection
        finally:
            if is_sqlite:
                _set_patience(connection, BUSY_TIMEOUT_SECONDS)


def _set_patience(connection: sa.Connection, seconds: float) -> None:
    """Set how long SQLite waits for another commit; outside of a transaction."""
    file = connection.connection.dbapi_connection
    if isinstance(file, SqliteFile):
        file.set_patience(seconds)
