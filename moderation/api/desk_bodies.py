"""Reserved comments, with all that helps to decide them, and decided ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.comment_bodies import CommentOut, PageQuery, comment_fields
from moderation.api.context_bodies import ContextOut, dump_context
from moderation.api.escalation_bodies import EscalationOut
from moderation.api.note_bodies import NoteOut, dump_note
from moderation.api.objection_bodies import (
    ReaderReportSummary,
    WaitingAppeal,
    dump_waiting_appeal,
)
from moderation.api.queue_bodies import PartQuery, QueuedComment, SiteQuery, dump_queued
from moderation.api.review_bodies import DecisionOut, dump_decision
from moderation.authors.identity import FoundBy
from moderation.campaigns.campaigns import CampaignSummary
from moderation.comments.display import ShownComment, ShownDecision
from moderation.desk.comment_card import AuthorRecord, DeskEntry
from moderation.desk.recent import DecidedEntry
from moderation.policy.standings import Standing
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.review.undo import Undoable
from moderation.web.bodies import ReasonOut
from moderation.web.fields import CommentId

MOST_IN_HAND = 50  # comments
LONGEST_NEAR = 280  # characters of a near-duplicate that are shown next to a comment


class HandQuery(PartQuery):
    """The number of comments to reserve, and their part of the queue."""

    size = ma.fields.Integer(
        load_default=10,
        strict=True,
        validate=validate.Range(min=1, max=MOST_IN_HAND),
        metadata={"description": "Comments held when it is full"},
    )


class CardQuery(ma.Schema):
    """Options of a comment's card."""

    marks = ma.fields.Boolean(
        load_default=False,
        metadata={
            "description": "Where `marks_on_request` is true, mark the words: up to "
            "300 ms"
        },
    )


class PieceOut(ma.Schema):
    """A stretch of the text; all of them together are the text."""

    text = ma.fields.String(required=True)
    share = ma.fields.Float(
        required=True,
        metadata={"description": "Its share in raising the label's score, 0 to 1"},
    )


class ParentOut(ma.Schema):
    """The comment that is replied to."""

    id = CommentId(required=True)
    author_name = ma.fields.String(required=True)
    body = ma.fields.String(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)


class RecordOut(ma.Schema):
    """An author's comments at the site so far, this one included."""

    id = ma.fields.Integer(
        required=True, metadata={"description": "Of the record: see `GET /authors`"}
    )
    found_by = ma.fields.Enum(FoundBy, by_value=True, required=True)
    standing = ma.fields.Enum(Standing, by_value=True, required=True, allow_none=True)
    first_seen = ma.fields.AwareDateTime(format="iso", required=True)
    approved = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)


class VerdictSaid(ma.Schema):
    """A verdict that someone gave."""

    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)


class CampaignInShort(ma.Schema):
    """The near-duplicates that a comment is one of."""

    id = ma.fields.Integer(required=True)
    size = ma.fields.Integer(required=True)
    approved = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)
    standing = ma.fields.Enum(
        Verdict,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "The standing decision about those still to come"},
    )


class NearDuplicateOut(ma.Schema):
    """Another comment of the campaign."""

    id = CommentId(required=True)
    body = ma.fields.String(
        required=True, metadata={"description": "Its beginning, if it is long"}
    )
    author_name = ma.fields.String(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)


class CareNotice(ma.Schema):
    """Instructions for a comment that calls for care."""

    text = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The site's own; null: it has written none"},
    )


class DeskComment(QueuedComment, ContextOut):
    """A comment of the hand."""

    held_for = ma.fields.List(
        ma.fields.Nested(ReasonOut),
        required=True,
        metadata={"description": "Why this text is held"},
    )
    care = ma.fields.Nested(
        CareNotice,
        required=True,
        allow_none=True,
        metadata={
            "description": "If its author may harm themself, or it threatens a life"
        },
    )
    label = ma.fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(LABELS),
        metadata={"description": "The label that `pieces` explains"},
    )
    pieces = ma.fields.List(ma.fields.Nested(PieceOut), required=True)
    marks_on_request = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "The deep scorer decided: ask for the card with `marks` to "
            "see the words without which the label would score lower"
        },
    )
    parent_comment = ma.fields.Nested(ParentOut, required=True, allow_none=True)
    author = ma.fields.Nested(RecordOut, required=True, allow_none=True)
    decisions = ma.fields.List(ma.fields.Nested(DecisionOut), required=True)
    notes = ma.fields.List(ma.fields.Nested(NoteOut), required=True)
    escalation = ma.fields.Nested(
        EscalationOut,
        required=True,
        allow_none=True,
        metadata={"description": "Why it is escalated, if it is"},
    )
    reports = ma.fields.Nested(ReaderReportSummary, required=True, allow_none=True)
    appeal = ma.fields.Nested(WaitingAppeal, required=True, allow_none=True)
    dispute = ma.fields.List(
        ma.fields.Nested(VerdictSaid),
        required=True,
        allow_none=True,
        metadata={
            "description": "For leads: two people decided differently; the first "
            "verdict applies until you decide"
        },
    )
    campaign = ma.fields.Nested(CampaignInShort, required=True, allow_none=True)
    near_duplicates = ma.fields.List(ma.fields.Nested(NearDuplicateOut), required=True)


