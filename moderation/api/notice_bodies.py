"""Notices of illegal content, complaints about them, trusted flaggers: in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.legal_bodies import ALL_KEYWORDS, LegalBasisBody
from moderation.objections.complaints import ComplaintOutcome
from moderation.objections.notices import (
    MAX_COMMENTS,
    ItemOutcome,
    NoticeChannel,
    NoticeQueue,
    NotifierKind,
)
from moderation.policy.categories import KEYWORDS, NOTICE_CATEGORIES
from moderation.policy.reasons import REASON_CODES
from moderation.policy.verdicts import Status
from moderation.web.fields import (
    LANGUAGE_TAG,
    CommentId,
    CommentText,
    Line,
    NormalizedEmail,
    PublicLine,
)

MAX_EXPLANATION_BYTES = 20_000  # 5,000 characters of any script
MAX_EXPLANATION_LENGTH = 5_000
MAX_ANSWER_BYTES = 8_000
MAX_NAME_LENGTH = 200
PAGE_LENGTH = 20


def _refuse_bad_faith(value: bool) -> None:
    if not value:
        raise ma.ValidationError("Must be true: the law asks for this statement.")


class NoticeFields(ma.Schema):
    """The content of a notice (DSA Art. 16(2))."""

    explanation = CommentText(
        required=True,
        most_bytes=MAX_EXPLANATION_BYTES,
        metadata={
            "description": "Why it is illegal: up to 5,000 characters; email addresses "
            "in it are masked"
        },
    )
    law = PublicLine(
        load_default=None,
        allow_none=True,
        longest=500,
        metadata={"description": "Which law"},
    )
    category = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(NOTICE_CATEGORIES),
        metadata={"description": "null: not specified"},
    )
    keyword = ma.fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(ALL_KEYWORDS)
    )
    name = Line(
        load_default=None,
        allow_none=True,
        longest=MAX_NAME_LENGTH,
        metadata={
            "description": "Of the notifier, kept encrypted. Needed, but for offenses "
            "against children, as the keyword shows"
        },
    )
    email = NormalizedEmail(
        load_default=None,
        allow_none=True,
        metadata={"description": "Likewise"},
    )
    good_faith = ma.fields.Boolean(
        required=True,
        validate=_refuse_bad_faith,
        metadata={
            "description": "The notifier believes in good faith that the notice is "
            "accurate and complete"
        },
    )
    is_life = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "It is about a threat to a person's life or safety"},
    )

    @ma.validates_schema
    def _fits(self, fields: dict[str, Any], **kwargs: object) -> None:
        if len(fields.get("explanation", "")) > MAX_EXPLANATION_LENGTH:
            complaint = f"Longer than maximum length {MAX_EXPLANATION_LENGTH}."
            raise ma.ValidationError({"explanation": [complaint]})
        known = KEYWORDS.get(fields.get("category") or "", ())
        if fields.get("keyword") is not None and fields["keyword"] not in known:
            raise ma.ValidationError({"keyword": ["The category has no such keyword."]})


class NewNotice(NoticeFields):
    """A notice of illegal content."""

    comments = ma.fields.List(
        CommentId(),
        required=True,
        validate=validate.Length(min=1, max=MAX_COMMENTS),
        metadata={"description": "Each is an item of the notice"},
    )
    good_faith_text = Line(
        load_default="I believe in good faith that this notice is accurate and "
        "complete.",
        longest=500,
        metadata={"description": "The wording that was ticked; it is kept"},
    )
    language = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=[
            validate.Length(max=35),
            validate.Regexp(f"^{LANGUAGE_TAG.pattern}$(?!\\n)"),
        ],
        metadata={"description": "Of the notice, BCP 47"},
    )
    kind = ma.fields.Enum(
        NotifierKind,
        by_value=True,
        load_default=NotifierKind.PRIVATE,
        validate=validate.NoneOf([NotifierKind.TRUSTED_FLAGGER]),
        metadata={"description": "`trusted_flagger` follows from `flagger_token`"},
    )
    flagger_token = Line(
        load_default=None,
        allow_none=True,
        longest=100,
        metadata={"description": "Of a trusted flagger"},
    )


class NoticeItemOut(ma.Schema):
    """A comment of a notice, and what was decided about it."""

    comment = CommentId(required=True)
    outcome = ma.fields.Enum(ItemOutcome, by_value=True, required=True, allow_none=True)


class NoticeComplaintOut(ma.Schema):
    """A notifier's complaint."""

    text = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    due_at = ma.fields.AwareDateTime(format="iso", required=True)
    decided_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    outcome = ma.fields.Enum(
        ComplaintOutcome, by_value=True, required=True, allow_none=True
    )
    answer = ma.fields.String(required=True, allow_none=True)


