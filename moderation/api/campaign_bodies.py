"""Batches, triage and campaigns, as staff read and write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.comment_bodies import PageQuery
from moderation.api.review_bodies import QueuedComment, SiteQuery
from moderation.policy import REASON_CODES, Status, Verdict
from moderation.queue.score_histogram import BINS
from moderation.review.bulk import BatchKind, BatchState
from moderation.web.bodies import ReasonOut
from moderation.web.fields import CommentId, LanguageTag, Line

LONGEST_STAND = 72  # hours: a long weekend; then a person looks again
MOST_SAMPLED = 50  # comments
# Moments that no time zone carries over the ends of the calendar.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
GREATEST_ID = 2**31 - 1


class BulkVerdict(ma.Schema):
    """What is decided about many at once."""

    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    reasons = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(REASON_CODES)),
        load_default=list,
        validate=validate.Length(max=len(REASON_CODES)),
    )
    as_of = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        validate=validate.Range(min=EARLIEST, max=LATEST),
        metadata={
            "description": "From what you looked at: later comments are not decided"
        },
    )

    @ma.validates_schema
    def _is_sound(self, fields: dict[str, Any], **kwargs: Any) -> None:
        if fields.get("verdict") is Verdict.REVIEW:
            raise ma.ValidationError({"verdict": ["Must be approve or reject."]})
        if fields.get("verdict") is Verdict.REJECT and not fields.get("reasons"):
            raise ma.ValidationError({"reasons": ["A rejection needs a reason."]})


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
        metadata={"description": "Comments, drawn by lot"},
    )


class NewBulkDecision(RangeQuery, BulkVerdict):
    """A decision about all that waits in a range of scores."""


class HistogramOut(ma.Schema):
    """How many pending comments have which score."""

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
    """A share with its 95 % interval (Wilson)."""

    count = ma.fields.Integer(required=True)
    value = ma.fields.Float(required=True, allow_none=True)
    low = ma.fields.Float(required=True, allow_none=True)
    high = ma.fields.Float(required=True, allow_none=True)


class EvidenceOut(ma.Schema):
    """What people decided, one by one, about comments with such scores."""

    decided = ma.fields.Integer(required=True)
    rejected = ma.fields.Nested(ShareOut, required=True)
    confirmed = ma.fields.Nested(
        ShareOut,
        required=True,
        metadata={"description": "Rejected for this label, or it was said to hold"},
    )


class SampleOut(ma.Schema):
    """Some of what waits in a range, and what people said of such before."""

    count = ma.fields.Integer(required=True)
    comments = ma.fields.List(ma.fields.Nested(QueuedComment), required=True)
    evidence = ma.fields.Nested(EvidenceOut, required=True)
    as_of = ma.fields.AwareDateTime(format="iso", required=True)


class BulkDecisionOut(ma.Schema):
    """One decision about many comments, and how far it is."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    kind = ma.fields.Enum(BatchKind, by_value=True, required=True)
    campaign = ma.fields.Integer(required=True, allow_none=True)
    filter = ma.fields.Dict(keys=ma.fields.String(), required=True)
    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)
    decided_by = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    state = ma.fields.Enum(BatchState, by_value=True, required=True)
    progress = ma.fields.Float(required=True, metadata={"description": "0 to 1"})
    asked = ma.fields.Integer(
        required=True, metadata={"description": "Waited when it was asked for"}
    )
    decided = ma.fields.Integer(required=True)
    skipped = ma.fields.Integer(
        required=True, metadata={"description": "Held by somebody else: still waiting"}
    )
    restored = ma.fields.Integer(
        required=True, metadata={"description": "Taken back when it was undone"}
    )
    left = ma.fields.Integer(
        required=True, metadata={"description": "Changed since, so left as they are"}
    )
    finished_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    undone_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    undone_by = ma.fields.String(required=True, allow_none=True)
    is_undoable_by_you = ma.fields.Boolean(
        required=True, metadata={"description": "Now"}
    )
    undoable_until = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "None while it runs, or once it is taken back"},
    )


class BatchListQuery(SiteQuery, PageQuery):
    """Which batches."""


class BulkDecisionPage(ma.Schema):
    """Batches, the newest first."""

    batches = ma.fields.List(ma.fields.Nested(BulkDecisionOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class VerdictInAdvance(ma.Schema):
    """What was said in advance of a campaign's comments still to come."""

    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    by = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    until = ma.fields.AwareDateTime(format="iso", required=True)


class MemberOut(ma.Schema):
    """A comment of a campaign, in short."""

    id = CommentId(required=True)
    body = ma.fields.String(required=True)
    author_name = ma.fields.String(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)
    received_at = ma.fields.AwareDateTime(format="iso", required=True)


class CampaignOut(ma.Schema):
    """Near-duplicate comments of one site."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    size = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)
    approved = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)
    authors = ma.fields.Integer(
        required=True, metadata={"description": "Different addresses"}
    )
    first_seen_at = ma.fields.AwareDateTime(format="iso", required=True)
    last_seen_at = ma.fields.AwareDateTime(format="iso", required=True)
    sample = ma.fields.Nested(
        MemberOut,
        required=True,
        allow_none=True,
        metadata={"description": "Its first comment"},
    )
    standing = ma.fields.Nested(VerdictInAdvance, required=True, allow_none=True)


class CampaignListQuery(SiteQuery, PageQuery):
    """Which campaigns."""

    least = ma.fields.Integer(
        load_default=3,
        strict=False,
        validate=validate.Range(min=2, max=GREATEST_ID),
        metadata={"description": "Comments that a campaign has at least"},
    )
    open = ma.fields.Boolean(
        load_default=True,
        metadata={"description": "Only those with comments that wait for a person"},
    )


class CampaignPage(ma.Schema):
    """Campaigns, what was seen last first."""

    campaigns = ma.fields.List(ma.fields.Nested(CampaignOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class CampaignWithMembers(CampaignOut):
    """A campaign with some of its comments, the newest first."""

    comments = ma.fields.List(ma.fields.Nested(MemberOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)
    as_of = ma.fields.AwareDateTime(format="iso", required=True)


class NewCampaignDecision(BulkVerdict):
    """One decision for a campaign."""

    version = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=GREATEST_ID),
        metadata={"description": "The campaign's version that you saw"},
    )
    hours = ma.fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=LONGEST_STAND),
        metadata={"description": "Decide what still comes alike, for so long"},
    )
