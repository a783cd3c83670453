"""A comment from named values: a row of CSV, or a JSON object of a house-made system.

A mapping says which of our fields is in which column, and what values mean:
`{"id": "nr", "status": {"column": "state", "values": {"2": "rejected"}}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moderation.importing.drafts import (
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    finish,
    read_time,
    read_unix_time,
)
from moderation.importing.markup import Markup
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    RefusedRow,
    SkippedRow,
    SourceDecision,
    external_id,
)
from moderation.policy.reasons import REASON_CODES
from moderation.policy.verdicts import Status, Verdict

REQUIRED = ("id", "article", "body", "status")
FIELDS = (
    *REQUIRED,
    *("parent", "article_title", "article_section", "author_name", "author_email"),
    *("author_url", "author_id", "ip", "written_at", "edited_at", "reason"),
    *("decided_by", "decided_at", "body_format", "deleted"),
)
TRUE = frozenset({"1", "true", "yes", "t", "y"})
VERDICTS = {Status.APPROVED: Verdict.APPROVE, Status.REJECTED: Verdict.REJECT}


def columns_of(mapping: Mapping[str, Any]) -> dict[str, str]:
    """Return the column of each field that a mapping names."""
    return {
        name: value["column"] if isinstance(value, dict) else value
        for name, value in mapping.items()
    }


class _Values:
    """Values by our names."""

    def __init__(self, row: Mapping[str, str], mapping: Mapping[str, Any]) -> None:
        self._row, self._mapping = row, mapping

    def get(self, name: str) -> str:
        said = self._mapping.get(name, name)
        column = said["column"] if isinstance(said, dict) else said
        text = self._row.get(column, "")
        if isinstance(said, dict):
            text = str(said.get("values", {}).get(text.strip(), text))
        return text if name == "body" else text.strip()


def read_fields(row: Mapping[str, str], options: ReadOptions, line: int) -> ImportItem:
    """Return the comment of a row."""
    values = _Values(row, options.mapping)
    number, parent = values.get("id"), values.get("parent")
    named = external_id(options.source, parent) if parent else None
    if values.get("deleted").lower() in TRUE and not values.get("body").strip():
        return SkippedRow(id=number, why="deleted", named_parent=named)
    refused = RefusedRow(id=number or "?", says="", line=line, named_parent=named)
    stated, format_ = values.get("status"), values.get("body_format") or "plain"
    if stated not in {*Status}:
        refused.says = f"status {stated[:40]!r}"
        return refused
    if format_ not in {*Markup}:
        refused.says = f"body_format {format_[:40]!r}"
        return refused
    reason = values.get("reason")
    if reason and reason not in REASON_CODES:
        refused.says = f"reason {reason[:40]!r}"
        return refused
    try:
        written_at, edited_at, decided_at = (
            _moment(values.get(name), options)
            for name in ("written_at", "edited_at", "decided_at")
        )
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    status, by = Status(stated), values.get("decided_by")
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=_address(values.get("article"), options.base_url),
        article_title=values.get("article_title"),
        article_section=values.get("article_section"),
        name=values.get("author_name"),
        email=values.get("author_email"),
        url=values.get("author_url"),
        author_id=values.get("author_id"),
        ip=values.get("ip"),
        written_at=written_at,
        edited_at=edited_at,
        text=values.get("body"),
        markup=Markup(format_),
        status=status,
        decision=None
        if status is Status.PENDING
        else SourceDecision(
            verdict=VERDICTS[status],
            evidence=DecisionEvidence.PERSON if by else DecisionEvidence.UNKNOWN,
            reasons=(reason or "other",) if status is Status.REJECTED else (),
            at=decided_at,
            by=by or None,
        ),
        line=line,
    )
    return finish(draft, options)


def _moment(text: str, options: ReadOptions) -> datetime | None:
    if not text:
        return None
    if text.replace(".", "", 1).isdigit() and len(text) > len("20230305"):
        return read_unix_time(text)
    if options.zone is None and not _has_zone(text):
        raise UnreadableTime("its time has no zone: say one with --timezone")
    return read_time(text, options.zone)


def _has_zone(text: str) -> bool:
    _, _, time = text.replace(" ", "T", 1).partition("T")
    return time.endswith(("Z", "z")) or "+" in time or "-" in time


def _address(article: str, base_url: str | None) -> str:
    if article.startswith("/") and base_url:
        return base_url.rstrip("/") + article
    return article
