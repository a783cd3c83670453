"""A text's latest scores, and their model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation.tables.comments import Comment, Score

_LABELS = [getattr(Score, label) for label in LABELS]


def model_version_of(session: Session, comment: Comment) -> str | None:
    """Return the model that scored a comment's text last; None: unscored."""
    return model_versions(session, {comment.id: comment.revision}).get(comment.id)


def model_versions(session: Session, revisions: Mapping[int, int]) -> dict[int, str]:
    """Return the model that scored each text last, by comment."""
    rows = _newest_last(session, revisions)
    return {row.comment_id: row.model_version for row in rows}


def newest_scores(
    session: Session, revisions: Mapping[int, int]
) -> dict[int, dict[str, float]]:
    """Return the newest scores of each text by label, 0 to 1, by comment."""
    rows = _newest_last(session, revisions, *_LABELS)
    return {
        row.comment_id: {
            label: getattr(row, label)
            for label in LABELS
            if getattr(row, label) is not None
        }
        for row in rows
    }


def _newest_last(
    session: Session, revisions: Mapping[int, int], *columns: Any
) -> Iterator[Any]:
    rows = session.execute(
        sa.select(Score.comment_id, Score.revision, Score.model_version, *columns)
        .where(Score.comment_id.in_(revisions))
        .order_by(Score.id)
    )
    return (row for row in rows if row.revision == revisions[row.comment_id])
