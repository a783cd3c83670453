"""One decision about many comments, in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.accounts.staff import Person, Role
from moderation.api.comment_bodies import PageQuery
from moderation.api.legal_bodies import LegalBasisBody
from moderation.api.queue_bodies import ListFilters, SiteQuery
from moderation.policy.reasons import REASON_CODES
from moderation.policy.verdicts import Verdict
from moderation.review import batches
from moderation.review.batches import BatchKind, BatchState
from moderation.tables.review import DecisionBatch
from moderation.web.bodies import ReasonOut
from moderation.web.fields import CommentId, LanguageTag, Line

MAX_LISTED = 500  # comments, named one by one
OF_RANGE = ("label", "low", "high", "section", "language")
LARGEST_VERSION = 2**31 - 1
REQUIRED = "Missing data for required field."
# Moments that no time zone carries over the ends of the calendar.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class BulkVerdict(ma.Schema):
    """A verdict on many comments."""

    verdict = ma.fields.Enum(
        Verdict,
        by_value=True,
        required=True,
        metadata={"description": "`review` returns decided comments to the queue"},
    )
    reasons = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(REASON_CODES)),
        load_default=list,
        validate=validate.Length(max=len(REASON_CODES)),
    )
    basis = ma.fields.Nested(
        LegalBasisBody,
        load_default=None,
        allow_none=True,
        metadata={"description": "For the statements of reasons of a rejection"},
    )
    as_of = ma.fields.AwareDateTime(
        format="iso",
        validate=validate.Range(min=EARLIEST, max=LATEST),
        metadata={
            "description": "`as_of` of the response that you read: comments that came "
            "or changed later are not decided. Required, except with `comments`"
        },
    )

    @ma.validates_schema
    def _rejection_has_reason(self, fields: dict[str, Any], **kwargs: Any) -> None:
        if fields.get("verdict") is Verdict.REJECT and not fields.get("reasons"):
            raise ma.ValidationError({"reasons": ["A rejection needs a reason."]})

    @ma.validates_schema(pass_original=True, skip_on_field_errors=False)
    def _says_when(self, fields: dict[str, Any], original: Any, **kwargs: Any) -> None:
        if "comments" not in original and "as_of" not in original:
            raise ma.ValidationError({"as_of": [REQUIRED]})


class SeenComment(ma.Schema):
    """A comment to decide, as you saw it."""

    id = CommentId(required=True)
    version = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=LARGEST_VERSION),
        metadata={"description": "If it changed since, it is left as it is"},
    )


class NewBulkDecision(BulkVerdict):
    """One decision about many comments of a site, of any status.

    Name them by `comments`, by a `filter`, or by a range of scores (`label`, `low`,
    `high`), which decides pending comments only.
    """

    site = ma.fields.String(required=True, validate=validate.Length(max=63))
    comments = ma.fields.List(
        ma.fields.Nested(SeenComment),
        validate=validate.Length(min=1, max=MAX_LISTED),
        metadata={"description": f"Up to {MAX_LISTED}, each with the version you saw"},
    )
    filter = ma.fields.Nested(
        ListFilters(exclude=["site"]),
        metadata={"description": "All comments that match, as in the list of comments"},
    )
    excluded = ma.fields.List(
        CommentId(),
        load_default=list,
        validate=validate.Length(max=MAX_LISTED),
        metadata={"description": "With `filter`: comments to leave out"},
    )
    label = ma.fields.String(
        validate=validate.OneOf(LABELS),
        metadata={"description": "Whose scores the range is of"},
    )
    low = ma.fields.Float(validate=validate.Range(min=0, max=1))
    high = ma.fields.Float(
        validate=validate.Range(min=0, max=1),
        metadata={"description": "Not in the range itself, but for 1"},
    )
    section = Line(longest=100, metadata={"description": "Limits the range"})
    language = LanguageTag(metadata={"description": "Limits the range"})

    @ma.validates_schema(pass_original=True, skip_on_field_errors=False)
    def _is_of_one_kind(
        self, fields: dict[str, Any], original: Any, **kwargs: Any
    ) -> None:
        kinds = [name for name in ("comments", "filter") if name in original]
        if kinds:
            others = {*kinds[1:], *OF_RANGE} & {*original}
            errors = {name: [f"Can't be combined with {kinds[0]}."] for name in others}
        else:
            missing = {*OF_RANGE[:3]} - {*original}
            errors = {name: [REQUIRED] for name in missing}
        if "excluded" in original and "filter" not in original:
            errors["excluded"] = ["Needs a filter."]
        if errors:
            raise ma.ValidationError(errors)

    @ma.validates_schema
    def _names_each_once(self, fields: dict[str, Any], **kwargs: Any) -> None:
        ids = [comment["id"] for comment in fields.get("comments", ())]
        if len(ids) != len({*ids}):
            raise ma.ValidationError({"comments": ["Names a comment twice."]})

    @ma.validates_schema
    def _is_a_range(self, fields: dict[str, Any], **kwargs: Any) -> None:
        if "comments" in fields or "filter" in fields:
            return
        if "low" in fields and "high" in fields and fields["low"] >= fields["high"]:
            raise ma.ValidationError({"high": ["Must be over low."]})
        if fields["verdict"] is Verdict.REVIEW:  # all of them are pending
            raise ma.ValidationError({"verdict": ["Must be approve or reject."]})


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
    is_stopped = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Its job failed before the end. Finished decisions stay; "
            "the others wait until it is retried or undone"
        },
    )
    progress = ma.fields.Float(required=True, metadata={"description": "0 to 1"})
    asked = ma.fields.Integer(
        required=True, metadata={"description": "Comments to decide, when requested"}
    )
    decided = ma.fields.Integer(required=True)
    skipped = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Left because another moderator has claimed them, a lead "
            "has to decide them, or an appeal about them is open; also, unless you "
            "named them or their campaign, because they call for care"
        },
    )
    changed = ma.fields.Integer(
        required=True,
        metadata={"description": "Skipped because they changed after you read them"},
    )
    already = ma.fields.Integer(
        required=True,
        metadata={"description": "Had the resulting status before; not in `asked`"},
    )
    restored = ma.fields.Integer(
        required=True,
        metadata={"description": "Given their earlier status by the undo"},
    )
    left = ma.fields.Integer(
        required=True,
        metadata={"description": "Left by the undo: changed since, or claimed"},
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
        metadata={"description": "None while it runs, or once it is undone"},
    )


class BatchListQuery(SiteQuery, PageQuery):
    """Filters of a list of batches."""


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
        "changed": row.changed,
        "already": row.already,
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
