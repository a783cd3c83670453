"""Texts to score without storing them, and their scores."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.comment_bodies import MOST_BODY_BYTES, MOST_IN_BATCH
from moderation.policy.nudges import Nudge
from moderation.web.fields import CommentText, LanguageTag, Line, PublicLine, WebAddress

MOST_WITH_SPANS = 50  # texts of one request; spans cost several times the scores


class TextToScore(ma.Schema):
    """A text, with what a model also reads."""

    text = CommentText(
        required=True,
        most_bytes=MOST_BODY_BYTES,
        metadata={"example": "A fair point, well made."},
    )
    author_name = PublicLine(longest=100, allow_none=True)
    author_url = WebAddress(allow_none=True)
    article_title = Line(longest=500, allow_none=True)


class TextsToScore(ma.Schema):
    """Texts to score."""

    texts = ma.fields.List(
        ma.fields.Nested(TextToScore),
        required=True,
        validate=validate.Length(min=1, max=MOST_IN_BATCH),
    )
    language = LanguageTag(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Language of the page: nudges are in it, or in "
            "English if there is no translation"
        },
    )
    with_spans = ma.fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={
            "description": "Also tell which words raised each score that is a reason; "
            f"at most {MOST_WITH_SPANS} texts then"
        },
    )

    @ma.validates_schema
    def _limit(self, fields: dict[str, Any], **_: Any) -> None:
        texts = fields.get("texts")
        has_spans = fields.get("with_spans") and isinstance(texts, list)
        if texts and has_spans and len(texts) > MOST_WITH_SPANS:
            complaint = f"At most {MOST_WITH_SPANS} with spans."
            raise ma.ValidationError(complaint, "texts")


class SpanOut(ma.Schema):
    """A stretch of the text that raised a label's score."""

    start = ma.fields.Integer(
        required=True, metadata={"description": "First code point"}
    )
    end = ma.fields.Integer(
        required=True, metadata={"description": "Code point after the last"}
    )
    share = ma.fields.Float(
        required=True,
        metadata={"description": "Its part in all that raised the score, 0 to 1"},
    )


class ScoreReasonOut(ma.Schema):
    """A score from which the site holds a comment, or rejects it."""

    label = ma.fields.String(required=True, validate=validate.OneOf(LABELS))
    score = ma.fields.Float(required=True, metadata={"description": "0 to 1"})
    review_at = ma.fields.Float(required=True, metadata={"description": "0 to 1"})
    reject_at = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "0 to 1; null: never"}
    )
    spans = ma.fields.List(
        ma.fields.Nested(SpanOut),
        required=True,
        metadata={"description": "Empty without `with_spans`"},
    )


class NudgeOut(ma.Schema):
    """A question to the author before sending."""

    code = ma.fields.Enum(Nudge, by_value=True, required=True)
    text = ma.fields.String(required=True)
    language = ma.fields.String(required=True)


class ScoredTextOut(ma.Schema):
    """The scores of one text."""

    scores = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(),
        required=True,
        metadata={"description": "Label to score, 0 to 1; empty if it wasn't scored"},
    )
    is_scored = ma.fields.Boolean(required=True)
    is_language_supported = ma.fields.Boolean(
        required=True,
        metadata={"description": "false: low scores say nothing about the text"},
    )
    weak_labels = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Labels that the model isn't good at in its language"},
    )
    reasons = ma.fields.List(ma.fields.Nested(ScoreReasonOut), required=True)
    nudge = ma.fields.Nested(NudgeOut, required=True, allow_none=True)


class ScoresOut(ma.Schema):
    """The scores of all texts, in their order."""

    model_version = ma.fields.String(required=True)
    results = ma.fields.List(ma.fields.Nested(ScoredTextOut), required=True)
