"""Find each reply's parent, which may stand behind it, be gone, or be in a loop.

Ids are noted in a temporary SQLite file: no text, no name, no address. A dry run notes
all of them in a first pass, and asks in a second one. An import asks as it goes, and
once more at the end for replies that stand before their parents.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from moderation.importing.records import (
    ImportItem,
    ImportNote,
    ImportRecord,
    RefusedRow,
    SkippedRow,
)

MAX_STEPS = 1_000  # up a chain of parents that are gone
BATCH_SIZE = 5_000
KEPT, DELETED, GONE = 0, 1, 2

_SCHEMA = """
CREATE TABLE rows (
    name TEXT PRIMARY KEY, number INTEGER, parent TEXT, article BLOB, fate INTEGER,
    body BLOB
) WITHOUT ROWID
"""


class ParentIndex:
    """The IDs of an import, with their parents and results."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(_SCHEMA)
        self._database.execute("CREATE TABLE late (child TEXT, parent TEXT)")
        self._rows: list[tuple[object, ...]] = []
        self._first = 1  # number of the first of them
        #: from this row on, an id may be that of a row before; None: there is none
        self._repeated_from: int | None = None
        #: the rows that were noted last are the first of their ids
        self._fresh_from: int | None = None
        self.count = 0

    def close(self) -> None:
        """Close the file; the caller that made it deletes it."""
        self._database.close()

    def add(self, item: ImportItem, source: str) -> None:
        """Note a row of the first pass."""
        self.count += 1
        if isinstance(item, ImportRecord):
            article: bytes | None = _digest_of_article(item.article)
            body: bytes | None = _digest(item.body)
            name, fate = item.external_id, KEPT
        else:
            if item.id == "?":
                return
            is_whole = item.id.startswith(f"{source}:")
            name = item.id if is_whole else f"{source}:{item.id}"
            article = body = None
            is_deleted = isinstance(item, SkippedRow) and item.why == "deleted"
            fate = DELETED if is_deleted else GONE
        row = (name, self.count, item.named_parent, article, fate, body)
        self._rows.append(row)
        if len(self._rows) >= BATCH_SIZE:
            self._flush()

    def _flush(self) -> None:
        added = self._database.executemany(
            "INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?, ?)", self._rows
        )
        self._fresh_from = self._first
        if added.rowcount < len(self._rows):
            self._fresh_from = None
            self._repeated_from = self._repeated_from or self._first
            # The first of an id stays; of a comment and a row that is none, the
            # comment.
            self._database.executemany(
                "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT(name) DO UPDATE SET number = excluded.number, "
                "parent = excluded.parent, fate = excluded.fate, "
                "article = excluded.article, body = excluded.body "
                "WHERE rows.fate != 0 AND excluded.fate = 0",
                self._rows,
            )
        self._rows.clear()
        self._first = self.count + 1

    def resolve(self, item: ImportItem, number: int) -> ImportItem:
        """Return a noted row with its parent, or why it is none after all.

        Parameters
        ----------
        number
            Of the row, from 1, as it was noted.
        """
        if not isinstance(item, ImportRecord):
            return item
        if self._rows:
            self._flush()
        if self._may_be_repeated(number):
            first, body = self._database.execute(
                "SELECT number, body FROM rows WHERE name = ?", (item.external_id,)
            ).fetchone()
            if first != number:
                if body == _digest(item.body):
                    return SkippedRow(id=item.id, why="duplicate")
                return RefusedRow(id=item.id, says="id twice, with another text")
        if item.named_parent is not None:
            article = _digest_of_article(item.article)
            item.parent, notes = self._find_parent(
                item.external_id, item.named_parent, article
            )
            item.notes |= notes
        return item

    def _may_be_repeated(self, number: int) -> bool:
        """Tell whether the id of a comment may have come before it."""
        if self._repeated_from is None or number < self._repeated_from:
            return False
        return self._fresh_from is None or number < self._fresh_from

    def add_late(self, replies: Iterable[tuple[str, str]]) -> None:
        """Note stored replies whose parents are not stored yet."""
        self._database.executemany("INSERT INTO late VALUES (?, ?)", replies)

    def iter_late(self, size: int) -> Iterator[list[tuple[str, str]]]:
        """Yield late replies and their parents, `size` at a time.

        What is not in these files is left as it was named: an earlier import may have
        it.
        """
        cursor = self._database.execute(
            "SELECT late.child, late.parent, rows.article FROM late "
            "LEFT JOIN rows ON rows.name = late.child ORDER BY late.rowid"
        )
        while rows := cursor.fetchmany(size):
            replies = []
            for child, named, article in rows:
                if article is None:  # not of these rows: an earlier run has stored it
                    replies.append((child, named))
                    continue
                parent, notes = self._find_parent(child, named, article)
                if parent is None and notes == {ImportNote.PARENT_MISSING.value}:
                    parent = named
                if parent is not None:
                    replies.append((child, parent))
            yield replies

    def _find_parent(
        self, child: str, named: str, article: bytes
    ) -> tuple[str | None, set[str]]:
        """Return the nearest ancestor that is kept, and notes of those that aren't."""
        name: str | None = named
        passed, notes = {child}, set[str]()
        for _ in range(MAX_STEPS):
            if name is None:
                break
            row = self._database.execute(
                "SELECT parent, article, fate FROM rows WHERE name = ?", (name,)
            ).fetchone()
            if row is None or name in passed:
                notes.add(ImportNote.PARENT_MISSING.value)
                break
            passed.add(name)
            above, found, fate = row
            if fate == KEPT and found == article:
                if not self._is_in_loop(name, child):
                    return name, notes
                notes.add(ImportNote.PARENT_MISSING.value)
                break
            if fate == KEPT:
                notes.add(ImportNote.PARENT_ELSEWHERE.value)
                break
            is_deleted = fate == DELETED
            note = (
                ImportNote.PARENT_DELETED if is_deleted else ImportNote.PARENT_MISSING
            )
            notes.add(note.value)
            name = above
        return None, notes

    def _is_in_loop(self, parent: str, child: str) -> bool:
        """Tell whether a comment is above its own parent, and is the first of the loop.

        Of a loop, the comment whose id comes first stands under the article.
        """
        name: str | None = parent
        members = [child]
        for _ in range(MAX_STEPS):
            if name is None:
                return False
            if name == child:
                return child == min(members)
            if name in members:
                return False
            members.append(name)
            row = self._database.execute(
                "SELECT parent FROM rows WHERE name = ?", (name,)
            ).fetchone()
            name = row[0] if row else None
        return True


@contextmanager
def open_index() -> Iterator[ParentIndex]:
    """Open an empty index in a temporary folder, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="moderation-import-") as folder:
        index = ParentIndex(str(Path(folder, "ids.sqlite")))
        try:
            yield index
        finally:
            index.close()


@lru_cache(maxsize=1_024)
def _digest_of_article(address: str) -> bytes:
    return _digest(address)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
