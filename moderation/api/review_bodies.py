"""The queue and decisions, as staff read and write them."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.comment_bodies import CommentOut, PageQuery
from moderation.api.note_bodies import (
    CorrectionOut,
    EndedEscalationOut,
    NoteOut,
    SeenVersion,
)
from moderation.policy import REASON_CODES, Source, Status, Verdict
from moderation.web.bodies import ReasonOut


class SiteQuery(ma.Schema):
    """Which of a moderator's sites."""

    site = ma.fields.String(
        validate=validate.Length(max=63),
        metadata={"description": "One site by name; all of yours if left out"},
    )


class QueuedComment(CommentOut):
    """A pending comment, with what a moderator needs to decide it."""

    site = ma.fields.String(required=True)
    article_title = ma.fields.String(required=True, allow_none=True)
    article_section = ma.fields.String(required=True, allow_none=True)
    due_at = ma.fields.AwareDateTime(format="iso", required=True)
    is_overdue = ma.fields.Boolean(
        required=True, metadata={"description": "A person should have looked by now"}
    )
    held_reason = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Code of the first reason for holding"},
    )
    report_weight = ma.fields.Float(
        required=True, metadata={"description": "What readers' reports weigh together"}
    )
    claimed_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login of the moderator who holds it now"},
    )
    claimed_until = ma.fields.AwareDateTime(
        format="iso", required=True, allow_none=True
    )


class ClaimOut(ma.Schema):
    """A lease on a pending comment."""

    claimed_until = ma.fields.AwareDateTime(format="iso", required=True)
    version = ma.fields.Integer(required=True)


class DecidedQuery(SiteQuery, PageQuery):
    """Which decisions."""

    source = ma.fields.Enum(
        Source,
        by_value=True,
        load_default=Source.POLICY,
        metadata={"description": "Who decided"},
    )
    verdict = ma.fields.Enum(Verdict, by_value=True, load_default=Verdict.REJECT)


class NewDecision(SeenVersion):
    """A moderator's decision."""

    verdict = ma.fields.Enum(
        Verdict,
        by_value=True,
        required=True,
        metadata={"description": "`review` sends a decided comment back to the queue"},
    )
    reasons = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(REASON_CODES)),
        load_default=list,
        validate=validate.Length(max=len(REASON_CODES)),
    )
    labels = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(LABELS)),
        values=ma.fields.Boolean(truthy={True}, falsy={False}),
        load_default=dict,
        metadata={"description": "For training: label to true or false"},
    )

    @ma.validates_schema
    def _rejection_has_reason(
        self, fields: dict[str, object], **kwargs: object
    ) -> None:
        if fields.get("verdict") is Verdict.REJECT and not fields.get("reasons"):
            raise ma.ValidationError({"reasons": ["A rejection needs a reason."]})


class DecisionOut(ma.Schema):
    """A decision: who, when and from what."""

    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    source = ma.fields.Enum(Source, by_value=True, required=True)
    decided_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login, where a person decided"},
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    status_before = ma.fields.Enum(
        Status, by_value=True, required=True, allow_none=True
    )
    status = ma.fields.Enum(Status, by_value=True, required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)
    labels = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Boolean(), required=True
    )
    revision = ma.fields.Integer(required=True)
    model_version = ma.fields.String(required=True, allow_none=True)
    policy_id = ma.fields.Integer(required=True, allow_none=True)
    batch = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The decision about many at once that it belongs to"},
    )


class DecidedComment(CommentOut):
    """A comment with the decision that it stands on."""

    site = ma.fields.String(required=True)
    article_title = ma.fields.String(required=True, allow_none=True)
    article_section = ma.fields.String(required=True, allow_none=True)
    decision = ma.fields.Nested(DecisionOut, required=True)


class DecidedPage(ma.Schema):
    """Decided comments, the newest decision first."""

    comments = ma.fields.List(ma.fields.Nested(DecidedComment), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class ScoringOut(ma.Schema):
    """What one model version said of one revision."""

    revision = ma.fields.Integer(required=True)
    model_version = ma.fields.String(required=True)
    scores = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Float(), required=True
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)


class RevisionOut(ma.Schema):
    """A text that was replaced."""

    number = ma.fields.Integer(required=True)
    body = ma.fields.String(required=True)
    replaced_at = ma.fields.AwareDateTime(format="iso", required=True)


class History(ma.Schema):
    """All that happened to a comment, the oldest first."""

    decisions = ma.fields.List(ma.fields.Nested(DecisionOut), required=True)
    scorings = ma.fields.List(ma.fields.Nested(ScoringOut), required=True)
    revisions = ma.fields.List(ma.fields.Nested(RevisionOut), required=True)
    notes = ma.fields.List(ma.fields.Nested(NoteOut), required=True)
    escalations = ma.fields.List(ma.fields.Nested(EndedEscalationOut), required=True)
    corrections = ma.fields.List(ma.fields.Nested(CorrectionOut), required=True)
