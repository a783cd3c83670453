"""Collections of MongoDB, looked up by id while comments are read.

In a temporary SQLite file: the largest sites have millions of users. Addresses of users
are encrypted in it, under a key that is gone with the process.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BATCH_SIZE = 2_000
_SCALARS = {"$numberInt": int, "$numberLong": int, "$numberDouble": float}

Row = tuple[str, dict[str, Any]]


def plain(value: Any) -> Any:
    """Return a value without MongoDB's types: times as texts or milliseconds.

    Both forms of Extended JSON, relaxed and canonical.

    >>> plain({"at": {"$date": {"$numberLong": "1678007700000"}}})
    {'at': 1678007700000}
    """
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, inner),) = value.items()
        if name == "$date":
            return plain(inner)
        if name == "$oid":
            return inner
        if name in _SCALARS:
            try:
                return _SCALARS[name](inner)
            except (TypeError, ValueError, OverflowError):
                return None
    return {name: plain(inner) for name, inner in value.items()}


class Collections:
    """Objects by collection and id, sealed on the disk."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE objects (kind TEXT, name TEXT, number INTEGER, content BLOB, "
            "PRIMARY KEY (kind, name, number)) WITHOUT ROWID"
        )
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._count = 0

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def add_all(
        self,
        kind: str,
        values: Iterable[dict[str, Any]],
        read: Callable[[dict[str, Any]], Row | None],
    ) -> None:
        """Add objects, one of an id: the last one."""
        self._add(kind, values, read, is_list=False)

    def add_lists(
        self,
        kind: str,
        values: Iterable[dict[str, Any]],
        read: Callable[[dict[str, Any]], Row | None],
    ) -> None:
        """Add objects of which one id may have many, in their order."""
        self._add(kind, values, read, is_list=True)

    def _add(
        self,
        kind: str,
        values: Iterable[dict[str, Any]],
        read: Callable[[dict[str, Any]], Row | None],
        *,
        is_list: bool,
    ) -> None:
        rows = []
        for value in values:
            row = read(value)
            if row is None or not row[0]:
                continue
            self._count += 1
            rows.append((kind, row[0], self._count * is_list, self._seal(row[1])))
            if len(rows) >= BATCH_SIZE:
                self._store(rows)
        self._store(rows)

    def _store(self, rows: list[tuple[str, str, int, bytes]]) -> None:
        statement = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)"
        self._database.executemany(statement, rows)
        rows.clear()

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """Return an object by its id; None: there is none."""
        return next(iter(self.list(kind, name)), None)

    def list(self, kind: str, name: str) -> list[dict[str, Any]]:
        """Return all objects of an id."""
        statement = "SELECT content FROM objects WHERE kind = ? AND name = ?"
        rows = self._database.execute(statement + " ORDER BY number", (kind, name))
        return [self._open(row[0]) for row in rows]

    def values(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield all objects of a collection."""
        statement = "SELECT content FROM objects WHERE kind = ?"
        for (content,) in self._database.execute(statement, (kind,)):
            yield self._open(content)

    def _seal(self, value: dict[str, Any]) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + self._cipher.encrypt(nonce, json.dumps(value).encode(), None)

    def _open(self, content: bytes) -> dict[str, Any]:
        text = self._cipher.decrypt(content[:12], content[12:], None)
        value: dict[str, Any] = json.loads(text)
        return value


@contextmanager
def open_collections() -> Iterator[Collections]:
    """Open an empty store in a temporary folder, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="moderation-import-") as folder:
        found = Collections(str(Path(folder, "objects.sqlite")))
        try:
            yield found
        finally:
            found.close()
