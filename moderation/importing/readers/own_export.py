"""A record as JSON, as `moderation export` and a dry run write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classifiers.text.labels import HARMS
from moderation.importing.drafts import (
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    finish,
    read_time,
)
from moderation.importing.files import as_text
from moderation.importing.markup import Markup
from moderation.importing.records import (
    NONE_HOLDS,
    DecisionEvidence,
    ImportItem,
    ImportNote,
    ImportRecord,
    RefusedRow,
    SourceDecision,
)
from moderation.policy.reasons import REASON_CODES
from moderation.policy.verdicts import Status, Verdict

MAX_ASIDE = 50  # values


def read_own(value: Mapping[str, Any], options: ReadOptions, line: int) -> ImportItem:
    """Return the record of an object; its ids keep their source."""
    name, parent = as_text(value.get("external_id")), as_text(value.get("parent"))
    refused = RefusedRow(
        id=name or "?", says="", line=line, named_parent=parent or None
    )
    try:
        status = Status(as_text(value.get("status")))
    except ValueError:
        refused.says = f"status {as_text(value.get('status'))[:40]!r}"
        return refused
    try:
        written, edited = (
            as_text(value.get(name)) for name in ("written_at", "edited_at")
        )
        written_at = read_time(written) if written else None
        edited_at = read_time(edited) if edited else None
        decision = _decision(value.get("decision"))
        labels = _labels(value.get("teaches"))
        notes = {ImportNote(as_text(note)).value for note in _list(value.get("notes"))}
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    except (ValueError, TypeError):
        refused.says = "decision, teaches, or notes that this version doesn't know"
        return refused
    draft = CommentDraft(
        id=name,
        article=as_text(value.get("article")),
        article_title=as_text(value.get("article_title")),
        article_section=as_text(value.get("article_section")),
        name=as_text(value.get("author_name")),
        email=as_text(value.get("author_email")),
        url=as_text(value.get("author_url")),
        author_id=as_text(value.get("author_id")) or None,
        ip=as_text(value.get("ip")),
        written_at=written_at,
        edited_at=edited_at,
        text=as_text(value.get("body")),
        markup=Markup.PLAIN,
        status=status,
        decision=None if status is Status.PENDING else decision,
        scores=[score for score in _list(value.get("scores")) if _is_score(score)],
        reports=_reports(value.get("reports")),
        pick=value.get("pick") is True,
        aside=_aside(value.get("aside")),
        notes=notes,
        line=line,
    )
    item = finish(draft, options)
    item.named_parent = parent or None
    if isinstance(item, ImportRecord):
        item.external_id = name
        item.teaches = labels
    return item


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _decision(value: Any) -> SourceDecision | None:
    if not isinstance(value, dict):
        return None
    at = as_text(value.get("at"))
    reasons = tuple(as_text(code) for code in _list(value.get("reasons")))
    if not {*reasons} <= {*REASON_CODES}:
        raise ValueError("a reason that this version doesn't know")
    return SourceDecision(
        verdict=Verdict(as_text(value.get("verdict"))),
        evidence=DecisionEvidence(as_text(value.get("evidence"))),
        reasons=reasons,
        at=read_time(at) if at else None,
        by=as_text(value.get("by")) or None,
    )


def _labels(value: Any) -> dict[str, bool] | None:
    if value is None:
        return None
    if value == NONE_HOLDS:
        return {}
    labels = value if isinstance(value, dict) else dict.fromkeys(value, True)
    if not {*labels} <= {*HARMS}:
        raise ValueError("a label that this version doesn't know")
    return {name: bool(holds) for name, holds in labels.items()}


def _is_score(score: Any) -> bool:
    return (
        isinstance(score, dict)
        and {*score} == {"from", "attribute", "value"}
        and isinstance(score["value"], (int, float))
    )


def _reports(value: Any) -> dict[str, int]:
    reports = value if isinstance(value, dict) else {}
    return {
        code: count
        for code, count in reports.items()
        if code in REASON_CODES and isinstance(count, int) and count > 0
    }


def _aside(value: Any) -> dict[str, Any]:
    values = list(value.items())[:MAX_ASIDE] if isinstance(value, dict) else []
    return {
        name: number
        for name, number in values
        if isinstance(number, (int, float)) and len(name) <= MAX_ASIDE
    }
