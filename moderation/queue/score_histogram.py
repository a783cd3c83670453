"""The score histogram of pending comments, with samples and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.database import unindexed
from moderation.policy.verdicts import Source, Verdict
from moderation.tables.comments import PENDING, Article, Comment, Score
from moderation.tables.decisions import Decision, is_effective

BINS = 20
#: Newest decisions of people that are looked through; older ones say little of today.
LOOKED_BACK = 5000


@dataclass(frozen=True, kw_only=True)
class QueueSlice:
    """A part of a site's queue, and a label."""

    site_id: int
    label: str
    section: str | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScoreRange:
    """Scores of one label from `low` up to, and without, `high`; 1 includes 1."""

    low: float  #: 0 to 1
    high: float  #: over `low`, to 1


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """The number of pending comments by score."""

    counts: Sequence[int]  #: `BINS` of them, from 0 up
    unscored: int  #: pending without a score of this label: in no range

    @property
    def total(self) -> int:
        """Return how many have a score."""
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Moderators' single decisions about comments with such scores."""

    decided: int
    rejected: int  #: for any reason
    confirmed: int  #: rejected for this label, or labeled with it


def count_by_score(session: Session, part: QueueSlice) -> Histogram:
    """Return how many pending comments are in each bin of a label's scores."""
    place = _bin(session, get_score_column(part.label))
    # Apart: an index of scores answers both alone, and no row is read.
    scored = _pending(part, place, sa.func.count()).where(
        _led(part, is_in_range(part.label, ScoreRange(low=0, high=1)))
    )
    counts = [0] * BINS
    for number, comment_count in session.execute(scored.group_by(place)):
        counts[min(int(number), BINS - 1)] += comment_count
    unscored = _count(session, part, get_score_column(part.label).is_(None))
    return Histogram(counts=counts, unscored=unscored)


def count_in_range(session: Session, part: QueueSlice, scores: ScoreRange) -> int:
    """Return how many pending comments lie in a range."""
    return _count(session, part, is_in_range(part.label, scores))


def draw_sample(
    session: Session, part: QueueSlice, scores: ScoreRange, size: int
) -> list[Comment]:
    """Return a random sample of pending comments in a range, by score."""
    drawn = (
        _pending(part, Comment.id)
        .where(_led(part, is_in_range(part.label, scores)))
        .order_by(sa.func.random())
        .limit(size)
    )
    ids = session.scalars(drawn).all()
    rows = (
        sa.select(Comment)
        .where(Comment.id.in_(ids))
        .order_by(get_score_column(part.label))
    )
    return list(session.scalars(rows))


def load_evidence(session: Session, part: QueueSlice, scores: ScoreRange) -> Evidence:
    """Return moderators' single decisions about comments with such scores.

    The score is the one that was before the person's eyes. Only effective
    decisions count, and none of those that were taken in bulk: they would prove
    themselves.
    """
    recent = (
        sa.select(Decision.id)
        .where(
            Decision.site_id == part.site_id,
            Decision.source == Source.PERSON.value,
            Decision.batch_id.is_(None),
        )
        .order_by(Decision.id.desc())
        .limit(LOOKED_BACK)
        .subquery()
    )
    query = (
        sa.select(Decision.verdict, Decision.reasons, Decision.labels)
        .join(recent, recent.c.id == Decision.id)
        .join(
            Score,
            sa.and_(
                Score.comment_id == Decision.comment_id,
                Score.revision == Decision.revision,
                Score.model_version == Decision.model_version,
            ),
        )
        .where(
            Decision.verdict != Verdict.REVIEW.value,
            _between(getattr(Score, part.label), scores),
            is_effective(),
        )
    )
    if part.section is not None or part.language is not None:
        query = query.join(Comment, Comment.id == Decision.comment_id)
        query = query.where(*_parts(part))
    rows = session.execute(query).all()
    rejected = [row for row in rows if row[0] == Verdict.REJECT.value]
    confirmed = sum(_holds(part.label, *row[1:]) for row in rows)
    return Evidence(
        decided=len(rows),
        rejected=len(rejected),
        confirmed=confirmed,
    )


def get_score_column(label: str) -> InstrumentedAttribute[float | None]:
    """Return the column of comments that holds a label's score."""
    column: InstrumentedAttribute[float | None] = getattr(Comment, f"score_{label}")
    return column


def is_in_range(label: str, scores: ScoreRange) -> sa.ColumnElement[bool]:
    """Return the condition that a comment's score lies in a range."""
    return _between(get_score_column(label), scores)


def slice_conditions(part: QueueSlice) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a comment belongs to a slice."""
    return (Comment.site_id == part.site_id, *_parts(part))


def _parts(part: QueueSlice) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if part.section is not None:
        conditions.append(
            Comment.article_id.in_(
                sa.select(Article.id).where(
                    Article.site_id == part.site_id, Article.section == part.section
                )
            )
        )
    if part.language is not None:
        conditions.append(Comment.language == part.language)
    return conditions


def _between(
    score: InstrumentedAttribute[float | None], scores: ScoreRange
) -> sa.ColumnElement[bool]:
    upper = score <= 1 if scores.high >= 1 else score < scores.high
    return sa.and_(score >= scores.low, upper)


def _led(part: QueueSlice, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return a condition on the score that leaves the language index to lead."""
    return condition if part.language is None else unindexed(condition)


def _count(
    session: Session, part: QueueSlice, condition: sa.ColumnElement[bool]
) -> int:
    query = _pending(part, sa.func.count()).where(_led(part, condition))
    return session.scalar(query) or 0


def _pending(part: QueueSlice, *columns: Any) -> sa.Select[Any]:
    return sa.select(*columns).where(PENDING, *slice_conditions(part))


def _bin(
    session: Session, score: InstrumentedAttribute[float | None]
) -> sa.ColumnElement[Any]:
    """Return a score's bin: PostgreSQL's casts round, SQLite's truncate."""
    scaled = score * BINS
    if session.get_bind().dialect.name == "sqlite":
        return sa.cast(scaled, sa.Integer)
    return sa.func.trunc(scaled)


def _holds(
    label: str, reasons: Sequence[dict[str, Any]], labels: dict[str, bool]
) -> bool:
    return labels.get(label, any(reason["code"] == label for reason in reasons))
