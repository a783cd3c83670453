"""An author's record as staff reads it: figures, names, other records, notes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.authors import listing
from moderation.authors.identity import FoundBy
from moderation.authors.listing import ListedAuthor
from moderation.authors.standings import CurrentStanding, current_of
from moderation.errors import TooManyNotes
from moderation.policy.verdicts import Status
from moderation.privacy import Privacy, mask_emails
from moderation.tables.accounts import Staff
from moderation.tables.authors import Author, AuthorName, AuthorNote
from moderation.tables.comments import Comment, shown_status
from moderation.tables.objections import Appeal, Report

MAX_NAMES = 20  # of one author, the newest
MAX_NETWORKS = 20  # of an author, among the newest comments
MAX_SCANNED = 1_000  # comments of an author or a network, to find others
MAX_NOTES = 50  # of one author: beyond, it is a chat
MONTHS = 12


class Relation(StrEnum):
    """Why another record is shown next to one; they are never merged."""

    ADDRESS = "same_address"  #: the same address, with and without a verified id
    NETWORK = "same_network"  #: an IP address in common, as a household's or office's
    NAME = "same_name"  #: a name in common


@dataclass(frozen=True, kw_only=True)
class UsedName:
    """A name that an author has written under."""

    name: str
    comments: int
    last_used_at: datetime


@dataclass(frozen=True, kw_only=True)
class Month:
    """An author's comments of one month in UTC, by what was decided about them."""

    first_day: datetime
    counts: dict[Status, int]


@dataclass(frozen=True, kw_only=True)
class ObjectionFigures:
    """Readers' reports about an author's comments, and the author of others'."""

    reported: int  #: comments that readers reported
    reports_made: int | None  #: None: only of a verified id can that be known
    reports_upheld: int | None  #: of those, rejected by a person
    appeals: int
    appeals_granted: int


@dataclass(frozen=True, kw_only=True)
class AuthorProfile:
    """An author's whole record, counted from what the session may see."""

    listed: ListedAuthor
    verified_id: str | None  #: the site's own id; None: it has verified none
    current: CurrentStanding | None
    names: Sequence[UsedName]
    months: Sequence[Month]
    objections: ObjectionFigures
    related: Mapping[Relation, Sequence[ListedAuthor]]
    notes: Sequence[tuple[AuthorNote, str]]  #: with usernames, the oldest first


def read_profile(
    session: Session,
    author: Author,
    privacy: Privacy,
    now: datetime,
    as_pending: Collection[int] = (),
) -> AuthorProfile:
    """Return an author's whole record.

    Parameters
    ----------
    as_pending
        Ids of comments whose real status must not show, even in a sum.
    """
    listed = listing.find_some(session, author.site_id, Author.id == author.id)
    related = {
        relation: listing.disguise(session, rows, as_pending)
        for relation, rows in _related_to(session, author).items()
    }
    return AuthorProfile(
        listed=listing.disguise(session, listed, as_pending)[0],
        verified_id=verified_id_of(session, author),
        current=current_of(session, author, now),
        names=names_of(session, author),
        months=months_of(session, author, now, as_pending),
        objections=objections_of(session, author, privacy),
        related=related,
        notes=notes_of(session, author),
    )


def names_of(session: Session, author: Author) -> list[UsedName]:
    """Return the names that an author has used, the newest first."""
    used = sa.func.max(Comment.received_at, type_=Comment.received_at.type)
    rows = session.execute(
        sa.select(Comment.author_name, sa.func.count(), used)
        .where(Comment.author_record_id == author.id)
        .group_by(Comment.author_name)
        .order_by(used.desc(), Comment.author_name)
        .limit(MAX_NAMES)
    )
    return [
        UsedName(name=name, comments=count, last_used_at=at) for name, count, at in rows
    ]


def months_of(
    session: Session, author: Author, now: datetime, as_pending: Collection[int] = ()
) -> list[Month]:
    """Return an author's comments by month and decision, the oldest first."""
    starts = _first_days(now)
    ends = [*starts[1:], datetime.max.replace(tzinfo=UTC)]
    status = shown_status(as_pending)
    columns = [
        sa.func.count().filter(Comment.received_at >= start, Comment.received_at < end)
        for start, end in zip(starts, ends, strict=True)
    ]
    rows = session.execute(
        sa.select(status, *columns)
        .where(Comment.author_record_id == author.id, Comment.received_at >= starts[0])
        .group_by(status)
    ).all()
    return [
        Month(
            first_day=start,
            counts=dict.fromkeys(Status, 0)
            | {Status(row[0]): int(row[place]) for row in rows},
        )
        for place, start in enumerate(starts, 1)
    ]