class NoticeOut(ma.Schema):
    """A notice as its sender sees it."""

    notice = CommentId(required=True, metadata={"description": "Reference"})
    status_url = ma.fields.String(
        required=True, metadata={"description": "The notifier's own page of this"}
    )
    received_at = ma.fields.AwareDateTime(format="iso", required=True)
    due_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "When it should be decided"},
    )
    suspended_until = ma.fields.AwareDateTime(
        format="iso", required=True, allow_none=True
    )
    items = ma.fields.List(ma.fields.Nested(NoticeItemOut), required=True)
    decided_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    answer = ma.fields.String(required=True, allow_none=True)
    automation = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "In the decision; `none`: a moderator decides"},
    )
    redress = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True
    )
    complain_until = ma.fields.AwareDateTime(
        format="iso", required=True, allow_none=True
    )
    complaint = ma.fields.Nested(NoticeComplaintOut, required=True, allow_none=True)


class NewComplaint(ma.Schema):
    """Why a notice should be decided again."""

    text = CommentText(
        required=True,
        most_bytes=MAX_ANSWER_BYTES,
        metadata={"description": "Email addresses in it are masked"},
    )


class NoticeListQuery(ma.Schema):
    """Filters of a list of notices."""

    queue = ma.fields.Enum(NoticeQueue, by_value=True, load_default=NoticeQueue.OPEN)
    offset = ma.fields.Integer(
        load_default=0, validate=validate.Range(min=0, max=100_000)
    )


class NoticedComment(NoticeItemOut):
    """A comment of a notice as staff see it."""

    body = ma.fields.String(required=True)
    author_name = ma.fields.String(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)
    is_edited = ma.fields.Boolean(
        required=True, metadata={"description": "Since the notice"}
    )


class SenderOut(ma.Schema):
    """A notice sender's record of the last 90 days, without name or address."""

    manifest = ma.fields.Integer(
        required=True,
        metadata={"description": "Manifestly unfounded notices and complaints"},
    )
    all = ma.fields.Integer(required=True)
    is_warned = ma.fields.Boolean(required=True)
    is_suspended = ma.fields.Boolean(
        required=True,
        metadata={"description": "Further notices and complaints aren't processed"},
    )


