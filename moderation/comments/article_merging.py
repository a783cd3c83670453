"""Merge what is stored of one article under several spellings of its address.

Group by group, some comments in one transaction: a run that was stopped is continued
by the next one. Comments move to the oldest article; its other spellings find it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments.articles import add_alias, list_hashes, rename
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Article, ArticleAlias, Comment

BATCH_SIZE = 1_000  # comments that are moved in one transaction


@dataclass(frozen=True, kw_only=True)
class ArticleGroup:
    """Articles of a site whose addresses are spellings of one."""

    folded: str  #: the hash of the folded address
    article_ids: Sequence[int]  #: the oldest first: it keeps the comments
    is_named: bool  #: the oldest is stored under `folded` already

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to merge or to rename."""
        return self.is_named and len(self.article_ids) == 1


@dataclass(kw_only=True)
class MergeCounts:
    """Counts of merged rows, or of those that would be."""

    groups: int = 0  #: articles with more than one spelling
    articles: int = 0  #: articles that were merged into another
    comments: int = 0  #: comments that were moved
    renamed: int = 0  #: articles found by more spellings from now on
    sections: int = 0  #: groups whose articles were in different sections


def list_groups(session: Session, site: SiteContext) -> list[ArticleGroup]:
    """Return the groups of a site's articles that have to be merged or renamed."""
    found: dict[str, list[tuple[int, str]]] = {}
    rows = session.execute(
        sa.select(Article.id, Article.reference, Article.reference_hash)
        .where(Article.site_id == site.id)
        .order_by(Article.id)
        .execution_options(yield_per=BATCH_SIZE)
    )
    for article_id, reference, stored in rows:
        folded = list_hashes(reference, site.article_folding)[-1]
        found.setdefault(folded, []).append((article_id, stored))
    groups = [
        ArticleGroup(
            folded=folded,
            article_ids=[article_id for article_id, _ in articles],
            is_named=articles[0][1] == folded,
        )
        for folded, articles in found.items()
    ]
    return [group for group in groups if not group.is_done]


def count_group(session: Session, group: ArticleGroup, counts: MergeCounts) -> None:
    """Add to the counts what merging a group would do."""
    others = group.article_ids[1:]
    if not others:
        counts.renamed += 1
        return
    moved = sa.select(sa.func.count()).where(Comment.article_id.in_(others))
    sections = sa.select(sa.func.count(sa.distinct(Article.section))).where(
        Article.id.in_(group.article_ids)
    )
    counts.groups += 1
    counts.articles += len(others)
    counts.comments += session.scalar(moved) or 0
    counts.sections += (session.scalar(sections) or 0) > 1


def move_comments(session: Session, group: ArticleGroup) -> bool:
    """Move some comments of a group to its oldest article; return if more are left."""
    kept, *others = group.article_ids
    some = (
        sa.select(Comment.id)
        .where(Comment.article_id.in_(others))
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
    )
    moved = session.scalars(
        sa.update(Comment)
        .where(Comment.id.in_(some))
        .values(article_id=kept)
        .returning(Comment.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(moved) == BATCH_SIZE


def close_group(session: Session, group: ArticleGroup) -> None:
    """Delete the other articles of a group, and let their spellings find the oldest.

    Comments that came since `move_comments` are moved as well. The newest title and
    section that an article has win, as they do for a new comment. If one of them was
    closed by itself, the merged one is: closing was asked for.
    """
    # Locked first: a request that stores a comment waits, then finds the oldest.
    articles = session.scalars(
        sa.select(Article)
        .where(Article.id.in_(group.article_ids))
        .order_by(Article.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    while move_comments(session, group):
        pass
    kept, *others = articles
    for article in others:
        kept.title = article.title or kept.title
        kept.section = article.section or kept.section
        kept.published_at = article.published_at or kept.published_at
        if False in (kept.is_open, article.is_open):
            kept.is_open = False
        elif article.is_open is not None:
            kept.is_open = article.is_open
        session.execute(
            sa.update(ArticleAlias)
            .where(ArticleAlias.article_id == article.id)
            .values(article_id=kept.id)
        )
        session.delete(article)
        session.flush()
        if article.reference_hash != group.folded:
            add_alias(session, kept, article.reference_hash)
    session.flush()
    if kept.reference_hash != group.folded:
        rename(session, kept, group.folded)


def record_merge(session: Session, site: SiteContext, counts: MergeCounts) -> None:
    """Record in the audit log that a site's articles were merged."""
    record(
        session,
        AuditAction.ARTICLES_MERGED,
        target=(TargetKind.SITE, site.id),
        site_id=site.id,
        articles=counts.articles,
        comments=counts.comments,
        renamed=counts.renamed,
    )
