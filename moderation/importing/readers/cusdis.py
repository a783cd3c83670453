"""Cusdis: CSV dumps of its tables `comments` and `pages`, in a folder.

Source: prisma/pgsql/schema.prisma of Cusdis, July 2026 (read 2026-11).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from moderation.importing.drafts import (
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    finish,
    read_time,
)
from moderation.importing.files import MAX_LINE_BYTES, UnreadableFile, open_bytes
from moderation.importing.findings import FileFindings
from moderation.importing.markup import Markup
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    RefusedRow,
    SourceDecision,
    external_id,
)
from moderation.policy.verdicts import Status, Verdict

TRUE = frozenset({"t", "true", "1"})
NEEDED = {
    "pages": {"id", "url", "title"},
    "comments": {"id", "pageId", "created_at", "content", "approved"},
}


def read_cusdis(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of dumps. `moderatorId` marks answers of the owner."""
    files = {
        member.name.partition(".")[0]: member
        for path in paths
        for member in ([*path.iterdir()] if path.is_dir() else [path])
    }
    missing = [f"{name}.csv" for name in NEEDED if name not in files]
    if missing:
        raise UnreadableFile(f"{' and '.join(missing)} needed.")
    pages = {row["id"]: (row["url"], row["title"]) for _, row in _rows(files, "pages")}
    for line, row in _rows(files, "comments"):
        yield _read_comment(row, pages, options, line)


def _rows(files: dict[str, Path], name: str) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(MAX_LINE_BYTES)
    with open_bytes(files[name]) as file:
        text = io.TextIOWrapper(
            file, encoding="utf-8-sig", errors="replace", newline=""
        )
        rows = csv.DictReader(text)
        try:
            if not NEEDED[name] <= {*(rows.fieldnames or ())}:
                wanted = ", ".join(sorted(NEEDED[name]))
                raise UnreadableFile(f"{files[name].name} needs the columns {wanted}.")
            for row in rows:
                values = {key: value or "" for key, value in row.items() if key}
                yield rows.line_num, values
        except csv.Error as error:
            raise UnreadableFile(f"{files[name].name}: {error}") from None


def _read_comment(
    row: dict[str, str],
    pages: dict[str, tuple[str, str]],
    options: ReadOptions,
    line: int,
) -> ImportItem:
    parent = row.get("parentId", "")
    named = external_id(options.source, parent) if parent else None
    refused = RefusedRow(id=row["id"] or "?", says="", line=line, named_parent=named)
    if row["pageId"] not in pages:
        refused.says = f"its page {row['pageId'][:40]!r} is not in the files"
        return refused
    try:
        written_at = read_time(row["created_at"])
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    url, title = pages[row["pageId"]]
    is_rejected = bool(row.get("deletedAt"))
    status = Status.APPROVED if row["approved"].lower() in TRUE else Status.PENDING
    status = Status.REJECTED if is_rejected else status
    draft = CommentDraft(
        id=row["id"],
        parent=parent,
        article=url,
        article_title=title,
        name=row.get("by_nickname"),
        email=row.get("by_email"),
        written_at=written_at,
        text=row["content"],
        markup=Markup.PLAIN,
        status=status,
        decision=None
        if status is Status.PENDING
        else SourceDecision(
            verdict=Verdict.REJECT if is_rejected else Verdict.APPROVE,
            evidence=DecisionEvidence.UNKNOWN,
            reasons=("other",) if is_rejected else (),
        ),
        line=line,
    )
    return finish(draft, options)
