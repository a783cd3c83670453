"""Mark the words that raised the score for which a comment is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from classifiers.serving.document import Document
from classifiers.serving.explanation import Span
from classifiers.serving.scorer import Scorer
from classifiers.text.labels import SELF_HARM
from moderation.comments.lookup import scores_of
from moderation.policy.reasons import ReasonCode
from moderation.queue.entries import QueueEntry


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the text; all of them together are the text."""

    text: str
    share: float  #: its part in what raised the label, 0 to 1


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A comment's text in pieces."""

    pieces: list[Piece]
    #: the deep scorer decided: words are marked on request, by leaving them out
    is_on_request: bool = False


def find_label(entry: QueueEntry, held_for: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the label that speaks most for holding a comment, if any does.

    A call for care, or the strongest reason by score; without one, the harm with the
    highest score.
    """
    for reason in held_for:
        if reason["code"] in (ReasonCode.CARE, ReasonCode.SCORE) and "label" in reason:
            return str(reason["label"])
    scores = scores_of(entry.score) or {}
    scores.pop(SELF_HARM, None)
    return max(scores, key=lambda label: scores[label]) if scores else None


def mark_words(entry: QueueEntry, label: str | None, scorer: Scorer | None) -> Marked:
    """Mark the words that the fast scorer found, unless the deep one decided.

    Without the very model that scored the text, the text is one piece.
    """
    body = entry.comment.body
    if label is None or not _has_scored(scorer, entry, label):
        return Marked(pieces=cut(body, ()))
    document = _document(entry)
    if scorer.is_left_out(document, label):
        return Marked(pieces=cut(body, ()), is_on_request=True)
    return Marked(pieces=cut(body, scorer.explain(document, label)))


def mark_by_leaving_out(
    entry: QueueEntry, label: str | None, scorer: Scorer | None
) -> list[Piece]:
    """Mark the words without which a label would score lower. Slow: one comment."""
    body = entry.comment.body
    if label is None or not _has_scored(scorer, entry, label):
        return cut(body, ())
    return cut(body, scorer.explain(_document(entry), label))


def _has_scored(
    scorer: Scorer | None, entry: QueueEntry, label: str
) -> TypeGuard[Scorer]:
    """Return whether a scorer is the one that gave a comment its score."""
    score = entry.score
    return (
        score is not None
        and scorer is not None
        and scorer.version == score.model_version
        and label in scorer.labels
    )


def _document(entry: QueueEntry) -> Document:
    return Document(
        text=entry.comment.body,
        author_name=entry.comment.author_name,
        author_url=entry.comment.author_url,
        article_title=entry.article.title,
    )


def cut(body: str, spans: Iterable[Span]) -> list[Piece]:
    """Cut a text into spans and what lies between them."""
    pieces, end = [], 0
    for span in spans:
        if span.start > end:
            pieces.append(Piece(text=body[end : span.start], share=0.0))
        pieces.append(Piece(text=body[span.start : span.end], share=span.share))
        end = span.end
    if end < len(body) or not pieces:
        pieces.append(Piece(text=body[end:], share=0.0))
    return pieces
