"""Akismet usage: comments by month and verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.verdicts import AUTOMATIC, Source, Verdict
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision

CAME_BY = "akismet:%"  # the idempotency keys of those comments


class UsageKind(StrEnum):
    """The kind of a figure."""

    SPAM = "spam"  #: checked and rejected
    HAM = "ham"  #: checked and let through, or held
    MISSED_SPAM = "missed_spam"  #: reported as spam
    FALSE_POSITIVES = "false_positives"  #: reported as ham


@dataclass(frozen=True, kw_only=True)
class UsageCount:
    """The number of comments of one kind in a month."""

    month: str  #: as 2026-11
    article: str  #: where they stood; empty where no one asked
    kind: UsageKind
    comments: int


# The first verdict on each comment, and the ones that its site reports as wrong.
_COUNTED = [source.value for source in (*AUTOMATIC, Source.AKISMET)]


def counts(
    session: Session,
    site_id: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    by_article: bool = False,
) -> list[UsageCount]:
    """Return a site's usage counts, from the decision log."""
    year = sa.extract("year", Decision.created_at)
    month = sa.extract("month", Decision.created_at)
    article = Article.reference if by_article else sa.literal("")
    query = (
        sa.select(
            year, month, article, Decision.source, Decision.verdict, sa.func.count()
        )
        .join_from(Decision, Comment, Comment.id == Decision.comment_id)
        .join(Article, Article.id == Comment.article_id)
        .where(
            Decision.site_id == site_id,
            Decision.source.in_(_COUNTED),
            Comment.idempotency_key.like(CAME_BY),
        )
        .group_by(
            year, month, Decision.source, Decision.verdict, *[article] * by_article
        )
    )
    if since is not None:
        query = query.where(Decision.created_at >= since)
    if until is not None:
        query = query.where(Decision.created_at < until)
    return [
        UsageCount(
            month=f"{int(row[0])}-{int(row[1]):02}",
            article=row[2],
            kind=_kind(row[3], row[4]),
            comments=row[5],
        )
        for row in session.execute(query)
    ]


def _kind(source: str, verdict: str) -> UsageKind:
    is_spam = verdict == Verdict.REJECT.value
    if source == Source.AKISMET.value:
        return UsageKind.MISSED_SPAM if is_spam else UsageKind.FALSE_POSITIVES
    return UsageKind.SPAM if is_spam else UsageKind.HAM
