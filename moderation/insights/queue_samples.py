"""Samples of the queue's length and age, which can't be counted later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.identifiers import moment_of
from moderation.insights.figures import HOUR, start_of
from moderation.tables.comments import PENDING, Article, Comment
from moderation.tables.insights import QueueSample

SAMPLES_KEPT = timedelta(days=760)  # two years, to be compared
NO_SECTION = ""
GROWN_SECONDS = 60  # that a waiting comment grows older before it is stored again


def read_queue(
    session: Session, site_id: int, now: datetime
) -> dict[str, tuple[int, int]]:
    """Return pending comments and the oldest one's age in seconds, by section."""
    articles = (
        sa.select(
            Comment.article_id,
            sa.func.count().label("pending"),
            sa.func.min(Comment.id).label("oldest"),
        )
        .where(Comment.site_id == site_id, PENDING)
        .group_by(Comment.article_id)
        .subquery()
    )
    section = sa.func.coalesce(Article.section, NO_SECTION)
    rows = session.execute(
        sa.select(
            section, sa.func.sum(articles.c.pending), sa.func.min(articles.c.oldest)
        )
        .join(articles, articles.c.article_id == Article.id)
        .group_by(section)
    )
    return {name: (int(pending), age_of(oldest, now)) for name, pending, oldest in rows}


def age_of(comment_id: int, now: datetime) -> int:
    """Return the seconds since a comment came."""
    return max(0, int((now - moment_of(comment_id)).total_seconds()))


def is_due(
    session: Session, site_id: int, queue: dict[str, tuple[int, int]], now: datetime
) -> bool:
    """Return whether a site's queue differs from what was stored of this hour."""
    samples = _read_samples(session, site_id, now)
    if not samples:
        return True
    for section in {*samples, *queue}:
        pending, seconds = queue.get(section, (0, 0))
        sample = samples.get(section)
        if sample is None or sample.pending != pending:
            return True
        if seconds - sample.oldest_seconds >= GROWN_SECONDS:
            return True
    return False


def _read_samples(
    session: Session, site_id: int, now: datetime
) -> dict[str, QueueSample]:
    rows = session.scalars(
        sa.select(QueueSample).where(
            QueueSample.site_id == site_id, QueueSample.start == start_of(now, HOUR)
        )
    )
    return {row.section: row for row in rows}


def store_sample(
    session: Session, site_id: int, queue: dict[str, tuple[int, int]], now: datetime
) -> None:
    """Store what was seen of a site's queue with what was seen before in the hour.

    The caller holds the site's `FigureProgress`: workers come one after the other.
    """
    hour = start_of(now, HOUR)
    samples = _read_samples(session, site_id, now)
    for section in {NO_SECTION, *samples, *queue}:
        pending, seconds = queue.get(section, (0, 0))
        sample = samples.get(section)
        if sample is None:
            sample = QueueSample(
                site_id=site_id, start=hour, section=section, oldest_seconds=0
            )
            session.add(sample)
        sample.pending = pending
        sample.oldest_seconds = max(sample.oldest_seconds, seconds)


def find_oldest(session: Session, site_ids: Collection[int]) -> int | None:
    """Return the id of the oldest pending comment; None: there is none."""
    ids = [
        session.scalar(
            sa.select(sa.func.min(Comment.id)).where(
                Comment.site_id == site_id, PENDING
            )
        )
        for site_id in site_ids
    ]
    return min((number for number in ids if number is not None), default=None)


def delete_old_samples(session: Session, now: datetime) -> None:
    """Delete samples that nothing is compared with any more."""
    old = QueueSample.start < now - SAMPLES_KEPT
    session.execute(sa.delete(QueueSample).where(old))
