"""Give stored comments the record of their author."""

from __future__ import annotations

import contextlib
import logging

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moderation.authors import records
from moderation.authors.identity import AuthorKeys, keys_of
from moderation.privacy import Privacy, UnreadableEmail
from moderation.tables.comments import UNRECORDED, Comment

BATCH_SIZE = 500  # comments in one commit: between two, others write

logger = logging.getLogger(__name__)


def assign(session: Session, comment: Comment, privacy: Privacy) -> None:
    """Give a locked comment its author's record, if it has none and can have one."""
    if comment.author_record_id is not None:
        return
    keys = _keys(comment, privacy)
    if keys is None:
        return
    author = records.find(session, comment.site_id, keys)
    try:
        with session.begin_nested():
            author_id = records.add_stored(session, comment, author)
    except IntegrityError:  # another process made the record just now
        author = records.find(session, comment.site_id, keys)
        author_id = records.add_stored(session, comment, author)
    comment.author_record_id = author_id


def assign_next(session: Session, privacy: Privacy) -> int:
    """Give the next comments from before there were records theirs; return how many.

    0: all that can have a record have one. A comment whose address can't be decrypted
    any more is found by its index, apart from newer ones of the same address.
    """
    comments = session.scalars(
        sa.select(Comment)
        .where(UNRECORDED)
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
        .with_for_update(skip_locked=True)
    ).all()
    for comment in comments:
        assign(session, comment, privacy)
    session.flush()
    return sum(comment.author_record_id is not None for comment in comments)


def _keys(comment: Comment, privacy: Privacy) -> AuthorKeys | None:
    """Return the keys of a stored comment's author."""
    return keys_of(
        privacy,
        comment.site_id,
        author_id=comment.author_id,
        email=_address(comment, privacy),
        name=comment.author_name,
        networks=[comment.ip_pseudonym] if comment.ip_pseudonym else [],
    )


def list_email_indexes(comment: Comment, privacy: Privacy) -> tuple[str, ...]:
    """Return all that may be stored, here or in a rule, for a comment's address."""
    if comment.email_index is None:
        return ()
    stored = comment.email_index
    indexes = {stored, privacy.localize_index(stored, comment.site_id)}
    if comment.email_encrypted is not None:
        with contextlib.suppress(UnreadableEmail):
            email = privacy.decrypt_email(comment.email_encrypted, comment.id)
            indexes.update(privacy.list_email_indexes(email, comment.site_id))
    return tuple(indexes)


def _address(comment: Comment, privacy: Privacy) -> str | None:
    """Return the author's address, or what still tells it from others."""
    if comment.email_encrypted is None:
        return comment.email_index
    try:
        return privacy.decrypt_email(comment.email_encrypted, comment.id)
    except UnreadableEmail:
        logger.warning("the address of comment %s can't be decrypted", comment.id)
        return comment.email_index