class UndoableOut(ma.Schema):
    """A decision that can still be undone."""

    id = CommentId(required=True)
    version = ma.fields.Integer(required=True)
    author_name = ma.fields.String(required=True)
    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    until = ma.fields.AwareDateTime(format="iso", required=True)


class KeptOut(ma.Schema):
    """Appeals against your own rejections, which another moderator must decide."""

    count = ma.fields.Integer(required=True)
    alone = ma.fields.Integer(
        required=True,
        metadata={"description": "Those at sites where no one else moderates"},
    )


class Hand(ma.Schema):
    """The comments that a moderator holds, in the order asked for."""

    comments = ma.fields.List(ma.fields.Nested(DeskComment), required=True)
    claimed_until = ma.fields.AwareDateTime(format="iso", required=True)
    undoable = ma.fields.Nested(
        UndoableOut,
        required=True,
        allow_none=True,
        metadata={"description": "Your newest decision, while it can be undone"},
    )
    appeals_kept = ma.fields.Nested(KeptOut, required=True)
    taught_today = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Comments of your sites served in the order `teach`, and "
            "decided since midnight UTC"
        },
    )


class DecidedQuery(SiteQuery, PageQuery):
    """Filters of recent decisions."""

    source = ma.fields.Enum(
        Source,
        by_value=True,
        load_default=Source.POLICY,
        metadata={"description": "Who decided"},
    )
    verdict = ma.fields.Enum(Verdict, by_value=True, load_default=Verdict.REJECT)


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


def dump_decided(entry: DecidedEntry, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a decided comment as staff look it over."""
    row, decision = entry.comment, ShownDecision.of(entry.decision)
    return {
        **comment_fields(ShownComment.of(row), decision, entry.score, entry.article),
        "site": site_names[row.site_id],
        "article_title": entry.article.title,
        "article_section": entry.article.section,
        "decision": dump_decision(decision, entry.login),
    }


def _record(author: AuthorRecord) -> dict[str, Any]:
    return {
        "id": author.id,
        "found_by": author.found_by,
        "standing": author.standing,
        "first_seen": author.first_seen,
        **{status.value: count for status, count in author.counts.items()},
    }


def dump_desk_comment(entry: DeskEntry, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a comment of a moderator's hand."""
    author = entry.author
    return {
        **dump_queued(entry.queued, site_names),
        "held_for": entry.held_for,
        "care": entry.care,
        "label": entry.label,
        "pieces": entry.marked.pieces,
        "marks_on_request": entry.marked.is_on_request,
        "parent_comment": _parent(entry.parent),
        "author": author and _record(author),
        "decisions": [dump_decision(row, login) for row, login in entry.decisions],
        **dump_context(entry.context),
        "notes": [dump_note(row, login) for row, login in entry.notes],
        "escalation": entry.escalation,
        "reports": entry.reports,
        "appeal": entry.appeal and dump_waiting_appeal(*entry.appeal),
        "dispute": entry.dispute,
        "campaign": _in_short(entry.campaign),
        "near_duplicates": [_near(row) for row in entry.near_duplicates],
    }


def _in_short(summary: CampaignSummary | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    standing = summary.standing
    return {
        "id": summary.campaign.id,
        "size": summary.campaign.size,
        **status_counts(summary),
        "standing": Verdict(standing.verdict) if standing else None,
    }


def status_counts(summary: CampaignSummary) -> dict[str, int]:
    return {status.value: count for status, count in summary.counts.items()}


def _near(shown: ShownComment) -> dict[str, Any]:
    row = shown.comment
    is_long = len(row.body) > LONGEST_NEAR
    return {
        "id": row.id,
        "body": f"{row.body[: LONGEST_NEAR - 1]}…" if is_long else row.body,
        "author_name": row.author_name,
        "status": shown.state.status,
    }


def dump_undoable(undoable: Undoable, grace: timedelta) -> dict[str, Any]:
    """Return a decision that can still be undone."""
    comment, decision = undoable.shown.comment, undoable.decision
    return {
        "id": comment.id,
        "version": undoable.shown.state.version,
        "author_name": comment.author_name,
        "verdict": decision.verdict,
        "until": decision.created_at + grace,
    }


def _parent(shown: ShownComment | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    return {
        "id": shown.comment.id,
        "author_name": shown.comment.author_name,
        "body": shown.comment.body,
        "status": shown.state.status,
    }
