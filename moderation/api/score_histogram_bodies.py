"""The score histogram and samples of a range of scores, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.queue_bodies import QueuedComment
from moderation.queue.score_histogram import BINS, Evidence
from moderation.statistics import wilson_interval
from moderation.web.fields import LanguageTag, Line

MOST_SAMPLED = 50  # comments


class SliceQuery(ma.Schema):
    """The part of a site's queue that is looked at."""

    site = ma.fields.String(required=True, validate=validate.Length(max=63))
    label = ma.fields.String(required=True, validate=validate.OneOf(LABELS))
    section = Line(
        longest=100, metadata={"description": "Of the site; all if left out"}
    )
    language = LanguageTag(metadata={"description": "As sent; all if left out"})


class RangeQuery(SliceQuery):
    """A range of scores."""

    low = ma.fields.Float(required=True, validate=validate.Range(min=0, max=1))
    high = ma.fields.Float(
        required=True,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "Not in the range itself, but for 1"},
    )

    @ma.validates_schema
    def _has_width(self, fields: dict[str, Any], **kwargs: Any) -> None:
        if "low" in fields and "high" in fields and fields["low"] >= fields["high"]:
            raise ma.ValidationError({"high": ["Must be over low."]})


class SampleQuery(RangeQuery):
    """A range of scores, and how much of it is shown."""

    size = ma.fields.Integer(
        load_default=8,
        strict=False,
        validate=validate.Range(min=1, max=MOST_SAMPLED),
        metadata={"description": "Comments, drawn at random"},
    )


class HistogramOut(ma.Schema):
    """Numbers of pending comments by score."""

    label = ma.fields.String(required=True)
    counts = ma.fields.List(
        ma.fields.Integer(),
        required=True,
        metadata={"description": f"{BINS} bins of equal width, from 0 to 1"},
    )
    total = ma.fields.Integer(required=True)
    unscored = ma.fields.Integer(
        required=True, metadata={"description": "Pending, without this score"}
    )
    as_of = ma.fields.AwareDateTime(format="iso", required=True)


class ShareOut(ma.Schema):
    """A share with its 95% interval (Wilson)."""

    count = ma.fields.Integer(required=True)
    value = ma.fields.Float(required=True, allow_none=True)
    low = ma.fields.Float(required=True, allow_none=True)
    high = ma.fields.Float(required=True, allow_none=True)


class EvidenceOut(ma.Schema):
    """Moderators' single decisions about comments with such scores."""

    decided = ma.fields.Integer(required=True)
    rejected = ma.fields.Nested(ShareOut, required=True)
    confirmed = ma.fields.Nested(
        ShareOut,
        required=True,
        metadata={"description": "Rejected for this label, or labeled with it"},
    )


class SampleOut(ma.Schema):
    """Pending comments of a score range, and earlier decisions about such scores."""

    count = ma.fields.Integer(required=True)
    comments = ma.fields.List(ma.fields.Nested(QueuedComment), required=True)
    evidence = ma.fields.Nested(EvidenceOut, required=True)
    as_of = ma.fields.AwareDateTime(format="iso", required=True)


def dump_evidence(evidence: Evidence) -> dict[str, Any]:
    """Return evidence with the interval of each share."""
    return {
        "decided": evidence.decided,
        "rejected": _share(evidence.rejected, evidence.decided),
        "confirmed": _share(evidence.confirmed, evidence.decided),
    }


def _share(count: int, total: int) -> dict[str, float | None]:
    interval = wilson_interval(count, total)
    if interval is None:
        return {"count": count, "value": None, "low": None, "high": None}
    return {"count": count, **vars(interval)}
