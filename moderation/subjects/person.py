"""The person who asks for their data, and their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.authors import profiles
from moderation.authors.identity import FoundBy, list_address_keys
from moderation.errors import NotFound
from moderation.objections import notices
from moderation.privacy import Privacy
from moderation.tables.authors import Author, AuthorName
from moderation.tables.comments import Comment
from moderation.tables.legal import Notice
from moderation.tables.objections import Report


@dataclass(frozen=True, kw_only=True)
class PersonQuery:
    """A person's name in a request: exactly one of the three."""

    email: str | None = None  #: a whole address
    author_id: str | None = None  #: the site's own id of the person
    author: int | None = None  #: the number of the author's record


@dataclass(frozen=True, kw_only=True)
class DataSubject:
    """A person at one site, by ids and keyed hashes: it tells no one who it is."""

    site_id: int
    author_ids: tuple[int, ...]  #: of author records
    #: of comments that no record of theirs has, under each key that is accepted
    email_indexes: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()  #: keyed hashes under which they reported comments
    notifiers: tuple[str, ...] = ()  #: keyed hashes under which they sent notices

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {
            "authors": list(self.author_ids),
            "email_indexes": list(self.email_indexes),
            "readers": list(self.readers),
            "notifiers": list(self.notifiers),
        }

    @classmethod
    def of_json(cls, site_id: int, stored: dict[str, Any]) -> DataSubject:
        """Return it as it was stored."""
        return cls(
            site_id=site_id,
            author_ids=tuple(stored["authors"]),
            email_indexes=tuple(stored["email_indexes"]),
            readers=tuple(stored["readers"]),
            notifiers=tuple(stored.get("notifiers", ())),
        )

    def overlaps(self, other: DataSubject) -> bool:
        """Return whether both may be the same person."""
        return bool(
            set(self.author_ids) & set(other.author_ids)
            or set(self.readers) & set(other.readers)
            or set(self.notifiers) & set(other.notifiers)
            or set(self.email_indexes) & set(other.email_indexes)
        )

    def has_written(self) -> sa.ColumnElement[bool]:
        """Return the condition that a comment is theirs and not erased."""
        mine: list[sa.ColumnElement[bool]] = [
            Comment.author_record_id.in_(self.author_ids)
        ]
        if self.email_indexes:
            mine.append(Comment.email_index.in_(self.email_indexes))
        return sa.and_(
            Comment.site_id == self.site_id,
            Comment.deleted_at.is_(None),
            sa.or_(*mine),
        )

    def has_reported(self) -> sa.ColumnElement[bool]:
        """Return the condition that a report is theirs."""
        return sa.and_(
            Report.site_id == self.site_id, Report.reporter.in_(self.readers)
        )

    def has_notified(self) -> sa.ColumnElement[bool]:
        """Return the condition that a notice of illegal content is theirs."""
        return sa.and_(
            Notice.site_id == self.site_id, Notice.notifier.in_(self.notifiers)
        )


def find_subject(
    session: Session, privacy: Privacy, site_id: int, query: PersonQuery
) -> DataSubject:
    """Return whom a site means.

    An address finds its aliases, guests who typed it, and verified authors whose newest
    address it is. An id finds its author and what they reported under it.

    Raises
    ------
    NotFound
        If the site holds nothing of such a person.
    """
    authors = session.scalars(
        sa.select(Author)
        .where(Author.site_id == site_id, _names(privacy, site_id, query))
        .order_by(Author.id)
    ).all()
    email_indexes: tuple[str, ...] = ()
    notifiers: tuple[str, ...] = ()
    if query.email:
        email_indexes = privacy.list_email_indexes(query.email, site_id)
        notifiers = notices.notifier_keys(privacy, site_id, query.email)
    reader_ids = {each for each in (query.email, query.author_id) if each}
    for author in authors:
        verified_id = profiles.verified_id_of(session, author)
        if verified_id is not None:
            reader_ids.add(verified_id)
    subject = DataSubject(
        site_id=site_id,
        author_ids=tuple(author.id for author in authors),
        email_indexes=email_indexes,
        notifiers=notifiers,
        readers=tuple(
            sorted(
                hashed
                for each in reader_ids
                for hashed in privacy.list_readers(each, site_id)
            )
        ),
    )
    if not authors and not _holds_anything(session, subject):
        raise NotFound("The site holds nothing of this person.")
    return subject


def comment_ids_of(
    session: Session, subject: DataSubject, *, limit: int | None = None
) -> Sequence[int]:
    """Return the ids of a person's comments, the oldest first."""
    query = sa.select(Comment.id).where(subject.has_written()).order_by(Comment.id)
    return session.scalars(query.limit(limit)).all()


def names_of(session: Session, subject: DataSubject) -> list[str]:
    """Return the names under which a person has written."""
    known = sa.select(AuthorName.name).where(
        AuthorName.author_id.in_(subject.author_ids)
    )
    written = sa.select(Comment.author_name).where(subject.has_written()).distinct()
    return sorted({*session.scalars(known), *session.scalars(written)} - {""})


def iter_strings(value: Any) -> Iterator[str]:
    """Yield the texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from iter_strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from iter_strings(member)


def _names(
    privacy: Privacy, site_id: int, query: PersonQuery
) -> sa.ColumnElement[bool]:
    if query.email is not None:
        keys = list_address_keys(privacy, site_id, query.email)
        return sa.or_(Author.key.in_(keys), Author.address_key.in_(keys))
    if query.author_id is not None:
        keys = privacy.list_author_keys(site_id, FoundBy.VERIFIED, query.author_id)
        return Author.key.in_(keys)
    return sa.and_(Author.id == query.author, Author.key.is_not(None))


def _holds_anything(session: Session, subject: DataSubject) -> bool:
    """Return whether someone without a record wrote, reported, or sent a notice."""
    if comment_ids_of(session, subject, limit=1):
        return True
    reported = sa.select(Report.id).where(subject.has_reported()).limit(1)
    notified = sa.select(Notice.id).where(subject.has_notified()).limit(1)
    return any(session.scalar(query) is not None for query in (reported, notified))
