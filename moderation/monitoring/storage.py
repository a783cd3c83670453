"""The size of the database, and the free room."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session


@dataclass(frozen=True, kw_only=True)
class Storage:
    """The database's size, in bytes."""

    database_bytes: int
    free_bytes: int | None  #: on its disk; None: it isn't on this machine, as known


def read_storage(session: Session) -> Storage:
    """Return the size of the database, and the space that is free next to it."""
    url = session.get_bind().engine.url
    if url.get_backend_name() == "sqlite":
        pages = session.execute(sa.text("PRAGMA page_count")).scalar_one()
        size = session.execute(sa.text("PRAGMA page_size")).scalar_one()
        free = None
        if url.database and url.database != ":memory:":
            try:
                free = shutil.disk_usage(Path(url.database).absolute().parent).free
            except OSError:
                free = None
        return Storage(database_bytes=pages * size, free_bytes=free)
    size = session.execute(
        sa.text("SELECT pg_database_size(current_database())")
    ).scalar_one()
    return Storage(database_bytes=size, free_bytes=None)
