"""Comments: as sites send them, as sites and staff read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.comments.display import ShownComment, ShownDecision
from moderation.comments.lookup import StoredComment, scores_of
from moderation.policy.reasons import is_hidden_from_author
from moderation.policy.status_changes import STATUS_AFTER
from moderation.policy.verdicts import Status, Verdict
from moderation.tables.comments import Article, Score
from moderation.web.bodies import ReasonOut
from moderation.web.fields import (
    CommentId,
    CommentText,
    IpAddress,
    LanguageTag,
    Line,
    NormalizedEmail,
    PublicLine,
    WebAddress,
)

MOST_BODY_BYTES = 65_535  # as WordPress's column; no one reads a longer comment
MOST_IN_BATCH = 500
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # what is older is a mistake


class _Author(ma.Schema):
    author_name = PublicLine(
        longest=100, metadata={"description": "Shown to readers", "example": "Ada"}
    )
    author_url = WebAddress(
        allow_none=True, metadata={"description": "The author's website"}
    )


class NewComment(_Author):
    """A comment as a site sends it."""

    author_name = PublicLine(
        required=True,
        longest=100,
        metadata={"description": "Shown to readers", "example": "Ada"},
    )
    author_email = NormalizedEmail(
        required=True,
        metadata={
            "description": "Stored encrypted; in no answer, page, log or error",
            "example": "ada@news.example",
        },
    )
    body = CommentText(
        required=True,
        most_bytes=MOST_BODY_BYTES,
        metadata={
            "description": f"Plain text, at most {MOST_BODY_BYTES} bytes in UTF-8",
            "example": "A fair point, well made.",
        },
    )
    article = PublicLine(
        required=True,
        longest=2048,
        metadata={
            "description": "Your address or id of the article",
            "example": "https://news.example/2026/bridge",
        },
    )
    article_title = Line(longest=500, allow_none=True)
    article_section = Line(longest=100, allow_none=True)
    article_published_at = ma.fields.AwareDateTime(
        format="iso",
        allow_none=True,
        validate=validate.Range(
            min=EARLIEST, error="Must not lie before the year 1970."
        ),
        metadata={
            "description": "With its offset from UTC. The article's age counts from "
            "then; without it, from its first comment"
        },
    )
    parent = CommentId(
        allow_none=True,
        metadata={"description": "The comment that this one replies to"},
    )
    external_id = PublicLine(
        longest=255,
        allow_none=True,
        metadata={"description": "Your own id; the same one twice is one comment"},
    )
    author_id = PublicLine(
        longest=255,
        allow_none=True,
        metadata={
            "description": "Your ID of the author, only if you have verified the "
            "author. Never an email address"
        },
    )
    ip = IpAddress(
        allow_none=True, metadata={"description": "Kept as a keyed hash only"}
    )
    user_agent = Line(longest=512, allow_none=True)
    language = LanguageTag(allow_none=True, metadata={"example": "en"})
    written_at = ma.fields.AwareDateTime(
        format="iso",
        allow_none=True,
        validate=validate.Range(
            min=EARLIEST, error="Must not lie before the year 1970."
        ),
        metadata={
            "description": "With its offset from UTC; not before 1970, not in the "
            "future"
        },
    )

    @ma.post_load
    def _drop_empty(self, fields: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if value is not None}


class EditedComment(_Author):
    """Changes of a comment by its site; omitted fields stay."""

    body = CommentText(
        required=True,
        most_bytes=MOST_BODY_BYTES,
        metadata={
            "description": f"Plain text, at most {MOST_BODY_BYTES} bytes in UTF-8"
        },
    )


class Batch(ma.Schema):
    """Up to 500 comments; each is checked and answered by itself."""

    # Raw on purpose: one bad item must not refuse the others.
    comments = ma.fields.List(
        ma.fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(min=1, max=MOST_IN_BATCH),
        metadata={"description": "Each as in `POST /comments`"},
    )


class Judged(ma.Schema):
    """A comment and how it was judged."""

    id = CommentId(required=True)
    external_id = ma.fields.String(required=True, allow_none=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)
    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)
    scores = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(),
        required=True,
        allow_none=True,
        metadata={"description": "Label to probability, 0 to 1; null: unscored"},
    )
    model_version = ma.fields.String(required=True, allow_none=True)
    version = ma.fields.Integer(
        required=True, metadata={"description": "Counts every change"}
    )


class Receipt(Judged):
    """The first decision about a comment."""

    author_status = ma.fields.Enum(
        Status,
        by_value=True,
        required=True,
        metadata={
            "description": "`status` as you may show it to the author: a comment that "
            "was rejected in secret is `pending`. Don't show the rest"
        },
    )
    status_url = ma.fields.String(
        required=True,
        metadata={
            "description": "A page for the author alone, with the comment's state and "
            "a form to appeal a rejection. The URL stays the same"
        },
    )


class CommentOut(Judged):
    """A comment as its site sees it."""

    article = ma.fields.String(required=True)
    parent = CommentId(required=True, allow_none=True)
    author_name = ma.fields.String(required=True)
    author_url = ma.fields.String(required=True, allow_none=True)
    author_id = ma.fields.String(required=True, allow_none=True)
    body = ma.fields.String(required=True)
    language = ma.fields.String(required=True, allow_none=True)
    revision = ma.fields.Integer(
        required=True, metadata={"description": "1 as sent, one more at each edit"}
    )
    received_at = ma.fields.AwareDateTime(format="iso", required=True)
    written_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    edited_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)


class BatchItem(ma.Schema):
    """The answer to one comment of a batch."""

    status_code = ma.fields.Integer(
        required=True,
        metadata={
            "description": "As `POST /comments` would answer: 201, 200, 409, 422, 503"
        },
    )
    comment = ma.fields.Nested(Receipt)
    error = ma.fields.Nested("ErrorBody")


class BatchOut(ma.Schema):
    """The answers, in the order of the comments sent."""

    comments = ma.fields.List(ma.fields.Nested(BatchItem), required=True)


class PublishedComment(ma.Schema):
    """A comment as readers see it."""

    id = CommentId(required=True)
    parent = CommentId(required=True, allow_none=True)
    depth = ma.fields.Integer(
        required=True, metadata={"description": "0 for a comment on the article"}
    )
    author_name = ma.fields.String(required=True)
    author_url = ma.fields.String(required=True, allow_none=True)
    body = ma.fields.String(required=True)
    published_at = ma.fields.AwareDateTime(format="iso", required=True)
    edited_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    is_erased = ma.fields.Boolean(
        required=True,
        metadata={"description": "It has no text and keeps the place of replies"},
    )


class PublishedPage(ma.Schema):
    """Approved comments in reading order: each reply after what it replies to."""

    comments = ma.fields.List(ma.fields.Nested(PublishedComment), required=True)
    next = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "`cursor` of the next page; null on the last"},
    )


class PageKey(ma.Schema):
    """A browser key in the query, so that caches tell sites apart."""

    key = ma.fields.String(
        validate=validate.Length(max=100),
        metadata={
            "description": "A browser key, in place of the header: browsers then send "
            "no preflight, and a cache tells sites apart"
        },
    )


class PageQuery(PageKey):
    """The start and the size of a page."""

    cursor = ma.fields.String(
        validate=validate.Length(max=2048),
        metadata={"description": "`next` of the page before"},
    )
    limit = ma.fields.Integer(
        load_default=50,
        strict=False,
        validate=validate.Range(min=1, max=200),
        metadata={"description": "Comments on a page"},
    )


class IdempotencyHeader(ma.Schema):
    """The header that makes a repeated request harmless."""

    class Meta:
        unknown = ma.EXCLUDE

    idempotency_key = PublicLine(
        longest=255,
        data_key="Idempotency-Key",
        metadata={"description": "The same key and body again: the same answer"},
    )


def dump_receipt(standing: StoredComment, status_url: str) -> dict[str, Any]:
    """Return the response to a new comment.

    Built from the first decision, so that a repeated request is answered alike.
    """
    decision = standing.decision
    return {
        "id": standing.comment.id,
        "external_id": standing.comment.external_id,
        "status": STATUS_AFTER[decision.verdict],
        "author_status": (
            Status.PENDING
            if is_hidden_from_author(decision.reasons)
            else STATUS_AFTER[decision.verdict]
        ),
        "version": 1,
        "status_url": status_url,
        **_judgement(decision, standing.score),
    }


def dump_comment(standing: StoredComment, article: Article) -> dict[str, Any]:
    """Return a comment as its site sees it."""
    return comment_fields(
        ShownComment(comment=standing.comment, state=standing.state),
        standing.decision,
        standing.score,
        article,
    )


def _judgement(decision: ShownDecision, score: Score | None) -> dict[str, Any]:
    return {
        "verdict": decision.verdict,
        "reasons": decision.reasons,
        "scores": scores_of(score),
        "model_version": score.model_version if score else None,
    }


def comment_fields(
    shown: ShownComment,
    decision: ShownDecision,
    score: Score | None,
    article: Article,
) -> dict[str, Any]:
    row, state = shown.comment, shown.state
    return {
        "id": row.id,
        "external_id": row.external_id,
        "status": state.status,
        "version": state.version,
        "article": article.reference,
        "parent": row.parent_id,
        "author_name": row.author_name,
        "author_url": row.author_url,
        "author_id": row.author_id,
        "body": row.body,
        "language": row.language,
        "revision": row.revision,
        "received_at": row.received_at,
        "written_at": row.written_at,
        "edited_at": row.edited_at,
        **_judgement(decision, score),
    }
