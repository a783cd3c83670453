"""Bodies of an author's timeline, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from moderation.api.comment_bodies import PageQuery
from moderation.authors.timeline import TimelineEntry, TimelineKind
from moderation.policy.standings import Standing
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.web.bodies import ReasonOut
from moderation.web.fields import CommentId

EXCERPT = 280  # characters of a comment


class TimelineQuery(PageQuery):
    """Filters of an author's timeline."""

    kind = ma.fields.Enum(TimelineKind, by_value=True)


class TimelineEntryOut(ma.Schema):
    """One thing that happened. Next to the required fields, those of its kind."""

    kind = ma.fields.Enum(TimelineKind, by_value=True, required=True)
    at = ma.fields.AwareDateTime(format="iso", required=True)
    by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Username; null: a reader, the author, or automatic"},
    )
    comment = CommentId(required=True, allow_none=True)
    text = ma.fields.String(
        allow_none=True,
        metadata={
            "description": f"Of a comment, the first {EXCERPT} characters; the "
            "reader's or the author's words; the note"
        },
    )
    author_name = ma.fields.String()
    status = ma.fields.Enum(Status, by_value=True)
    article = ma.fields.String()
    article_title = ma.fields.String(allow_none=True)
    verdict = ma.fields.Enum(Verdict, by_value=True)
    source = ma.fields.Enum(Source, by_value=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut))
    reason = ma.fields.String(allow_none=True)
    outcome = ma.fields.String(
        allow_none=True, metadata={"description": "Of an appeal; null: undecided"}
    )
    standing = ma.fields.Enum(
        Standing,
        by_value=True,
        allow_none=True,
        metadata={"description": "null: lifted"},
    )
    until = ma.fields.AwareDateTime(format="iso", allow_none=True)
    is_undo = ma.fields.Boolean()


class TimelinePage(ma.Schema):
    """Entries of an author's timeline, newest first."""

    entries = ma.fields.List(ma.fields.Nested(TimelineEntryOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


def dump_entry(entry: TimelineEntry, as_pending: bool = False) -> dict[str, Any]:
    """Return one thing that happened."""
    known = {
        "kind": entry.kind,
        "at": entry.at,
        "by": entry.by,
        "comment": entry.comment_id,
    }
    return known | _DUMPS[entry.kind](entry, as_pending)


def _dump_comment(entry: TimelineEntry, as_pending: bool) -> dict[str, Any]:
    row, article = entry.row, entry.article
    return {
        "text": row.body[:EXCERPT],
        "author_name": row.author_name,
        "status": Status.PENDING if as_pending else Status(row.status),
        "article": article.reference if article else "",
        "article_title": article.title if article else None,
    }


def _dump_decision(entry: TimelineEntry, as_pending: bool) -> dict[str, Any]:
    row = entry.row
    return {
        "verdict": Verdict(row.verdict),
        "source": Source(row.source),
        "reasons": row.reasons,
        "is_undo": row.undoes_id is not None,
    }


def _dump_report(entry: TimelineEntry, as_pending: bool) -> dict[str, Any]:
    return {"reason": entry.row.reason, "text": entry.row.note}


def _dump_appeal(entry: TimelineEntry, as_pending: bool) -> dict[str, Any]:
    outcome = None if as_pending else entry.row.outcome
    return {"text": entry.row.text, "outcome": outcome}


def _dump_standing(entry: TimelineEntry, as_pending: bool) -> dict[str, Any]:
    row = entry.row
    return {
        "standing": Standing(row.standing) if row.standing else None,
        "reason": row.reason,
        "until": row.until,
        "text": row.note,
        "is_undo": row.undoes_id is not None,
    }


def _dump_note(entry: TimelineEntry, as_pending: bool) -> dict[str, Any]:
    return {"text": entry.row.text}


_DUMPS = {
    TimelineKind.COMMENT: _dump_comment,
    TimelineKind.DECISION: _dump_decision,
    TimelineKind.REPORT: _dump_report,
    TimelineKind.APPEAL: _dump_appeal,
    TimelineKind.STANDING: _dump_standing,
    TimelineKind.NOTE: _dump_note,
}
