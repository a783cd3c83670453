"""Articles: found by the site's own name for them, made by a first comment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.policy.due_times import REACH_LASTS
from moderation.policy.openness import ArticleFacts
from moderation.sites.sites import SiteContext, read_folding
from moderation.sql.prepared import Prepared, insert
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
_SENT = ("title", "section", "published_at")  # with a comment, if the site likes
_KNOWN = ("id", *_SENT, "is_open", "created_at")
_COLUMNS = [getattr(Article, name) for name in (*_KNOWN, "reference_hash")]
_ROWS_BY_NAME = Prepared(
    _BY_NAME.with_only_columns(Article.reference_hash.label("name"), *_COLUMNS)
)
_ROWS_BY_ALIAS = Prepared(
    _BY_ALIAS.with_only_columns(ArticleAlias.reference_hash.label("name"), *_COLUMNS)
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


@dataclass(frozen=True, kw_only=True)
class KnownArticle:
    """An article as a new comment finds it."""

    id: int
    title: str | None
    section: str | None
    published_at: datetime | None
    is_open: bool | None
    created_at: datetime
    is_folded: bool  #: stored by the name that a new article would have

    @property
    def facts(self) -> ArticleFacts:
        """What counts of it for whether it takes comments."""
        return facts_of(self)


def find_known(
    session: Session, site: SiteContext, reference: str
) -> KnownArticle | None:
    """Return the article that a site has by a name, in any spelling.

    For the site itself: a person's limit to sections doesn't apply.
    """
    hashes = list_hashes(reference, site.article_folding)
    names = list(dict.fromkeys(hashes))
    values = {"site_id": site.id, "hashes": names}
    queries = (_ROWS_BY_NAME, _ROWS_BY_ALIAS)
    rows = _in_order(names, (query.all(session, values) for query in queries))
    if not rows:
        return None
    return KnownArticle(
        **{name: getattr(rows[0], name) for name in _KNOWN},
        is_folded=any(row.reference_hash == hashes[-1] for row in rows),
    )


def update_or_add(
    session: Session,
    site: SiteContext,
    known: KnownArticle | None,
    fields: Mapping[str, Any],
    now: datetime,
) -> KnownArticle:
    """Return a comment's article with its newest title, made for its first comment."""
    sent = {name: fields.get(f"article_{name}") for name in _SENT}
    if known is None:
        article = Article(
            site_id=site.id,
            reference=article_reference(fields["article"]),
            reference_hash=list_hashes(fields["article"], site.article_folding)[-1],
            created_at=now,
            **sent,
        )
        insert(session, article)
        columns = {name: getattr(article, name) for name in _KNOWN}
        return KnownArticle(**columns, is_folded=True)
    if not known.is_folded:  # its other spellings join it
        hashes = list_hashes(fields["article"], site.article_folding)
        rename(session, session.get_one(Article, known.id), hashes[-1])
    changed = {
        name: value
        for name, value in sent.items()
        if value and value != getattr(known, name)
    }
    if changed:
        session.execute(
            sa.update(Article).where(Article.id == known.id).values(changed)
        )
    return replace(known, **changed) if changed else known


def facts_of(article: Article | KnownArticle) -> ArticleFacts:
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


def load_by_hashes(
    session: Session, site_id: int, hashes: Collection[str]
) -> dict[str, Article]:
    """Return the articles of some names, by the hashes of these.

    A name that an article has now comes before one that another had.
    """
    values = {"site_id": site_id, "hashes": list(dict.fromkeys(hashes))}
    found = {row[0]: row[1] for row in session.execute(_BY_ALIAS, values)}
    return found | {row[0]: row[1] for row in session.execute(_BY_NAME, values)}


def _load(session: Session, site_id: int, hashes: Sequence[str]) -> list[Article]:
    """Return the articles of some names, the one of the first name first.

    Of those that a person may see.
    """
    names = list(dict.fromkeys(hashes))
    values = {"site_id": site_id, "hashes": names}
    results = (session.execute(query, values) for query in (_BY_NAME, _BY_ALIAS))
    return [row[1] for row in _in_order(names, results)]


def _in_order(
    names: Sequence[str], results: Iterable[Iterable[Sequence[Any]]]
) -> list[Any]:
    """Return the rows of the first result that has some, in the order of the names.

    The first column of a row is its name.
    """
    for rows in results:
        by_name = {row[0]: row for row in rows}
        if by_name:
            return [by_name[name] for name in names if name in by_name]
    return []


def published_lately(session: Session, article_id: int, now: datetime) -> int:
    """Count an article's recently published conversations, as its reach, up to 100.

    Threads sort by time, so that the index of published comments counts them.
    """
    since = identifiers.thread_part(identifiers.first_id(now - REACH_LASTS))
    statement = _PUBLISHED_SINCE, {"article_id": article_id, "since": since}
    return session.scalar(*statement) or 0


def section_of(session: Session, comment: Comment) -> str | None:
    """Return the section of a comment's article; None: it has none."""
    return session.scalar(
        sa.select(Article.section).where(Article.id == comment.article_id)
    )
