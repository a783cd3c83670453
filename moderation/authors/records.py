"""Authors' records: found or made with a comment, counted, and erased with the last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moderation.authors.identity import AuthorKeys, FoundBy
from moderation.policy.standings import (
    REJECTING,
    UNKNOWN_AUTHOR,
    AuthorFacts,
    Standing,
)
from moderation.policy.verdicts import Status
from moderation.sql.prepared import Prepared, insert
from moderation.tables.authors import Author, AuthorName, AuthorNote, StandingChange
from moderation.tables.comments import Comment
from moderation.text.folding import fold

#: Characters: `ﷺ` becomes 18 letters, and PostgreSQL's index rows hold 2,704 bytes.
MAX_FOLDED_LENGTH = 255

# Run by the session's connection, past the ORM: a person's limit to sections must not
# keep a count from being right.
_COLUMNS = (
    Author.id,
    Author.key,
    Author.found_by,
    Author.name,
    Author.address_key,
    Author.first_seen_at,
    Author.approved,
    Author.rejected,
    Author.standing,
    Author.standing_until,
)
_FOUND = Prepared(
    sa.select(*_COLUMNS).where(
        Author.site_id == sa.bindparam("site"),
        sa.or_(
            Author.key.in_(sa.bindparam("keys", expanding=True)),
            Author.address_key.in_(sa.bindparam("addresses", expanding=True)),
        ),
    )
)
_ANOTHER_COMMENT = {
    status: Prepared(
        sa.update(Author)
        .where(Author.id == sa.bindparam("author"), Author.key == sa.bindparam("found"))
        .values(
            {
                status.value: getattr(Author, status.value) + 1,
                "key": sa.bindparam("newest_key"),
                "last_seen_at": sa.bindparam("at"),
                "name": sa.bindparam("newest_name"),
                "address_key": sa.bindparam("newest_address"),
            }
        )
    )
    for status in Status
}
_ADD_NAME = {
    "postgresql": Prepared(postgresql.insert(AuthorName).on_conflict_do_nothing()),
    "sqlite": Prepared(sqlite.insert(AuthorName).on_conflict_do_nothing()),
}


@dataclass(frozen=True, kw_only=True)
class FoundAuthor:
    """A comment's author, before the comment is stored."""

    keys: AuthorKeys
    own: Any  #: the row of the record; None: the first comment
    linked: tuple[Any, ...] = ()  #: other records of the same address

    def facts(self, now: datetime) -> AuthorFacts:
        """Return what counts of the author.

        A restriction also holds for other records of the same address, so that no one
        evades it by logging in or out. As anyone can type an address, it only holds
        the comments of a verified author, and none of one who is trusted.
        """
        own = self.own
        facts = AuthorFacts(
            key=self.keys.key,
            is_identified=self.keys.found_by is not FoundBy.NAME,
            approved=own.approved if own else 0,
            rejected=own.rejected if own else 0,
            known_for=now - own.first_seen_at if own else timedelta(0),
        )
        standing = _standing_of(own, now)
        if standing is Standing.TRUSTED or standing in REJECTING:
            return replace(facts, standing=standing, until=own.standing_until)
        is_guest = self.keys.found_by is FoundBy.EMAIL
        linked = [(_standing_of(row, now), row) for row in self.linked]
        for wanted in reversed(_RESTRICTIONS):  # the strictest first
            if wanted is standing:
                return replace(facts, standing=standing, until=own.standing_until)
            for found, row in linked:
                if found is wanted:
                    return replace(
                        facts,
                        standing=wanted,
                        until=row.standing_until,
                        is_by_address=not is_guest,
                    )
        return facts


#: The mildest first.
_RESTRICTIONS = (
    Standing.PREMODERATED,
    Standing.SUSPENDED,
    Standing.BANNED,
    Standing.SHADOW_BANNED,
)


