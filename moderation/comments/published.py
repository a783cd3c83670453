"""The approved comments of an article, in reading order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.comments.articles import find_article
from moderation.identifiers import ENCODED_LENGTH
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment
from moderation.text import names, personal_data


@dataclass(frozen=True, kw_only=True)
class PublishedEntry:
    """A comment as readers see it."""

    id: int
    parent: int | None
    thread: str
    author_name: str  #: without hidden characters, which could reorder a page
    author_url: str | None
    body: str
    published_at: datetime  #: when it was written, or else when it came
    edited_at: datetime | None
    is_erased: bool = False  #: it only keeps the place of replies

    @property
    def depth(self) -> int:
        """0 for a comment on the article, 1 for a reply to it, and so on."""
        return len(self.thread) // ENCODED_LENGTH - 1


@dataclass(frozen=True, kw_only=True)
class ThreadPage:
    """Some of the comments, and whether others follow."""

    comments: list[PublishedEntry]
    has_more: bool


def shown_text(site: SiteContext) -> Callable[[str], str]:
    """Return what makes of a comment's text what readers see."""
    asked = site.policy.personal_data
    if not asked.is_masked:
        return lambda text: text
    return lambda text: personal_data.mask(text, asked.phone_regions)


def list_published(
    session: Session,
    site: SiteContext,
    article: str,
    *,
    after: str | None = None,
    limit: int,
) -> ThreadPage:
    """Return up to `limit` approved comments behind the thread position `after`.

    An erased comment that others have replied to keeps its place, without a text.
    """
    query = (
        sa.select(
            Comment.id,
            Comment.parent_id,
            Comment.thread,
            Comment.author_name,
            Comment.author_url,
            Comment.body,
            sa.func.coalesce(
                Comment.written_at, Comment.received_at, type_=Comment.received_at.type
            ),
            Comment.edited_at,
        )
        .where(
            Comment.article_id == find_article(session, site, article),
            # Literal, as in the partial index: a parameter would hide it.
            sa.text("comments.status = 'approved' AND comments.deleted_at IS NULL"),
        )
        .order_by(Comment.thread)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(Comment.thread > after)
    rows = session.execute(query).all()
    shown = shown_text(site)
    comments = [
        PublishedEntry(
            id=row[0],
            parent=row[1],
            thread=row[2],
            author_name=names.without_hidden(row[3]),
            author_url=row[4],
            body=shown(row[5]),
            published_at=row[6],
            edited_at=row[7],
        )
        for row in rows
    ]
    comments += _list_erased(session, comments, after or "")
    comments.sort(key=lambda entry: entry.thread)
    return ThreadPage(comments=comments[:limit], has_more=len(comments) > limit)


def _list_erased(
    session: Session, comments: Collection[PublishedEntry], after: str
) -> list[PublishedEntry]:
    """Return erased comments above some others, which keep the place of these."""
    there = {entry.thread for entry in comments}
    above = {
        entry.thread[:length]
        for entry in comments
        for length in range(ENCODED_LENGTH, len(entry.thread), ENCODED_LENGTH)
    }
    missing = [thread for thread in above - there if thread > after]
    if not missing:
        return []
    ids = [identifiers.read_thread(thread)[-1] for thread in missing]
    rows = session.execute(
        sa.select(
            Comment.id, Comment.parent_id, Comment.thread, Comment.received_at
        ).where(Comment.id.in_(ids), Comment.deleted_at.is_not(None))
    )
    return [
        PublishedEntry(
            id=row.id,
            parent=row.parent_id,
            thread=row.thread,
            author_name="",
            author_url=None,
            body="",
            published_at=row.received_at,
            edited_at=None,
            is_erased=True,
        )
        for row in rows
    ]
