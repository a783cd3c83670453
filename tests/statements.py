"""Compile each statement once for all apps of a test process.

SQLAlchemy keeps compiled statements by engine. Each test has an engine of its own, and
would spend a third of its time on statements that the test before has compiled.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

KINDS = (SQLiteDialect_pysqlite, PGDialect_psycopg)
_COMPILED: LRUCache[object, object] = LRUCache(20_000)


def keep() -> None:
    """Let dialects of a kind be one: they are a part of what statements are kept by."""
    for kind in KINDS:
        kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
        kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


def share(engine: sa.Engine) -> None:
    """Let an engine use what others have compiled."""
    engine._compiled_cache = _COMPILED  # type: ignore[assignment]