def _standing_of(row: Any | None, now: datetime) -> Standing | None:
    """Return a record's standing, unless it has ended by itself."""
    if row is None or row.standing is None:
        return None
    is_over = row.standing_until is not None and row.standing_until <= now
    return None if is_over else Standing(row.standing)


def find(session: Session, site_id: int, keys: AuthorKeys) -> FoundAuthor:
    """Look for an author's record and those of the same address. One statement."""
    accepted = keys.accepted or frozenset({keys.key})
    addresses = keys.accepted_addresses or {keys.address_key} - {None}
    values = {"site": site_id, "keys": [*accepted], "addresses": [*addresses]}
    rows = _FOUND.all(session, values)
    own = [row for row in rows if row.key in accepted]
    own.sort(key=lambda row: row.key != keys.key)  # the one of the key in use first
    return FoundAuthor(
        keys=keys,
        own=own[0] if own else None,
        linked=tuple(row for row in rows if row not in own[:1]),
    )


def facts_of(session: Session, comment: Comment, now: datetime) -> AuthorFacts:
    """Return what counts of a stored comment's author."""
    if comment.author_record_id is None:
        return UNKNOWN_AUTHOR
    connection = session.connection()
    query = sa.select(*_COLUMNS).where(Author.id == comment.author_record_id)
    own = connection.execute(query).one()
    keys = AuthorKeys(
        found_by=FoundBy(own.found_by), key=own.key, address_key=own.address_key
    )
    found = find(session, comment.site_id, keys)
    return replace(found, own=own).facts(now)


def add_comment(
    session: Session, comment: Comment, author: FoundAuthor, at: datetime
) -> int:
    """Count a new comment, not yet stored, in its author's record.

    The author's first comment creates the record.

    Returns
    -------
    The record's id.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        If another process stores the author's first comment at the same moment.
    """
    own, keys = author.own, author.keys
    name, status = comment.author_name, Status(comment.status)
    if own is not None:
        count = _ANOTHER_COMMENT[status].run(
            session,
            {
                "author": own.id,
                "found": own.key,
                "newest_key": keys.key,
                "at": at,
                "newest_name": name,
                "newest_address": keys.address_key or own.address_key,
            },
        )
        if count:  # else the last comment was erased just now
            if own.name != name:
                add_name(session, comment.site_id, own.id, name)
            return int(own.id)
    row = Author(
        site_id=comment.site_id,
        found_by=keys.found_by.value,
        key=keys.key,
        address_key=keys.address_key,
        name=name,
        first_seen_at=at,
        last_seen_at=at,
        **{each.value: int(each is status) for each in Status},
    )
    insert(session, row)
    add_name(session, comment.site_id, row.id, name)
    return row.id


def add_stored(session: Session, comment: Comment, author: FoundAuthor) -> int:
    """Count a comment from before there were records; return the record's id.

    `comment` is locked. Comments that have come since may have made the record.
    """
    at, own = comment.received_at, author.own
    if own is None:
        return add_comment(session, comment, author, at)
    column = getattr(Author, comment.status)
    session.connection().execute(
        sa.update(Author)
        .where(Author.id == own.id)
        .values(
            {
                comment.status: column + 1,
                "first_seen_at": sa.case(
                    (Author.first_seen_at > at, at), else_=Author.first_seen_at
                ),
                "name": sa.case(
                    (Author.last_seen_at < at, comment.author_name), else_=Author.name
                ),
                "last_seen_at": sa.case(
                    (Author.last_seen_at < at, at), else_=Author.last_seen_at
                ),
            }
        )
    )
    add_name(session, comment.site_id, own.id, comment.author_name)
    return int(own.id)


def add_name(session: Session, site_id: int, author_id: int, name: str) -> None:
    """Note that an author has used a name; the same again makes no difference."""
    _ADD_NAME[session.get_bind().dialect.name].run(
        session,
        {
            "author_id": author_id,
            "name": name,
            "site_id": site_id,
            "folded": fold(name)[:MAX_FOLDED_LENGTH],
        },
    )


