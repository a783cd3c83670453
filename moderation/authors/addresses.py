"""An author's email addresses, revealed on the record alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import NotFound
from moderation.privacy import Privacy
from moderation.tables.accounts import Staff
from moderation.tables.audit import AuditEntry
from moderation.tables.authors import Author
from moderation.tables.comments import Comment

MAX_ADDRESSES = 5  # of one author, the newest
MAX_READ = 100  # comments of an author in which addresses are looked for


@dataclass(frozen=True, kw_only=True)
class EmailReveal:
    """One time that an author's addresses were revealed."""

    at: datetime
    username: str | None  #: None: the account is gone
    reason: str  #: as the person typed it, with email addresses masked


def has_address(session: Session, author: Author) -> bool:
    """Return whether a visible comment of an author has an address."""
    return session.scalar(_with_address(author).limit(1)) is not None


def reveal(
    session: Session, author: Author, privacy: Privacy, *, reason: str
) -> list[str]:
    """Return an author's addresses, the newest first, and record that they are seen.

    The caller has checked who asks: a lead or an admin, with a fresh second factor.

    Raises
    ------
    NotFound
        If no address is stored.
    UnreadableEmail
        If one can't be decrypted; then nothing is revealed.
    """
    addresses: dict[str, str] = {}
    query = _with_address(author).add_columns(Comment.email_encrypted)
    for comment_id, token in session.execute(query.limit(MAX_READ)):
        email = privacy.decrypt_email(token, comment_id)
        addresses.setdefault(email.casefold(), email)
        if len(addresses) == MAX_ADDRESSES:
            break
    if not addresses:
        raise NotFound("No email address of this author is stored.")
    record(
        session,
        AuditAction.EMAIL_REVEALED,
        target=(TargetKind.AUTHOR, author.id),
        site_id=author.site_id,
        reason=reason,
        count=len(addresses),
    )
    return list(addresses.values())


def list_reveals(session: Session, author_id: int) -> Sequence[EmailReveal]:
    """Return when an author's addresses were revealed, to whom, and why, oldest first.

    For the person's own export: see `docs/keys.md`.
    """
    rows = session.execute(
        sa.select(AuditEntry.at, Staff.login, AuditEntry.reason)
        .outerjoin(Staff, Staff.id == AuditEntry.actor_id)
        .where(
            AuditEntry.action == AuditAction.EMAIL_REVEALED.value,
            AuditEntry.target_kind == TargetKind.AUTHOR.value,
            AuditEntry.target_id == author_id,
        )
        .order_by(AuditEntry.sequence)
    )
    return [
        EmailReveal(at=at, username=login, reason=reason or "")
        for at, login, reason in rows
    ]


def _with_address(author: Author) -> sa.Select[int]:
    return (
        sa.select(Comment.id)
        .where(
            Comment.author_record_id == author.id,
            Comment.deleted_at.is_(None),
            Comment.email_encrypted.is_not(None),
        )
        .order_by(Comment.id.desc())
    )
