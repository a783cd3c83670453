"""Articles of imported comments: many at once, each one found or made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.articles import article_reference, list_hashes
from moderation.many_rows import find_rows, insert_rows, update_rows
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Article, ArticleAlias

_ARTICLES = cast(sa.Table, Article.__table__)
_ALIASES = cast(sa.Table, ArticleAlias.__table__)


@dataclass(frozen=True, kw_only=True)
class PastArticle:
    """An article as its first imported comment names it."""

    name: str  #: its address or id, as the source writes it
    title: str | None
    section: str | None
    at: datetime  #: when that comment was written


def find_or_add_articles(
    session: Session, site: SiteContext, articles: Sequence[PastArticle]
) -> dict[str, int]:
    """Return the ids of articles by their names.

    Stored ones keep their title and section.

    Parameters
    ----------
    articles
        Each name once. Two names may be of the same article.
    """
    hashes = {
        article.name: list_hashes(article.name, site.article_folding)
        for article in articles
    }
    ids = _find(session, site.id, hashes)
    missing = [article for article in articles if article.name not in ids]
    _fill_in(session, [(ids[each.name], each) for each in articles if each.name in ids])
    rows: dict[str, dict[str, Any]] = {}
    for article in missing:
        folded = hashes[article.name][-1]
        rows.setdefault(
            folded,
            {
                "site_id": site.id,
                "reference": article_reference(article.name),
                "reference_hash": folded,
                "title": article.title,
                "section": article.section,
                "created_at": article.at,
            },
        )
    # In the order of their hashes: two imports wait for each other in one direction.
    ordered = [rows[folded] for folded in sorted(rows)]
    insert_rows(session.connection(), _ARTICLES, ordered, are_stored_kept=True)
    return ids | _find(
        session, site.id, {article.name: hashes[article.name] for article in missing}
    )


def _find(
    session: Session, site_id: int, hashes: dict[str, list[str]]
) -> dict[str, int]:
    """Return the ids of stored articles: by a name of now, else by one from before."""
    ids: dict[str, int] = {}
    for table, number in (
        (_ARTICLES, _ARTICLES.c.id),
        (_ALIASES, _ALIASES.c.article_id),
    ):
        names = [name for name in hashes if name not in ids]
        found = {
            row.reference_hash: row.id
            for row in find_rows(
                session.connection(),
                (table.c.reference_hash, number.label("id")),
                table.c.reference_hash,
                {each for name in names for each in hashes[name]},
                site_id=site_id,
            )
        }
        for name in names:
            matches = [found[each] for each in hashes[name] if each in found]
            if matches:
                ids[name] = matches[0]
    return ids


def _fill_in(session: Session, articles: Iterable[tuple[int, PastArticle]]) -> None:
    """Give stored articles the title and section that they lack."""
    rows: dict[int, dict[str, Any]] = {}
    for number, article in articles:
        row = rows.setdefault(number, {"id": number, **dict.fromkeys(_NAMES)})
        row["named_title"] = row["named_title"] or article.title
        row["named_section"] = row["named_section"] or article.section
    update_rows(
        session.connection(),
        _ARTICLES,
        _NAMED,
        [row for row in rows.values() if any(row[name] for name in _NAMES)],
        _complete,
        only=sa.or_(_ARTICLES.c.title.is_(None), _ARTICLES.c.section.is_(None)),
    )


_NAMES = ("named_title", "named_section")
_NAMED = (
    sa.column("named_title", _ARTICLES.c.title.type),
    sa.column("named_section", _ARTICLES.c.section.type),
)


def _complete(
    named: Mapping[str, sa.ColumnElement[Any]],
) -> dict[str, sa.ColumnElement[Any]]:
    return {
        name: sa.func.coalesce(_ARTICLES.c[name], named[f"named_{name}"])
        for name in ("title", "section")
    }
