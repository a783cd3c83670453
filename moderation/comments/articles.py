"""Articles: found by the site's own name for them, made by a first comment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.policy.due_times import REACH_LASTS
from moderation.policy.openness import ArticleFacts
from moderation.sites.sites import SiteContext, read_folding
from moderation.tables.comments import PUBLISHED, Article, ArticleAlias, Comment
from moderation.tables.sites import Site
from moderation.text.addresses import Folding, fold_address

_COLLAPSED = re.compile(r"^(https?):/+", re.IGNORECASE)

MAX_COUNTED = 100  # conversations in an hour: busier makes no difference
# Put together once: that costs more than to run it.
_HASHES: sa.BindParameter[Any] = sa.bindparam("hashes", expanding=True)
_SITE: sa.BindParameter[int] = sa.bindparam("site_id", type_=sa.Integer())
_BY_NAME = sa.select(Article.reference_hash, Article).where(
    Article.site_id == _SITE, Article.reference_hash.in_(_HASHES)
)
_BY_ALIAS = (
    sa.select(ArticleAlias.reference_hash, Article)
    .join(Article, Article.id == ArticleAlias.article_id)
    .where(ArticleAlias.site_id == _SITE, ArticleAlias.reference_hash.in_(_HASHES))
)
_PUBLISHED_SINCE = sa.select(sa.func.count()).select_from(
    sa.select(Comment.id)
    .where(
        Comment.article_id == sa.bindparam("article_id"),
        Comment.thread >= sa.bindparam("since"),
        PUBLISHED,
    )
    .limit(MAX_COUNTED)
    .subquery()
)


def article_reference(text: str) -> str:
    """Return an article's name as stored: proxies fold the slashes of an URL.

    >>> article_reference("https:/news.example/a")
    'https://news.example/a'
    """
    return _COLLAPSED.sub(r"\1://", text)


def reference_hash(reference: str) -> str:
    """Return by what an article is looked up, of its name as stored."""
    return hashlib.sha256(reference.encode()).hexdigest()


def list_hashes(reference: str, folding: Collection[Folding]) -> list[str]:
    """Return by what an article is looked up: as spelled, folded, and folded as set.

    The last one is by what a new article is stored. Articles from before, and those of
    another setting, keep the others until they are merged.
    """
    spelled = article_reference(reference)
    names = [spelled, fold_address(spelled), fold_address(spelled, folding)]
    return [reference_hash(name) for name in names]


def find_or_add_article(
    session: Session, site: SiteContext, fields: Mapping[str, Any], now: datetime
) -> Article:
    """Return the article, made if this is its first comment, with its newest title."""
    title, section = fields.get("article_title"), fields.get("article_section")
    published_at = fields.get("article_published_at")
    hashes = list_hashes(fields["article"], site.article_folding)
    found = _load(session, site.id, hashes)
    if not found:
        article = Article(
            site_id=site.id,
            reference=article_reference(fields["article"]),
            reference_hash=hashes[-1],
            title=title,
            section=section,
            published_at=published_at,
            created_at=now,
        )
        session.add(article)
        session.flush()
        return article
    article = found[0]
    if hashes[-1] not in {row.reference_hash for row in found}:
        rename(session, article, hashes[-1])  # its other spellings join it
    # Only what is new: the same again would be a change to the session, too.
    if title and title != article.title:
        article.title = title
    if section and section != article.section:
        article.section = section
    if published_at and published_at != article.published_at:
        article.published_at = published_at
    return article


def facts_of(article: Article) -> ArticleFacts:
    """Return what counts of an article for whether it takes comments."""
    return ArticleFacts(
        section=article.section,
        is_open=article.is_open,
        since=article.published_at or article.created_at,
    )


def find_article(session: Session, site: SiteContext, reference: str) -> int | None:
    """Return the id of an article by the site's name for it, in any spelling."""
    hashes = list_hashes(reference, site.article_folding)
    return next((row.id for row in _load(session, site.id, hashes)), None)


def find_articles(
    session: Session, site_ids: Collection[int], reference: str
) -> list[int]:
    """Return the ids of the articles that some sites have under a name."""
    rows = session.execute(
        sa.select(Site.id, Site.article_folding).where(Site.id.in_(site_ids))
    )
    ids = []
    for row in rows:
        folding = read_folding(row.article_folding)
        found = _load(session, row.id, list_hashes(reference, folding))
        ids += [article.id for article in found[:1]]
    return ids


def rename(session: Session, article: Article, folded: str) -> None:
    """Let an article be found by a folded name, and by the one that it had."""
    add_alias(session, article, article.reference_hash)
    article.reference_hash = folded
    session.flush()


def add_alias(session: Session, article: Article, name_hash: str) -> None:
    """Let an article be found by a further name."""
    alias = ArticleAlias(
        site_id=article.site_id, reference_hash=name_hash, article_id=article.id
    )
    session.merge(alias)  # it may have had the name before


def _load(session: Session, site_id: int, hashes: Sequence[str]) -> list[Article]:
    """Return the articles of some names, the one of the first name first."""
    names = list(dict.fromkeys(hashes))
    for query in (_BY_NAME, _BY_ALIAS):
        rows = session.execute(query, {"site_id": site_id, "hashes": names})
        found = {row[0]: row[1] for row in rows}
        if found:
            return [found[name] for name in names if name in found]
    return []


def published_lately(session: Session, article_id: int, now: datetime) -> int:
    """Count an article's conversations published of late, as its reach, up to 100.

    Threads sort by time, so that the index of what is published tells it.
    """
    since = identifiers.thread_part(identifiers.first_id(now - REACH_LASTS))
    statement = _PUBLISHED_SINCE, {"article_id": article_id, "since": since}
    return session.scalar(*statement) or 0


def section_of(session: Session, comment: Comment) -> str | None:
    """Return the section of a comment's article; None: it has none."""
    return session.scalar(
        sa.select(Article.section).where(Article.id == comment.article_id)
    )