def objections_of(
    session: Session, author: Author, privacy: Privacy
) -> ObjectionFigures:
    """Return readers' reports about an author's comments, and the author of others'."""
    own = Comment.author_record_id == author.id
    reported = session.scalar(
        sa.select(sa.func.count(sa.distinct(Report.comment_id)))
        .join(Comment, Comment.id == Report.comment_id)
        .where(own)
    )
    granted = sa.func.count().filter(Appeal.outcome == "approve")
    appeals = session.execute(
        sa.select(sa.func.count(), granted)
        .select_from(Appeal)
        .join(Comment, Comment.id == Appeal.comment_id)
        .where(own)
    ).one()
    made, upheld = None, None
    verified_id = verified_id_of(session, author)
    if verified_id is not None:
        readers = privacy.list_readers(verified_id, author.site_id)
        made, upheld = session.execute(
            sa.select(
                sa.func.count(), sa.func.count().filter(Report.is_right.is_(True))
            )
            .select_from(Report)
            .where(Report.site_id == author.site_id, Report.reporter.in_(readers))
        ).one()
    return ObjectionFigures(
        reported=reported or 0,
        reports_made=made,
        reports_upheld=upheld,
        appeals=appeals[0],
        appeals_granted=appeals[1],
    )


def verified_id_of(session: Session, author: Author) -> str | None:
    """Return the site's own id of an author; None: it has verified none."""
    if author.found_by != FoundBy.VERIFIED.value:
        return None
    return session.scalar(
        sa.select(Comment.author_id)
        .where(Comment.author_record_id == author.id, Comment.author_id.is_not(None))
        .limit(1)
    )


def _related_to(
    session: Session, author: Author
) -> dict[Relation, Sequence[ListedAuthor]]:
    """Return other records that may be the same person, and why."""

    def find(*conditions: sa.ColumnElement[bool]) -> Sequence[ListedAuthor]:
        is_other = Author.id != author.id
        return listing.find_some(session, author.site_id, is_other, *conditions)

    own_names = sa.select(AuthorName.folded).where(AuthorName.author_id == author.id)
    same_name = sa.select(AuthorName.author_id).where(
        AuthorName.site_id == author.site_id, AuthorName.folded.in_(own_names)
    )
    address = author.address_key  # None would be equal to all others without one
    return {
        Relation.ADDRESS: find(Author.address_key == address) if address else (),
        Relation.NETWORK: find(Author.id.in_(_on_networks(author))),
        Relation.NAME: find(Author.id.in_(same_name)),
    }


def _on_networks(author: Author) -> sa.Select[Any]:
    """Select the records of comments that came from an author's IP addresses.

    Bounded: behind the address of a proxy there may be all readers of a site.
    """
    newest = (
        sa.select(Comment.ip_pseudonym)
        .where(Comment.author_record_id == author.id, Comment.ip_pseudonym.is_not(None))
        .limit(MAX_SCANNED)
        .subquery()
    )
    networks = sa.select(newest.c.ip_pseudonym).distinct().limit(MAX_NETWORKS)
    around = (
        sa.select(Comment.author_record_id)
        .where(
            Comment.site_id == author.site_id,
            Comment.ip_pseudonym.in_(networks),
            Comment.author_record_id != author.id,
        )
        .limit(MAX_SCANNED)
        .subquery()
    )
    return sa.select(around.c.author_record_id)


def add_note(
    session: Session, author: Author, *, staff_id: int, text: str, now: datetime
) -> AuthorNote:
    """Leave a note about an author. Email addresses in it are masked.

    Raises
    ------
    TooManyNotes
        If there are as many as there can be.
    """
    count = sa.select(sa.func.count()).where(AuthorNote.author_id == author.id)
    if (session.scalar(count) or 0) >= MAX_NOTES:
        raise TooManyNotes("This author has the largest number of notes allowed.")
    note = AuthorNote(
        site_id=author.site_id,
        author_id=author.id,
        staff_id=staff_id,
        created_at=now,
        text=mask_emails(text),
    )
    session.add(note)
    session.flush()
    return note


def notes_of(session: Session, author: Author) -> list[tuple[AuthorNote, str]]:
    """Return the notes about an author with usernames, the oldest first."""
    rows = session.execute(
        sa.select(AuthorNote, Staff.login)
        .join(Staff, Staff.id == AuthorNote.staff_id)
        .where(AuthorNote.author_id == author.id)
        .order_by(AuthorNote.id)
    )
    return [(note, login) for note, login in rows]


def _first_days(now: datetime) -> list[datetime]:
    """Return the first moments of this month and those before, the oldest first."""
    moment = now.astimezone(UTC)
    last = moment.year * 12 + moment.month - 1
    return [
        datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        for month in range(last - MONTHS + 1, last + 1)
    ]
