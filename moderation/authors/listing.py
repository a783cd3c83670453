"""Lists of a site's authors: by name, standing, and order, with keyset pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.scope import sections_at
from moderation.authors.identity import FoundBy, list_address_keys
from moderation.policy.standings import Standing
from moderation.policy.verdicts import Status
from moderation.privacy import Privacy
from moderation.tables.authors import Author, AuthorName
from moderation.tables.comments import Comment
from moderation.text.folding import fold

MAX_FOUND = 20  # authors found by an address, or next to another one


class AuthorOrder(StrEnum):
    """The order of a list of authors."""

    LAST_SEEN = "last_seen"  #: who wrote last
    REJECTED = "rejected"  #: who has most rejected comments, at least one
    NEWEST = "newest"  #: who was first seen last


@dataclass(frozen=True, kw_only=True)
class AuthorFilter:
    """Filters of listed authors; None: all."""

    name: str | None = None  #: a part of one of the names used
    standing: Standing | None = None
    found_by: FoundBy | None = None


@dataclass(frozen=True, kw_only=True)
class AuthorPosition:
    """The start of a page: behind an author."""

    value: datetime | int  #: that the list is sorted by
    author_id: int


@dataclass(frozen=True, kw_only=True)
class ListedAuthor:
    """An author as a person may see them, counted from what the person may see."""

    author: Author
    name: str  #: the newest
    counts: dict[Status, int]
    first_seen_at: datetime
    last_seen_at: datetime

    def position(self, order: AuthorOrder) -> AuthorPosition:
        """Return the position of a page behind this author."""
        values: dict[AuthorOrder, datetime | int] = {
            AuthorOrder.LAST_SEEN: self.last_seen_at,
            AuthorOrder.REJECTED: self.counts[Status.REJECTED],
            AuthorOrder.NEWEST: self.author.id,
        }
        return AuthorPosition(value=values[order], author_id=self.author.id)


def list_authors(
    session: Session,
    site_ids: Collection[int],
    filters: AuthorFilter,
    order: AuthorOrder,
    *,
    after: AuthorPosition | None,
    limit: int,
    now: datetime,
) -> list[ListedAuthor]:
    """Return up to `limit` authors of the sites.

    Of a site where the session is limited to sections, only authors of comments there,
    with their counts and times in those sections: no order or page tells more.
    """
    listed = []
    for site_id in site_ids:
        if sections_at(session, site_id) is None:
            query, key = _of_whole_site(site_id, order)
        else:
            query, key = _of_sections(site_id, order)
        query = query.where(*_conditions(site_id, filters, now))
        if order is AuthorOrder.REJECTED:
            query = query.where(key > 0)
        if after is not None:
            bound = _bound(key, after)
            query = query.where(sa.tuple_(key, Author.id) < sa.tuple_(*bound))
        query = query.order_by(key.desc(), Author.id.desc()).limit(limit)
        listed += [_listed(row) for row in session.execute(query)]

    def place(row: ListedAuthor) -> tuple[Any, int]:
        position = row.position(order)
        return position.value, position.author_id

    return sorted(listed, key=place, reverse=True)[:limit]


def find_by_address(
    session: Session, privacy: Privacy, site_id: int, email: str
) -> list[ListedAuthor]:
    """Return the authors who use an address or an alias of it, who wrote last first.

    The address itself is neither stored nor logged.
    """
    keys = list_address_keys(privacy, site_id, email)
    return find_some(session, site_id, Author.address_key.in_(keys))


def find_some(
    session: Session, site_id: int, *conditions: sa.ColumnElement[bool]
) -> list[ListedAuthor]:
    """Return some authors of a site, who wrote last first, up to `MAX_FOUND`."""
    is_whole = sections_at(session, site_id) is None
    build = _of_whole_site if is_whole else _of_sections
    query, seen = build(site_id, AuthorOrder.LAST_SEEN)
    query = query.where(*conditions).order_by(seen.desc(), Author.id.desc())
    return [_listed(row) for row in session.execute(query.limit(MAX_FOUND))]


def disguise(
    session: Session, listed: Sequence[ListedAuthor], as_pending: Collection[int]
) -> list[ListedAuthor]:
    """Return authors whose figures count some comments as pending.

    A moderator who reviews a comment without its earlier decision must not infer it
    from the sums.
    """
    if not as_pending:
        return list(listed)
    decided = session.execute(
        sa.select(Comment.author_record_id, Comment.status, sa.func.count())
        .where(Comment.id.in_(as_pending), Comment.author_record_id.is_not(None))
        .group_by(Comment.author_record_id, Comment.status)
    ).all()
    counts = {row.author.id: dict(row.counts) for row in listed}
    for author_id, status, count in decided:
        if author_id in counts:
            counts[author_id][Status(status)] -= count
            counts[author_id][Status.PENDING] += count
    return [replace(row, counts=counts[row.author.id]) for row in listed]


def _of_whole_site(
    site_id: int, order: AuthorOrder
) -> tuple[sa.Select[*tuple[Any, ...]], sa.ColumnElement[Any]]:
    """Select authors with the figures of their record, and what it is sorted by."""
    query = sa.select(
        Author,
        Author.name,
        Author.pending,
        Author.approved,
        Author.rejected,
        Author.first_seen_at,
        Author.last_seen_at,
    ).where(Author.site_id == site_id, Author.key.is_not(None))
    keys = {
        AuthorOrder.LAST_SEEN: Author.last_seen_at,
        AuthorOrder.REJECTED: Author.rejected,
        AuthorOrder.NEWEST: Author.id,
    }
    return query, sa.type_coerce(keys[order], keys[order].type)


def _of_sections(
    site_id: int, order: AuthorOrder
) -> tuple[sa.Select[*tuple[Any, ...]], sa.ColumnElement[Any]]:
    """Select authors with figures of what the session may see of their comments.

    It reads all comments of the sections, which are few compared with a site's.
    """
    moment = Comment.received_at.type
    seen = (
        sa.select(
            Comment.author_record_id.label("author_id"),
            *(
                sa.func.count().filter(Comment.status == status.value).label(status)
                for status in (Status.PENDING, Status.APPROVED, Status.REJECTED)
            ),
            sa.func.min(Comment.received_at, type_=moment).label("first"),
            sa.func.max(Comment.received_at, type_=moment).label("last"),
            sa.func.max(Comment.id).label("newest"),
        )
        .where(Comment.site_id == site_id, Comment.author_record_id.is_not(None))
        .group_by(Comment.author_record_id)
        .subquery()
    )
    name = (
        sa.select(Comment.author_name)
        .where(Comment.id == seen.c.newest)
        .scalar_subquery()
    )
    columns = seen.c
    query = (
        sa.select(
            Author,
            name,
            columns.pending,
            columns.approved,
            columns.rejected,
            columns.first,
            columns.last,
        )
        .join(seen, seen.c.author_id == Author.id)
        .where(Author.site_id == site_id)
    )
    keys: dict[AuthorOrder, sa.ColumnElement[Any]] = {
        AuthorOrder.LAST_SEEN: columns.last,
        AuthorOrder.REJECTED: columns.rejected,
        AuthorOrder.NEWEST: sa.type_coerce(Author.id, sa.Integer()),
    }
    return query, keys[order]


def _bound(key: sa.ColumnElement[Any], after: AuthorPosition) -> tuple[Any, Any]:
    return sa.literal(after.value, key.type), sa.literal(after.author_id)


def _conditions(
    site_id: int, filters: AuthorFilter, now: datetime
) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.standing is not None:
        ends = Author.standing_until
        conditions.append(Author.standing == filters.standing.value)
        conditions.append(sa.or_(ends.is_(None), ends > now))
    if filters.found_by is not None:
        conditions.append(Author.found_by == filters.found_by.value)
    if filters.name is not None:
        conditions.append(Author.id.in_(_named(site_id, filters.name)))
    return conditions


def _named(site_id: int, part: str) -> sa.Select[Any]:
    """Select the authors with a comment under a name that has this part."""
    return (
        sa.select(AuthorName.author_id)
        .where(
            AuthorName.site_id == site_id,
            AuthorName.folded.contains(fold(part), autoescape=True),
        )
        # As the session may see them: a name used elsewhere finds no one.
        .where(
            sa.exists().where(
                Comment.author_record_id == AuthorName.author_id,
                Comment.author_name == AuthorName.name,
            )
        )
    )


def _listed(row: Sequence[Any]) -> ListedAuthor:
    author, name, pending, approved, rejected, first, last = row
    return ListedAuthor(
        author=author,
        name=name,
        counts={
            Status.PENDING: pending,
            Status.APPROVED: approved,
            Status.REJECTED: rejected,
        },
        first_seen_at=first,
        last_seen_at=last,
    )
