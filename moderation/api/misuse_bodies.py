"""Measures against repeat offenders and abusive notifiers, in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import marshmallow as ma

from moderation.objections import misuse
from moderation.objections.misuse import MisuseKind
from moderation.objections.misuse_counts import MisuseCount, MisuseMatter, MisuseSubject
from moderation.tables.legal import MisuseMeasure
from moderation.web.fields import CommentText

MAX_REASON_BYTES = 2_000


class NewMeasure(ma.Schema):
    """A warning, or a suspension after one."""

    kind = ma.fields.Enum(MisuseKind, by_value=True, required=True)
    reason = CommentText(
        required=True,
        most_bytes=MAX_REASON_BYTES,
        metadata={"description": "Shown to the author or notifier"},
    )
    until = ma.fields.AwareDateTime(
        format="iso",
        load_default=None,
        allow_none=True,
        metadata={"description": "Of a suspension, up to a year ahead"},
    )
    matter = ma.fields.Enum(
        MisuseMatter,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The misused right. null: `content` for an author, "
            "`notices` for a notifier; `complaints` applies to both"
        },
    )


class MisuseCountOut(ma.Schema):
    """Counts that a lead must weigh (DSA Art. 23(3))."""

    manifest = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Comments that a moderator called manifestly illegal, or "
            "notices or complaints called manifestly unfounded"
        },
    )
    all = ma.fields.Integer(
        required=True, metadata={"description": "Comments, notices, or complaints"}
    )
    days = ma.fields.Integer(
        required=True, metadata={"description": "Window of `manifest`"}
    )


class MeasureOut(ma.Schema):
    """A warning or a suspension."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.Enum(MisuseKind, by_value=True, required=True)
    subject = ma.fields.Enum(MisuseSubject, by_value=True, required=True)
    matter = ma.fields.Enum(MisuseMatter, by_value=True, required=True)
    author = ma.fields.Integer(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    reason = ma.fields.String(required=True)
    counts = ma.fields.Nested(
        MisuseCountOut, required=True, metadata={"description": "As they were then"}
    )
    until = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    ended_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    is_over = ma.fields.Boolean(
        required=True, metadata={"description": "It has ended, or is a warning"}
    )


class MeasuresOut(ma.Schema):
    """Measures at a site, the newest first."""

    measures = ma.fields.List(ma.fields.Nested(MeasureOut), required=True)


class MisuseRecordOut(MeasuresOut):
    """The misuse record of an author or a notifier."""

    counts = ma.fields.Nested(
        MisuseCountOut,
        required=True,
        metadata={"description": "Of an author's comments, or a notifier's notices"},
    )
    complaints = ma.fields.Nested(
        MisuseCountOut,
        required=True,
        metadata={"description": "Of an author's appeals, or a notifier's complaints"},
    )


class RevealedNotifierOut(ma.Schema):
    """The sender of a notice; null if not given."""

    name = ma.fields.String(required=True, allow_none=True)
    email = ma.fields.String(required=True, allow_none=True)


def dump_measure(measure: MisuseMeasure, now: datetime) -> dict[str, Any]:
    """Return a measure."""
    return {
        "id": measure.id,
        "kind": MisuseKind(measure.kind),
        "subject": MisuseSubject(measure.subject),
        "matter": MisuseMatter(measure.matter),
        "author": measure.author_id,
        "created_at": measure.created_at,
        "reason": measure.reason,
        "counts": measure.counts,
        "until": measure.until,
        "ended_at": measure.ended_at,
        "is_over": misuse.is_over(measure, now),
    }


def dump_count(counted: MisuseCount) -> dict[str, int]:
    """Return counts."""
    return counted.as_json()
