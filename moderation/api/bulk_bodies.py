"""One decision about many comments, in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.accounts.staff import Person, Role
from moderation.api.comment_bodies import PageQuery
from moderation.api.queue_bodies import SiteQuery
from moderation.api.score_histogram_bodies import RangeQuery
from moderation.policy.reasons import REASON_CODES
from moderation.policy.verdicts import Verdict
from moderation.review import batches
from moderation.review.batches import BatchKind, BatchState
from moderation.tables.review import DecisionBatch
from moderation.web.bodies import ReasonOut

# Moments that no time zone carries over the ends of the calendar.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


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


class NewBulkDecision(RangeQuery, BulkVerdict):
    """A decision about all that waits in a range of scores."""


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


def dump_batch(
    row: DecisionBatch,
    logins: dict[int, str],
    person: Person,
    *,
    now: datetime,
    grace: timedelta,
) -> dict[str, Any]:
    """Return one decision about many comments, how far it is, and if it can end."""
    is_done = row.state == BatchState.DONE.value
    refused = batches.why_not_undone(
        row,
        staff_id=person.id,
        led_site_ids=person.whole_site_ids(Role.LEAD),
        now=now,
        grace=grace,
    )
    return {
        "id": row.id,
        "site": person.sites[row.site_id],
        "kind": BatchKind(row.kind),
        "campaign": row.campaign_id,
        "filter": row.filter,
        "verdict": Verdict(row.verdict),
        "reasons": row.reasons,
        "decided_by": logins[row.staff_id],
        "created_at": row.created_at,
        "state": BatchState(row.state),
        "progress": batches.progress(row),
        "asked": row.asked,
        "decided": row.decided,
        "skipped": row.skipped,
        "restored": row.restored,
        "left": row.left,
        "finished_at": row.finished_at,
        "undone_at": row.undone_at,
        "undone_by": logins.get(row.undone_by or 0),
        "is_undoable_by_you": refused is None,
        "undoable_until": row.finished_at + grace
        if is_done and row.finished_at
        else None,
    }
