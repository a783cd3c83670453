"""The sender of a notice: revealed on the record alone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import NotFound
from moderation.privacy import Privacy
from moderation.tables.legal import Notice


@dataclass(frozen=True, kw_only=True)
class RevealedNotifier:
    """The name and the email address of a notice's sender; None: not given."""

    name: str | None
    email: str | None


def has_sender(notice: Notice) -> bool:
    """Return whether a notice still holds a name or an address of its sender."""
    return notice.sealed_name is not None or notice.sealed_email is not None


def reveal(
    session: Session, notice: Notice, privacy: Privacy, *, reason: str
) -> RevealedNotifier:
    """Return who sent a notice, and record that it is seen.

    The caller has checked who asks: a lead or an admin, with a fresh second factor.

    Raises
    ------
    NotFound
        If neither a name nor an address is stored.
    UnreadableEmail
        If one can't be decrypted; then nothing is revealed.
    """
    if not has_sender(notice):
        raise NotFound("Neither a name nor an address of the sender is stored.")
    opened = {
        field: token and privacy.open_for_notice(token, field, notice.id)
        for field, token in (
            ("name", notice.sealed_name),
            ("email", notice.sealed_email),
        )
    }
    record(
        session,
        AuditAction.EMAIL_REVEALED,
        target=(TargetKind.NOTICE, notice.id),
        site_id=notice.site_id,
        reason=reason,
        count=sum(value is not None for value in opened.values()),
    )
    return RevealedNotifier(**opened)
