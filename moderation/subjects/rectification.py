"""Corrects a person's name, link, or address in all that a site holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.authors import records
from moderation.authors.identity import FoundBy, list_address_keys
from moderation.comments import decisions, search_index
from moderation.errors import Conflict
from moderation.identifiers import MIN_ID
from moderation.privacy import Privacy
from moderation.subjects.person import DataSubject
from moderation.tables.authors import Author
from moderation.tables.comments import Comment

BATCH_SIZE = 500  # comments read at a time


class AddressTaken(Conflict):
    """Another author's record has this email address."""

    code = "address_taken"


@dataclass(frozen=True, kw_only=True)
class Rectification:
    """Corrected values; None: the value stays."""

    name: str | None = None
    link: str | None = None
    email: str | None = None

    @property
    def fields(self) -> list[str]:
        """Return the names of what is corrected."""
        return [name for name, value in vars(self).items() if value is not None]


def rectify(
    session: Session,
    privacy: Privacy,
    subject: DataSubject,
    right: Rectification,
    now: datetime,
) -> int:
    """Correct a person's comments and author records; return how many comments.

    A comment without an address gets none. Texts stay as their author wrote them.

    Raises
    ------
    AddressTaken
        If another author's record has the new address.
    """
    if right.email is not None:
        _move_records(session, privacy, subject, right.email)
    count, after = 0, MIN_ID
    while True:
        comments = session.scalars(
            sa.select(Comment)
            .where(subject.has_written(), Comment.id > after)
            .order_by(Comment.id)
            .limit(BATCH_SIZE)
            .with_for_update()
        ).all()
        if not comments:
            break
        for comment in comments:
            _correct(session, privacy, comment, right)
        session.flush()
        count, after = count + len(comments), comments[-1].id
    _record(session, subject, right, count)
    return count


def _correct(
    session: Session, privacy: Privacy, comment: Comment, right: Rectification
) -> None:
    if right.name is not None and right.name != comment.author_name:
        records.rename(session, comment, right.name)
        search_index.replace(session, comment)
    if right.link is not None:
        comment.author_url = right.link
    if right.email is not None and comment.email_encrypted is not None:
        comment.email_encrypted = privacy.encrypt_email(right.email, comment.id)
        comment.email_index = privacy.index_email(right.email, comment.site_id)
    decisions.bump(comment)


def _move_records(
    session: Session, privacy: Privacy, subject: DataSubject, email: str
) -> None:
    """Let the new address find the person's records in place of the old one."""
    keys = list_address_keys(privacy, subject.site_id, email)
    key = keys[0]
    authors = session.scalars(
        sa.select(Author)
        .where(Author.id.in_(subject.author_ids))
        .order_by(Author.id)
        .with_for_update()
    ).all()
    other = sa.select(Author.id).where(
        Author.site_id == subject.site_id,
        Author.key.in_(keys),
        Author.id.not_in(subject.author_ids),
    )
    if session.scalar(other) is not None:
        raise AddressTaken
    for author in authors:
        values: dict[str, Any] = {"address_key": key}
        if author.found_by == FoundBy.EMAIL.value:
            values["key"] = key
        elif author.address_key is None:
            continue
        for name, value in values.items():
            setattr(author, name, value)
    session.flush()


def _record(
    session: Session, subject: DataSubject, right: Rectification, count: int
) -> None:
    author_id = next(iter(subject.author_ids), None)
    record(
        session,
        AuditAction.PERSON_RECTIFIED,
        target=None if author_id is None else (TargetKind.AUTHOR, author_id),
        site_id=subject.site_id,
        fields=right.fields,
        comments=count,
    )
