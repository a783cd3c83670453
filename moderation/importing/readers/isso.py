"""Isso's database, a SQLite file.

Source: isso/db/comments.py and isso/migrate.py of May 2026 (read 2026-11).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from moderation.importing.drafts import (
    MAX_RAW_LENGTH,
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    finish,
    read_unix_time,
)
from moderation.importing.files import UnreadableFile, as_text
from moderation.importing.findings import FileFindings
from moderation.importing.markup import Markup
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    RefusedRow,
    SkippedRow,
    SourceDecision,
    external_id,
)
from moderation.policy.verdicts import Status, Verdict

APPROVED, PENDING, DELETED = 1, 2, 4
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - as Isso writes that it has none
_ALLOWED = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}
)
_COMMENTS = """
SELECT comments.id, comments.parent, comments.created, comments.modified, comments.mode,
    comments.remote_addr, comments.author, comments.email, comments.website,
    comments.likes, comments.dislikes, threads.uri, threads.title,
    CASE WHEN length(comments.text) <= ? THEN comments.text END AS text
FROM comments LEFT JOIN threads ON threads.id = comments.tid ORDER BY comments.id
"""


def read_isso(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of databases. It has paths only: `base_url` is needed."""
    if options.base_url is None:
        raise UnreadableFile("Isso knows paths only: say the site with --base-url.")
    for path in paths:
        if path.with_name(path.name + "-wal").exists():
            findings.remarks.append(
                f"Next to {path.name} is a -wal file, which isn't read: stop Isso "
                "first."
            )
        with open_hostile(path, ("comments", "threads")) as database:
            for row in database.execute(_COMMENTS, (MAX_RAW_LENGTH,)):
                yield _read_comment(row, options)


@contextmanager
def open_hostile(path: Path, tables: Sequence[str]) -> Iterator[sqlite3.Connection]:
    """Open a SQLite file that others made, to read some of its tables.

    Raises
    ------
    UnreadableFile
        If it is none, is damaged, or one of the tables is a view or missing.
    """
    if not path.is_file():
        raise UnreadableFile(f"{path.name} is no file.")
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    database = sqlite3.connect(address, uri=True)
    try:
        database.row_factory = sqlite3.Row
        for pragma in (
            "trusted_schema = OFF",
            "query_only = ON",
            "cell_size_check = ON",
        ):
            database.execute(f"PRAGMA {pragma}")
        (fault,) = database.execute("PRAGMA quick_check(1)").fetchone()
        names = {
            row["name"]
            for row in database.execute(
                "SELECT name FROM sqlite_schema WHERE type='table'"
            )
        }
        if fault != "ok" or not {*tables} <= names:
            raise UnreadableFile(f"{path.name} isn't such a database, or is damaged.")
        database.set_authorizer(_authorize)
        yield database
    except sqlite3.Error as error:
        raise UnreadableFile(f"{path.name} isn't such a database: {error}") from None
    finally:
        database.close()


def _authorize(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _read_comment(row: sqlite3.Row, options: ReadOptions) -> ImportItem:
    number, parent = as_text(row["id"]), as_text(row["parent"])
    named = external_id(options.source, parent) if parent else None
    mode, text = row["mode"], row["text"]
    if mode == DELETED and not as_text(text).strip():
        return SkippedRow(id=number, why="deleted", named_parent=named)
    refused = RefusedRow(id=number or "?", says="", named_parent=named)
    if mode not in (APPROVED, PENDING, DELETED):
        refused.says = f"mode {as_text(mode)[:40]}"
        return refused
    if row["uri"] is None:
        refused.says = "its thread is not in the file"
        return refused
    try:
        written_at = read_unix_time(row["created"])
        edited = row["modified"]
        edited_at = None if edited is None else read_unix_time(edited)
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    ip = as_text(row["remote_addr"])
    is_rejected = mode == DELETED
    status = {APPROVED: Status.APPROVED, PENDING: Status.PENDING}.get(
        mode, Status.REJECTED
    )
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=_address(as_text(row["uri"]), options.base_url or ""),
        article_title=as_text(row["title"]),
        name=as_text(row["author"]),
        email=as_text(row["email"]),
        url=_website(as_text(row["website"])),
        ip="" if ip == NO_ADDRESS else ip,
        is_ip_useless=True,  # shortened
        written_at=written_at,
        edited_at=edited_at,
        text="x" * (MAX_RAW_LENGTH + 1) if text is None else as_text(text),
        markup=Markup.PLAIN,
        status=status,
        decision=None
        if status is Status.PENDING
        else SourceDecision(
            verdict=Verdict.REJECT if is_rejected else Verdict.APPROVE,
            evidence=DecisionEvidence.UNKNOWN,
            reasons=("other",) if is_rejected else (),
        ),
        aside=_votes(row),
    )
    return finish(draft, options)


def _address(uri: str, base_url: str) -> str:
    is_whole = uri.lower().startswith(("http://", "https://"))
    return uri if is_whole else base_url.rstrip("/") + "/" + uri.lstrip("/")


def _website(text: str) -> str:
    """Return the address of a site that may lack its scheme."""
    text = text.strip()
    return f"http://{text}" if text and ":" not in text else text


def _votes(row: sqlite3.Row) -> dict[str, Any]:
    return {
        name: row[name]
        for name in ("likes", "dislikes")
        if isinstance(row[name], int) and row[name]
    }