class StaffNotice(ma.Schema):
    """A notice as staff see it: nothing of who sent it but the kind."""

    notice = CommentId(required=True, metadata={"description": "Reference"})
    received_at = ma.fields.AwareDateTime(format="iso", required=True)
    due_at = ma.fields.AwareDateTime(format="iso", required=True)
    is_overdue = ma.fields.Boolean(required=True)
    channel = ma.fields.Enum(NoticeChannel, by_value=True, required=True)
    kind = ma.fields.Enum(NotifierKind, by_value=True, required=True)
    flagger = ma.fields.String(required=True, allow_none=True)
    category = ma.fields.String(required=True)
    keyword = ma.fields.String(required=True, allow_none=True)
    law = ma.fields.String(required=True, allow_none=True)
    explanation = ma.fields.String(required=True)
    is_life = ma.fields.Boolean(required=True)
    items = ma.fields.List(ma.fields.Nested(NoticedComment), required=True)
    sender = ma.fields.Nested(SenderOut, required=True, allow_none=True)
    has_sender = ma.fields.Boolean(
        required=True,
        metadata={"description": "The sender is stored, and can be revealed"},
    )
    decided_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    decided_by = ma.fields.String(required=True, allow_none=True)
    answer = ma.fields.String(required=True, allow_none=True)
    is_unfounded = ma.fields.Boolean(required=True, allow_none=True)
    passed_on_to = ma.fields.String(required=True, allow_none=True)
    passed_on_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    complaint = ma.fields.Nested(NoticeComplaintOut, required=True, allow_none=True)
    may_decide = ma.fields.Boolean(
        required=True,
        metadata={"description": "It is open, or its complaint is another's to you"},
    )


class NoticePage(ma.Schema):
    """Notices, and how many there are in each queue."""

    notices = ma.fields.List(ma.fields.Nested(StaffNotice), required=True)
    counts = ma.fields.Dict(
        keys=ma.fields.Enum(NoticeQueue, by_value=True),
        values=ma.fields.Integer(),
        required=True,
    )
    overdue = ma.fields.Integer(required=True)
    has_more = ma.fields.Boolean(required=True)


class ItemDecision(ma.Schema):
    """A decision about one comment of a notice."""

    comment = CommentId(required=True)
    outcome = ma.fields.Enum(
        ItemOutcome,
        by_value=True,
        required=True,
        validate=validate.NoneOf([ItemOutcome.GONE]),
    )
    reasons = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(REASON_CODES)),
        load_default=list,
        validate=validate.Length(max=len(REASON_CODES)),
    )
    basis = ma.fields.Nested(LegalBasisBody, load_default=None, allow_none=True)


class NoticeDecision(ma.Schema):
    """A decision about each comment of a notice, with reasons for its sender."""

    items = ma.fields.List(
        ma.fields.Nested(ItemDecision),
        required=True,
        validate=validate.Length(max=MAX_COMMENTS),
    )
    answer = CommentText(
        required=True,
        most_bytes=MAX_ANSWER_BYTES,
        metadata={"description": "For the notifier; email addresses are masked"},
    )
    is_unfounded = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "The notice is manifestly unfounded (DSA Art. 23)"},
    )


class ComplaintDecision(NoticeDecision):
    """A decision about a complaint; `items` are those decided differently now."""

    outcome = ma.fields.Enum(ComplaintOutcome, by_value=True, required=True)


class PassedOn(ma.Schema):
    """To whom a threat was passed on."""

    to = PublicLine(
        required=True,
        longest=200,
        metadata={"description": "An authority; never a person's address"},
    )


class EvidenceItem(ma.Schema):
    """A comment as it is kept for an authority."""

    comment = CommentId(required=True)
    body = ma.fields.String(required=True, metadata={"description": "Empty: erased"})
    body_hash = ma.fields.String(
        required=True, metadata={"description": "SHA-256 of the text as noticed"}
    )
    is_unchanged = ma.fields.Boolean(required=True)
    author_name = ma.fields.String(required=True)
    article = ma.fields.String(required=True)
    received_at = ma.fields.AwareDateTime(format="iso", required=True)
    edited_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)


class NoticeEvidenceOut(ma.Schema):
    """Evidence of a notice for an authority, with hashes and times."""

    notice = CommentId(required=True)
    site = ma.fields.String(required=True)
    exported_at = ma.fields.AwareDateTime(format="iso", required=True)
    received_at = ma.fields.AwareDateTime(format="iso", required=True)
    explanation = ma.fields.String(required=True)
    passed_on_to = ma.fields.String(required=True, allow_none=True)
    passed_on_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    items = ma.fields.List(ma.fields.Nested(EvidenceItem), required=True)
