"""A moderator's hand of comments, with all that helps to decide them."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.context_bodies import ContextOut
from moderation.api.note_bodies import EscalationOut, NoteOut, SeenVersion
from moderation.api.objection_bodies import ReaderReportSummary, WaitingAppeal
from moderation.api.queue_bodies import PartQuery
from moderation.api.review_bodies import DecisionOut, QueuedComment
from moderation.policy import Status, Verdict
from moderation.web.bodies import ReasonOut
from moderation.web.fields import CommentId

MOST_IN_HAND = 50  # comments


class HandQuery(PartQuery):
    """How much a moderator takes, and from where."""

    size = ma.fields.Integer(
        load_default=10,
        strict=True,
        validate=validate.Range(min=1, max=MOST_IN_HAND),
        metadata={"description": "Comments held when it is full"},
    )


class PieceOut(ma.Schema):
    """A stretch of the text; all of them together are the text."""

    text = ma.fields.String(required=True)
    share = ma.fields.Float(
        required=True,
        metadata={"description": "Its part in what pushed the label up, 0 to 1"},
    )


class ParentOut(ma.Schema):
    """The comment that is replied to."""

    id = CommentId(required=True)
    author_name = ma.fields.String(required=True)
    body = ma.fields.String(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)


class RecordOut(ma.Schema):
    """What an author has sent to the site so far, this comment included."""

    first_seen = ma.fields.AwareDateTime(format="iso", required=True)
    approved = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)


class VerdictSaid(ma.Schema):
    """A verdict that somebody gave."""

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
        metadata={"description": "What was said in advance of those still to come"},
    )


class NearDuplicateOut(ma.Schema):
    """Another comment of the campaign."""

    id = CommentId(required=True)
    body = ma.fields.String(
        required=True, metadata={"description": "Its beginning, if it is long"}
    )
    author_name = ma.fields.String(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)


class DeskComment(QueuedComment, ContextOut):
    """A comment of the hand."""

    held_for = ma.fields.List(
        ma.fields.Nested(ReasonOut),
        required=True,
        metadata={"description": "Why it waits, about this text"},
    )
    label = ma.fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(LABELS),
        metadata={"description": "The label that `pieces` explains"},
    )
    pieces = ma.fields.List(ma.fields.Nested(PieceOut), required=True)
    parent_comment = ma.fields.Nested(ParentOut, required=True, allow_none=True)
    author = ma.fields.Nested(RecordOut, required=True, allow_none=True)
    decisions = ma.fields.List(ma.fields.Nested(DecisionOut), required=True)
    notes = ma.fields.List(ma.fields.Nested(NoteOut), required=True)
    escalation = ma.fields.Nested(
        EscalationOut,
        required=True,
        allow_none=True,
        metadata={"description": "Why it waits for a lead, if it does"},
    )
    reports = ma.fields.Nested(ReaderReportSummary, required=True, allow_none=True)
    appeal = ma.fields.Nested(WaitingAppeal, required=True, allow_none=True)
    dispute = ma.fields.List(
        ma.fields.Nested(VerdictSaid),
        required=True,
        allow_none=True,
        metadata={
            "description": "For leads: two people decided differently; the first of "
            "the two stands until you decide"
        },
    )
    campaign = ma.fields.Nested(CampaignInShort, required=True, allow_none=True)
    near_duplicates = ma.fields.List(ma.fields.Nested(NearDuplicateOut), required=True)


class UndoableOut(ma.Schema):
    """A decision that can still be taken back."""

    id = CommentId(required=True)
    version = ma.fields.Integer(required=True)
    author_name = ma.fields.String(required=True)
    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    until = ma.fields.AwareDateTime(format="iso", required=True)


class KeptOut(ma.Schema):
    """Appeals against your own rejections, which somebody else must decide."""

    count = ma.fields.Integer(required=True)
    alone = ma.fields.Integer(
        required=True,
        metadata={"description": "Those at sites where nobody else moderates"},
    )


class Hand(ma.Schema):
    """The comments that a moderator holds, in the order asked for."""

    comments = ma.fields.List(ma.fields.Nested(DeskComment), required=True)
    claimed_until = ma.fields.AwareDateTime(format="iso", required=True)
    undoable = ma.fields.Nested(
        UndoableOut,
        required=True,
        allow_none=True,
        metadata={"description": "Your newest decision, while it can be taken back"},
    )
    appeals_kept = ma.fields.Nested(KeptOut, required=True)
    taught_today = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Comments that the order `teach` brought to people of your "
            "sites, decided since midnight UTC"
        },
    )


class Undo(SeenVersion):
    """A decision taken back."""
