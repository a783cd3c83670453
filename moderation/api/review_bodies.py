"""Claims, decisions, and the history of a comment, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import HARMS
from moderation.api.escalation_bodies import EndedEscalationOut
from moderation.api.legal_bodies import LegalBasisBody
from moderation.api.note_bodies import (
    CorrectionOut,
    NoteOut,
    SeenVersion,
    dump_correction,
    dump_note,
)
from moderation.comments.display import ShownDecision
from moderation.comments.lookup import scores_of
from moderation.desk import history
from moderation.policy.reasons import REASON_CODES
from moderation.policy.status_changes import STATUS_AFTER
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.web.bodies import ReasonOut


class ClaimOut(ma.Schema):
    """A lease on a pending comment."""

    claimed_until = ma.fields.AwareDateTime(format="iso", required=True)
    version = ma.fields.Integer(required=True)


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
        keys=ma.fields.String(validate=validate.OneOf(HARMS)),
        values=ma.fields.Boolean(truthy={True}, falsy={False}),
        load_default=dict,
        metadata={"description": "For training: label to true or false"},
    )

    basis = ma.fields.Nested(
        LegalBasisBody,
        load_default=None,
        allow_none=True,
        metadata={"description": "For the statement of reasons of a rejection"},
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
        metadata={"description": "The bulk decision that it belongs to"},
    )


class ScoringOut(ma.Schema):
    """The scores of one revision by one model version."""

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


class Undo(SeenVersion):
    """A decision that was undone."""


def dump_decision(row: ShownDecision, login: str | None) -> dict[str, Any]:
    """Return a decision: who, when and from what."""
    return {
        "verdict": row.verdict,
        "source": row.source,
        "decided_by": login,
        "created_at": row.created_at,
        "status_before": row.status_before,
        "status": STATUS_AFTER[row.verdict],
        "reasons": row.reasons,
        "labels": row.labels,
        "revision": row.revision,
        "model_version": row.model_version,
        "policy_id": row.policy_id,
        "batch": row.batch_id,
    }


def dump_history(found: history.CommentHistory) -> dict[str, Any]:
    """Return all that happened to a comment."""
    return {
        "decisions": [dump_decision(row, login) for row, login in found.decisions],
        "scorings": [
            {
                "revision": row.revision,
                "model_version": row.model_version,
                "scores": scores_of(row),
                "created_at": row.created_at,
            }
            for row in found.scores
        ],
        "revisions": found.revisions,
        "notes": [dump_note(row, login) for row, login in found.notes],
        "escalations": found.escalations,
        "corrections": [
            dump_correction(row, login) for row, login in found.corrections
        ],
    }
