"""Disputes before out-of-court bodies, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.transparency_bodies import EARLIEST, LATEST
from moderation.objections.disputes import DisputeDraft, DisputeOutcome
from moderation.tables.legal import Dispute
from moderation.web.fields import CommentId, PublicLine

_DAY = validate.Range(min=EARLIEST, max=LATEST)


class DisputeBody(ma.Schema):
    """A dispute as a lead enters it (DSA Art. 21)."""

    body = PublicLine(
        required=True,
        longest=200,
        metadata={"description": "The certified dispute settlement body"},
    )
    reference = PublicLine(
        load_default=None,
        allow_none=True,
        longest=100,
        metadata={"description": "The body's case number; no names"},
    )
    filed_on = ma.fields.Date(required=True, validate=_DAY)
    decided_on = ma.fields.Date(
        load_default=None,
        allow_none=True,
        validate=_DAY,
        metadata={"description": "null: it is open"},
    )
    outcome = ma.fields.Enum(
        DisputeOutcome,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "`upheld`: your decision stays. `omitted`: it ended without "
            "a decision of the body"
        },
    )
    implemented_on = ma.fields.Date(
        load_default=None,
        allow_none=True,
        validate=_DAY,
        metadata={"description": "When you carried a reversal out; null: not yet"},
    )


class NewDispute(DisputeBody):
    """A dispute to enter: about a comment, or about the decision of a notice."""

    comment = CommentId(load_default=None, allow_none=True)
    notice = CommentId(load_default=None, allow_none=True)


class DisputeOut(ma.Schema):
    """A dispute."""

    id = ma.fields.Integer(required=True)
    comment = CommentId(required=True, allow_none=True)
    notice = CommentId(required=True, allow_none=True)
    body = ma.fields.String(required=True)
    reference = ma.fields.String(required=True, allow_none=True)
    filed_on = ma.fields.Date(required=True)
    decided_on = ma.fields.Date(required=True, allow_none=True)
    outcome = ma.fields.Enum(
        DisputeOutcome, by_value=True, required=True, allow_none=True
    )
    implemented_on = ma.fields.Date(required=True, allow_none=True)


class DisputesOut(ma.Schema):
    """A site's disputes, those filed last first; up to 200."""

    disputes = ma.fields.List(ma.fields.Nested(DisputeOut), required=True)


def read_dispute(fields: dict[str, Any]) -> DisputeDraft:
    """Return what a lead enters."""
    names = DisputeBody().fields
    return DisputeDraft(**{name: fields[name] for name in names})


def dump_dispute(row: Dispute) -> dict[str, Any]:
    """Return a dispute."""
    return {
        "id": row.id,
        "comment": row.comment_id,
        "notice": row.notice_id,
        "body": row.body,
        "reference": row.reference,
        "filed_on": row.filed_on,
        "decided_on": row.decided_on,
        "outcome": row.outcome and DisputeOutcome(row.outcome),
        "implemented_on": row.implemented_on,
    }
