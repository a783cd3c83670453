"""Articles: found by the site's own name for them, made by a first comment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.policy.due_times import REACH_LASTS
from moderation.sites.sites import SiteContext
from moderation.tables.comments import PUBLISHED, Article, Comment

_COLLAPSED = re.compile(r"^(https?):/+", re.IGNORECASE)

MAX_COUNTED = 100  # conversations in an hour: busier makes no difference
# Put together once: that costs more than to run it.
_ARTICLE = sa.select(Article).where(
    Article.site_id == sa.bindparam("site_id"),
    Article.reference_hash == sa.bindparam("named"),
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


def is_article(site_id: int, reference: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that find an article by the site's name for it."""
    named = article_reference(reference)
    return (
        Article.site_id == site_id,
        Article.reference_hash == reference_hash(named),
    )


def reference_hash(reference: str) -> str:
    """Return by what an article is looked up, of its name as stored."""
    return hashlib.sha256(reference.encode()).hexdigest()


def find_or_add_article(
    session: Session, site: SiteContext, fields: Mapping[str, Any], now: datetime
) -> Article:
    """Return the article, made if this is its first comment, with its newest title."""
    reference = article_reference(fields["article"])
    title, section = fields.get("article_title"), fields.get("article_section")
    named = reference_hash(reference)
    article = session.scalar(_ARTICLE, {"site_id": site.id, "named": named})
    if article is None:
        article = Article(
            site_id=site.id,
            reference=reference,
            reference_hash=named,
            title=title,
            section=section,
            created_at=now,
        )
        session.add(article)
        session.flush()
        return article
    # Only what is new: the same again would be a change to the session, too.
    if title and title != article.title:
        article.title = title
    if section and section != article.section:
        article.section = section
    return article


def published_lately(session: Session, article_id: int, now: datetime) -> int:
    """Count an article's conversations published of late, as its reach, up to 100.

    Threads sort by time, so that the index of what is published tells it.
    """
    since = identifiers.encode(identifiers.first_id(now - REACH_LASTS))
    statement = _PUBLISHED_SINCE, {"article_id": article_id, "since": since}
    return session.scalar(*statement) or 0


def section_of(session: Session, comment: Comment) -> str | None:
    """Return the section of a comment's article; None: it has none."""
    return session.scalar(
        sa.select(Article.section).where(Article.id == comment.article_id)
    )
