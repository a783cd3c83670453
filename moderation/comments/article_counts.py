"""Count the comments of articles, for the pages that link to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.articles import facts_of, list_hashes, load_by_hashes
from moderation.policy.openness import ArticleFacts, get_openness
from moderation.sites.sites import SiteContext
from moderation.tables.comments import PUBLISHED, Article, Comment


@dataclass(frozen=True, kw_only=True)
class PublishedCount:
    """The number of an article's published comments."""

    reference: str  #: as requested
    count: int
    is_open: bool  #: it takes comments now


def count_published(
    session: Session, site: SiteContext, references: Sequence[str], now: datetime
) -> list[PublishedCount]:
    """Return the published comments of articles, by the site's names for them.

    An article without comments, or one that is unknown, has none. Takes three queries,
    however many articles there are.
    """
    hashes = {name: list_hashes(name, site.article_folding) for name in references}
    articles = load_by_hashes(
        session, site.id, [each for one in hashes.values() for each in one]
    )
    found: dict[str, Article] = {}
    for name, spellings in hashes.items():
        known = next((each for each in spellings if each in articles), None)
        if known is not None:
            found[name] = articles[known]
    counts = _count(session, {article.id for article in found.values()})
    return [_counted(site, name, found.get(name), counts, now) for name in references]


def _count(session: Session, article_ids: set[int]) -> dict[int, int]:
    if not article_ids:
        return {}
    rows = session.execute(
        sa.select(Comment.article_id, sa.func.count())
        .where(Comment.article_id.in_(article_ids), PUBLISHED)
        .group_by(Comment.article_id)
    )
    return {row[0]: row[1] for row in rows}


def _counted(
    site: SiteContext,
    name: str,
    article: Article | None,
    counts: dict[int, int],
    now: datetime,
) -> PublishedCount:
    facts = facts_of(article) if article else ArticleFacts()
    return PublishedCount(
        reference=name,
        count=counts.get(article.id, 0) if article else 0,
        is_open=get_openness(site.policy, facts, now).is_open,
    )
