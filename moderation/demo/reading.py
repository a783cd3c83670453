"""The article's published comments, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moderation import identifiers
from moderation.comments import lookup, published
from moderation.comments.published import PublishedEntry
from moderation.database import db
from moderation.demo import article
from moderation.demo.threads import Thread, grow
from moderation.errors import NotFound
from moderation.policy.verdicts import Status
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Article, Comment
from moderation.text import names
from moderation.web.cursors import read_cursor, write_cursor

COMMENTS_ON_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class ArticlePage:
    """One page of comments."""

    threads: list[Thread]
    next: str | None  #: cursor of the page behind
    is_first: bool


def read_page(site: SiteContext, place: Mapping[str, str]) -> ArticlePage:
    """Return the requested page.

    Parameters
    ----------
    place
        `after`: the cursor of a page; or `at`: the comment that it must show.

    Raises
    ------
    InvalidFields
        If the cursor isn't ours.
    """
    after = None
    if place.get("after"):
        (after,) = read_cursor(place["after"], 1)
    elif place.get("at"):
        after = _before(site, place["at"])
    page = _list(site, after)
    next_cursor = write_cursor([page.comments[-1].thread]) if page.has_more else None
    return ArticlePage(
        threads=grow(page.comments), next=next_cursor, is_first=after is None
    )


def find_published(site: SiteContext, public_id: str) -> PublishedEntry | None:
    """Return a published comment of the article; None if there is none."""
    session = db.session()
    try:
        row = lookup.find(session, [site.id], identifiers.decode(public_id))
    except (ValueError, NotFound):
        return None
    under = session.get_one(Article, row.article_id).reference
    if under != article.REFERENCE or row.status != Status.APPROVED:
        return None
    return as_published(site, row)


def as_published(site: SiteContext, row: Comment) -> PublishedEntry:
    """Return a stored comment as readers see it."""
    return PublishedEntry(
        id=row.id,
        parent=row.parent_id,
        thread=row.thread,
        author_name=names.without_hidden(row.author_name),
        author_url=row.author_url,
        body=published.shown_text(site)(row.body),
        published_at=row.written_at or row.received_at,
        edited_at=row.edited_at,
    )


def _list(site: SiteContext, after: str | None) -> published.ThreadPage:
    return published.list_published(
        db.session(), site, article.REFERENCE, after=after, limit=COMMENTS_ON_PAGE
    )


def _before(site: SiteContext, public_id: str) -> str | None:
    """Return the cursor of a comment's page; None if it is on the first."""
    comment = find_published(site, public_id)
    first = {published_comment.id for published_comment in _list(site, None).comments}
    if comment is None or comment.id in first:
        return None
    return comment.thread[:-1]  # sorts before it, and behind nearly all others
