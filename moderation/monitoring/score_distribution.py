"""The distribution of recent comments' scores, label by label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.monitoring.what_if import list_score_conditions
from moderation.tables.comments import Comment, Score
from moderation.tables.monitoring import SilentScore

BINS = 40  # a step is 0.025: a threshold is drawn to that
MAX_COMMENTS = 20_000  # the newest: enough for the shape at any site


@dataclass(frozen=True, kw_only=True)
class ScoreDistribution:
    """Numbers of comments by score."""

    comments: int  #: that are counted
    labels: Mapping[str, Sequence[int]]  #: label to `BINS` counts, from 0 up


def count_scores(
    session: Session, site_id: int, version: str, since: datetime
) -> ScoreDistribution:
    """Count a model's scores of the newest comments since a time."""
    first = identifiers.first_id(since)
    comments = 0
    labels = {label: [0] * BINS for label in LABELS}
    for table in (Score, SilentScore):
        newest = (
            sa.select(*(getattr(table, label) for label in LABELS))
            .join(Comment, Comment.id == table.comment_id)
            .where(*list_score_conditions(table, site_id, version, first))
            .order_by(table.comment_id.desc())
            .limit(MAX_COMMENTS - comments)
        )
        for row in session.execute(newest):
            comments += 1
            for label, score in zip(LABELS, row, strict=True):
                if score is not None:
                    labels[label][min(int(score * BINS), BINS - 1)] += 1
    return ScoreDistribution(comments=comments, labels=labels)