def rename(session: Session, comment: Comment, name: str) -> None:
    """Give a comment the name that its author wrote with an edit."""
    author_id = comment.author_record_id
    if author_id is None or name == comment.author_name:
        comment.author_name = name
        return
    _forget_unused_name(session, author_id, comment)
    add_name(session, comment.site_id, author_id, name)
    session.connection().execute(
        sa.update(Author).where(Author.id == author_id).values(name=name)
    )
    comment.author_name = name


def count_change(session: Session, comment: Comment, before: Status | None) -> None:
    """Count that a comment has another status now; a new one is counted already."""
    author_id, after = comment.author_record_id, Status(comment.status)
    if author_id is None or before is None or before is after:
        return
    session.connection().execute(
        _CHANGES[before, after], [{"author": author_id, "count": 1}]
    )


def count_changes(
    session: Session, comment_ids: Collection[int], before: Status, after: Status
) -> None:
    """Count that comments have another status now, in the order of their authors."""
    if before is after:
        return
    rows = session.connection().execute(
        sa.select(Comment.author_record_id, sa.func.count())
        .where(Comment.id.in_(comment_ids), Comment.author_record_id.is_not(None))
        .group_by(Comment.author_record_id)
        .order_by(Comment.author_record_id)
    )
    changes = [{"author": author_id, "count": count} for author_id, count in rows]
    if changes:
        session.connection().execute(_CHANGES[before, after], changes)


_CHANGES = {
    (before, after): sa.update(Author)
    .where(Author.id == sa.bindparam("author"))
    .values(
        {
            before.value: getattr(Author, before.value) - sa.bindparam("count"),
            after.value: getattr(Author, after.value) + sa.bindparam("count"),
        }
    )
    for before in Status
    for after in Status
    if before is not after
}


def forget_comment(session: Session, comment: Comment) -> None:
    """Take a comment that is being erased out of its author's record.

    With the last one go the keys, the names, the standing, and all notes: nothing is
    left that tells who it was. What the audit log knows is the record's number.
    """
    author_id, comment.author_record_id = comment.author_record_id, None
    if author_id is None:
        return
    status = Status(comment.status).value
    connection = session.connection()
    # Locked first: a comment that arrives at the same moment is seen, or comes later.
    about = Author.id == author_id
    connection.execute(sa.select(Author.id).where(about).with_for_update())
    others = sa.select(Comment.author_name).where(
        Comment.author_record_id == author_id,
        Comment.id != comment.id,
    )
    newest = others.order_by(Comment.id.desc()).limit(1)
    row = connection.execute(newest).first()
    fewer = {status: getattr(Author, status) - 1}
    if row is None:
        connection.execute(sa.update(Author).where(about).values(fewer | _NOBODY))
        _forget_words(session, author_id)
        return
    connection.execute(
        sa.update(Author).where(about).values(fewer | {"name": row.author_name})
    )
    _forget_unused_name(session, author_id, comment)


#: What a record without comments still says of its author.
_NOBODY = {
    "key": None,
    "address_key": None,
    "name": "",
    "standing": None,
    "standing_until": None,
}


def _forget_unused_name(session: Session, author_id: int, comment: Comment) -> None:
    """Forget the name that a comment loses, if no other comment is under it."""
    others = sa.exists().where(
        Comment.author_record_id == author_id,
        Comment.id != comment.id,
        Comment.author_name == comment.author_name,
    )
    session.connection().execute(
        sa.delete(AuthorName).where(
            AuthorName.author_id == author_id,
            AuthorName.name == comment.author_name,
            ~others,
        )
    )


def _forget_words(session: Session, author_id: int) -> None:
    session.execute(sa.delete(AuthorName).where(AuthorName.author_id == author_id))
    session.execute(sa.delete(AuthorNote).where(AuthorNote.author_id == author_id))
    session.execute(
        sa.update(StandingChange)
        .where(StandingChange.author_id == author_id)
        .values(note=None)
    )
