"""The CSV files that coral-importer reads, to which other systems are converted.

No header line; all columns are there. Source: README of coral-importer (read 2026-11).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.importing.drafts import (
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    finish,
    read_time,
)
from moderation.importing.files import MAX_LINE_BYTES, UnreadableFile, open_bytes
from moderation.importing.findings import BlockedAuthor, FileFindings
from moderation.importing.markup import Markup
from moderation.importing.mongo_collections import Collections, open_collections
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    RefusedRow,
    SourceDecision,
    external_id,
)
from moderation.policy.verdicts import Status, Verdict

COLUMNS = {
    "stories": ("id", "url", "title", "author", "published_at", "closed_at", "mode"),
    "users": ("id", "email", "username", "role", "banned", "created_at"),
    "comments": (
        *("id", "author_id", "story_id", "created_at", "body", "parent_id", "status"),
        "rating",
    ),
}
STATUSES = {
    "": Status.APPROVED,
    "NONE": Status.APPROVED,
    "APPROVED": Status.APPROVED,
    "REJECTED": Status.REJECTED,
}


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A row, with the columns that it must have."""

    number: int  #: of its last line, from 1
    cells: dict[str, str] | None  #: None: it has too few or too many


def read_coral_csv(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of a folder of `comments.csv`, `stories.csv`, `users.csv`."""
    files = {
        member.name.partition(".")[0]: member
        for path in paths
        for member in ([*path.iterdir()] if path.is_dir() else [path])
    }
    if "comments" not in files or "stories" not in files:
        raise UnreadableFile("comments.csv and stories.csv are needed.")
    with open_collections() as found:
        for name in ("stories", "users"):
            if name in files:
                rows = (row.cells for row in _lines(files[name], name) if row.cells)
                found.add_all(name, rows, lambda row: (row["id"], row))
        _note_states(found, options, findings)
        for row in _lines(files["comments"], "comments"):
            if row.cells is None:
                columns = len(COLUMNS["comments"])
                says = f"has not {columns} columns"
                yield RefusedRow(id="?", says=says, line=row.number)
            else:
                yield _read_comment(row.cells, found, options, row.number)


def _lines(path: Path, name: str) -> Iterator[_Line]:
    csv.field_size_limit(MAX_LINE_BYTES)
    columns = COLUMNS[name]
    with open_bytes(path) as file:
        text = io.TextIOWrapper(
            file, encoding="utf-8-sig", errors="replace", newline=""
        )
        reader = csv.reader(text)
        try:
            for cells in reader:
                if cells:
                    is_whole = len(cells) == len(columns)
                    values = (
                        dict(zip(columns, cells, strict=True)) if is_whole else None
                    )
                    yield _Line(number=reader.line_num, cells=values)
        except csv.Error as error:
            raise UnreadableFile(
                f"{path.name}, line {reader.line_num}: {error}."
            ) from None


def _note_states(
    found: Collections, options: ReadOptions, findings: FileFindings
) -> None:
    for user in found.values("users"):
        if user["banned"].strip().lower() == "true":
            author_id = external_id(options.source, user["id"])
            findings.blocked_authors.append(
                BlockedAuthor(author_id=author_id, until=None)
            )
    for story in found.values("stories"):
        try:
            if story["closed_at"] and read_time(story["closed_at"]) <= options.now:
                findings.closed_articles.append(story["url"])
        except UnreadableTime:
            findings.remarks.append("A story's closed_at can't be read.")


def _read_comment(
    row: dict[str, Any], found: Collections, options: ReadOptions, line: int
) -> ImportItem:
    number, parent = row["id"].strip(), row["parent_id"].strip()
    named = external_id(options.source, parent) if parent else None
    refused = RefusedRow(id=number or "?", says="", line=line, named_parent=named)
    stated = row["status"].strip().upper()
    if stated not in STATUSES:
        refused.says = f"status {row['status'][:40]!r}"
        return refused
    story = found.get("stories", row["story_id"])
    if story is None:
        refused.says = f"its story {row['story_id'][:40]!r} is not in the files"
        return refused
    try:
        written_at = read_time(row["created_at"], options.zone)
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    author_id = row["author_id"].strip()
    author = found.get("users", author_id) or {"username": "", "email": ""}
    status, rating = STATUSES[stated], row["rating"].strip()
    is_rated = rating.isascii() and rating.isdigit() and len(rating) < 4
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=story["url"],
        article_title=story["title"],
        name=author["username"],
        email=author["email"],
        author_id=external_id(options.source, author_id) if author_id else None,
        written_at=written_at,
        text=row["body"],
        markup=Markup.HTML,
        status=status,
        decision=SourceDecision(
            verdict=Verdict.REJECT if status is Status.REJECTED else Verdict.APPROVE,
            evidence=DecisionEvidence.UNKNOWN,
            reasons=("other",) if status is Status.REJECTED else (),
        ),
        aside={"rating": int(rating)} if is_rated else {},
        line=line,
    )
    return finish(draft, options)
