"""Readers' reports and authors' appeals, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.objections.appeals import AuthorState, AuthorStatus, codes_of
from moderation.objections.reports import FiledReport
from moderation.policy.reasons import REPORT_REASONS
from moderation.policy.status_changes import STATUS_AFTER
from moderation.policy.verdicts import Status, Verdict
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal
from moderation.web.fields import CommentId, CommentText, PublicLine

MOST_NOTE_BYTES = 2_000
MOST_APPEAL_BYTES = 4_000


class NewReaderReport(ma.Schema):
    """A reader's report of a comment."""

    reason = ma.fields.String(required=True, validate=validate.OneOf(REPORT_REASONS))
    reporter = PublicLine(
        required=True,
        longest=255,
        metadata={
            "description": "Your pseudonymous id of the reader, the same at every "
            "report; kept as a keyed hash only. Never an email address",
            "example": "reader-5121",
        },
    )
    note = CommentText(
        load_default=None,
        allow_none=True,
        most_bytes=MOST_NOTE_BYTES,
        metadata={
            "description": "In the reader's own words, for the moderators; email "
            "addresses in it are masked"
        },
    )


class ReaderReportOut(ma.Schema):
    """A report as it was taken."""

    comment = CommentId(required=True)
    reason = ma.fields.String(required=True, validate=validate.OneOf(REPORT_REASONS))
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    status = ma.fields.Enum(
        Status,
        by_value=True,
        required=True,
        metadata={"description": "The comment's current state"},
    )
    is_heard = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "A moderator has already approved this very text against "
            "reports of this kind: it is not sent back for one more"
        },
    )


class ReaderReportListed(ma.Schema):
    """A report as staff see it; nothing of who reported."""

    reason = ma.fields.String(required=True)
    note = ma.fields.String(required=True, allow_none=True)
    revision = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    weight = ma.fields.Float(required=True, metadata={"description": "0 to 2"})
    is_right = ma.fields.Boolean(
        required=True,
        allow_none=True,
        metadata={
            "description": "Whether a person rejected the text; null: undecided since"
        },
    )


class ReaderReportSummary(ma.Schema):
    """Readers' reports of a text since the last decision."""

    count = ma.fields.Integer(
        required=True,
        metadata={"description": "Readers; one may give several reasons"},
    )
    weight = ma.fields.Float(
        required=True, metadata={"description": "Of all that still count, together"}
    )
    reasons = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "Reason to how many gave it"},
    )
    notes = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "The newest three"}
    )


class ReaderReportsOut(ma.Schema):
    """The reports of a comment."""

    summary = ma.fields.Nested(ReaderReportSummary, required=True, allow_none=True)
    reports = ma.fields.List(
        ma.fields.Nested(ReaderReportListed),
        required=True,
        metadata={"description": "The newest 200"},
    )


class NewAppeal(ma.Schema):
    """Why an author asks for another look."""

    text = CommentText(
        required=True,
        most_bytes=MOST_APPEAL_BYTES,
        metadata={
            "description": f"At most {MOST_APPEAL_BYTES} bytes in UTF-8; email "
            "addresses in it are masked"
        },
    )


class AppealAnswer(ma.Schema):
    """The reasons with which an appeal was decided."""

    answer = CommentText(
        required=True,
        most_bytes=MOST_APPEAL_BYTES,
        metadata={"description": "For the author; email addresses are masked"},
    )
    is_partial = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "The restriction stays in part"},
    )
    is_unfounded = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "The appeal is manifestly unfounded (DSA Art. 23)"},
    )


class AppealOut(ma.Schema):
    """An appeal about a text."""

    text = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    heard_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    outcome = ma.fields.Enum(
        Status,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "`approved` or `rejected`; null: not decided yet"},
    )
    answer = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Reasons, where a moderator has given any"},
    )
    is_partial = ma.fields.Boolean(
        required=True,
        metadata={"description": "The restriction stays in part"},
    )


class StandingOut(ma.Schema):
    """A comment's state as its author may see it."""

    state = ma.fields.Enum(
        AuthorState,
        by_value=True,
        required=True,
        metadata={
            "description": "In `waiting`, `edited`, `reported`, and `appealed`, a "
            "moderator has to decide"
        },
    )
    since = ma.fields.AwareDateTime(format="iso", required=True)
    reasons = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={
            "description": "Codes of a rejection: a label, a rule of the house, or "
            "why a program rejected it"
        },
    )
    may_appeal = ma.fields.Boolean(required=True)
    appeal = ma.fields.Nested(AppealOut, required=True, allow_none=True)
    status_url = ma.fields.String(
        required=True, metadata={"description": "The author's own page of this"}
    )


class WaitingAppeal(ma.Schema):
    """An appeal as the moderator who hears it sees it."""

    text = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    rejected_for = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Codes of the rejection"},
    )


def dump_report(found: FiledReport) -> dict[str, Any]:
    """Return a reader's report as its response."""
    return {
        "comment": found.comment.id,
        "reason": found.report.reason,
        "created_at": found.report.created_at,
        "status": Status(found.comment.status),
        "is_heard": found.is_heard,
    }


def dump_author_status(found: AuthorStatus, status_url: str) -> dict[str, Any]:
    """Return what an author may know of a comment."""
    made = found.appeal
    return {
        "state": found.state,
        "since": found.since,
        "reasons": found.reasons,
        "may_appeal": found.may_appeal,
        "appeal": made and dump_appeal(made),
        "status_url": status_url,
    }


def dump_appeal(made: Appeal) -> dict[str, Any]:
    """Return an appeal with its result."""
    return {
        "text": made.text,
        "created_at": made.created_at,
        "heard_at": made.heard_at,
        "outcome": STATUS_AFTER[Verdict(made.outcome)] if made.outcome else None,
        "answer": made.answer,
        "is_partial": made.is_partial,
    }


def dump_waiting_appeal(made: Appeal, rejection: Decision) -> dict[str, Any]:
    return {
        "text": made.text,
        "created_at": made.created_at,
        "rejected_for": codes_of(rejection),
    }
