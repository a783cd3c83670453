"""Notification preferences of staff, with their own email address and chat."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import NotFound
from moderation.notifications import outbox
from moderation.notifications.kinds import (
    DEFAULT_CHOICES,
    LANGUAGES,
    ChatFormat,
    NotificationChannel,
    NotificationKind,
)
from moderation.notifications.outbox import Recipient
from moderation.privacy import Privacy, derive_key, keyed_hash
from moderation.tables.accounts import Staff
from moderation.tables.notifications import NotificationProfile

EMAIL_PURPOSE = "email"  # of the address while it is kept
CHAT_PURPOSE = "chat"  # of the chat webhook's URL while it is kept
LINK_LASTS = timedelta(hours=24)  # in which an address is confirmed
DIGEST_HOUR = 8
MASK = "…"


@dataclass(frozen=True, kw_only=True)
class NotificationPreferences:
    """A staff member's choices."""

    language: str  #: one of `LANGUAGES`
    timezone: str  #: IANA name
    quiet_from: int | None  #: minutes from local midnight, 0 to 1439
    quiet_until: int | None  #: given together with `quiet_from`
    digest_hour: int  #: 0 to 23
    choices: Mapping[NotificationKind, Sequence[NotificationChannel]]


def get_profile(session: Session, staff_id: int, now: datetime) -> NotificationProfile:
    """Return a person's profile; a new one isn't stored yet."""
    return session.get(NotificationProfile, staff_id) or NotificationProfile(
        staff_id=staff_id,
        language=LANGUAGES[0],
        timezone="UTC",
        digest_hour=DIGEST_HOUR,
        choices=_dump_choices(DEFAULT_CHOICES),
        digested_at=now,
    )


def choices_of(
    profile: NotificationProfile,
) -> dict[NotificationKind, list[NotificationChannel]]:
    """Return the channels of each kind, also of one that the profile doesn't know."""
    stored = profile.choices
    return {
        kind: [
            channel
            for channel in NotificationChannel
            if channel in stored.get(kind.value, default)
        ]
        for kind, default in DEFAULT_CHOICES.items()
    }


def replace_preferences(
    session: Session, staff_id: int, chosen: NotificationPreferences, now: datetime
) -> NotificationProfile:
    """Store what a person chooses; return their profile."""
    profile = _stored(session, staff_id, now)
    profile.language, profile.timezone = chosen.language, chosen.timezone
    profile.quiet_from, profile.quiet_until = chosen.quiet_from, chosen.quiet_until
    if profile.digest_hour != chosen.digest_hour:
        profile.digested_at = now  # not one more today for an hour that is past
    profile.digest_hour = chosen.digest_hour
    profile.choices = _dump_choices(chosen.choices)
    session.flush()
    _record(session, AuditAction.NOTIFICATIONS_CHANGED, staff_id)
    return profile


def set_email(
    session: Session, staff_id: int, email: str, *, privacy: Privacy, now: datetime
) -> NotificationProfile:
    """Keep a person's address, encrypted, and send the link that confirms it."""
    profile = _stored(session, staff_id, now)
    recipient = Recipient(staff_id=staff_id)
    outbox.withdraw(session, recipient, NotificationChannel.EMAIL, now)
    profile.sealed_email = privacy.seal_for_staff(email, EMAIL_PURPOSE, staff_id)
    profile.email_set_at, profile.email_confirmed_at = now, None
    session.flush()
    outbox.enqueue_now(
        session,
        recipient,
        NotificationKind.CONFIRMATION,
        NotificationChannel.EMAIL,
        now,
    )
    _record(session, AuditAction.NOTIFICATION_EMAIL_SET, staff_id)
    return profile


def delete_email(session: Session, staff_id: int, now: datetime) -> NotificationProfile:
    """Forget a person's address, and send nothing more to it."""
    profile = _stored(session, staff_id, now)
    recipient = Recipient(staff_id=staff_id)
    outbox.withdraw(session, recipient, NotificationChannel.EMAIL, now)
    profile.sealed_email = profile.email_set_at = profile.email_confirmed_at = None
    session.flush()
    _record(session, AuditAction.NOTIFICATION_EMAIL_DELETED, staff_id)
    return profile


def set_chat(
    session: Session,
    staff_id: int,
    url: str,
    chat_format: ChatFormat,
    *,
    privacy: Privacy,
    now: datetime,
) -> NotificationProfile:
    """Keep the URL of a person's chat webhook, encrypted."""
    profile = _stored(session, staff_id, now)
    profile.sealed_chat_url = privacy.seal_for_staff(url, CHAT_PURPOSE, staff_id)
    profile.chat_format = chat_format.value
    session.flush()
    _record(session, AuditAction.NOTIFICATION_CHAT_SET, staff_id)
    return profile


def delete_chat(session: Session, staff_id: int, now: datetime) -> NotificationProfile:
    """Forget a person's chat webhook, and send nothing more to it."""
    profile = _stored(session, staff_id, now)
    recipient = Recipient(staff_id=staff_id)
    outbox.withdraw(session, recipient, NotificationChannel.CHAT, now)
    profile.sealed_chat_url = profile.chat_format = None
    session.flush()
    _record(session, AuditAction.NOTIFICATION_CHAT_DELETED, staff_id)
    return profile


def derive_link_key(secret: str) -> bytes:
    """Return the key of the links that confirm addresses."""
    return derive_key(secret, "notification links")


def create_link_token(profile: NotificationProfile, key: bytes) -> str:
    """Return the token that confirms a profile's address, and no other one."""
    about = f"{profile.staff_id}:{profile.sealed_email}"
    return f"{profile.staff_id}-{keyed_hash(key, about)}"


def find_by_token(
    session: Session, token: str, key: bytes, now: datetime
) -> tuple[NotificationProfile, str]:
    """Return the profile whose address a token confirms, and the username.

    Raises
    ------
    NotFound
        If the token is wrong or too old, or the address was changed since.
    """
    digits = token.partition("-")[0]
    is_id = digits.isascii() and digits.isdigit() and len(digits) < 10
    staff = session.get(Staff, int(digits)) if is_id else None
    profile = session.get(NotificationProfile, staff.id) if staff else None
    if staff is None or profile is None or profile.email_set_at is None:
        raise NotFound("The link doesn't work any more.")
    is_right = hmac.compare_digest(
        create_link_token(profile, key).encode(), token.encode()
    )
    is_old = profile.email_set_at + LINK_LASTS <= now
    if not is_right or is_old or staff.disabled_at is not None:
        raise NotFound("The link doesn't work any more.")
    return profile, staff.login


def confirm_email(
    session: Session, token: str, key: bytes, now: datetime
) -> NotificationProfile:
    """Send notifications to the address that a token confirms from now on.

    Raises
    ------
    NotFound
        As `find_by_token`.
    """
    profile, _ = find_by_token(session, token, key, now)
    if profile.email_confirmed_at is None:
        profile.email_confirmed_at = now
        session.flush()
        _record(session, AuditAction.NOTIFICATION_EMAIL_CONFIRMED, profile.staff_id)
    return profile


def open_email(profile: NotificationProfile, privacy: Privacy) -> str | None:
    """Return a person's address; None: they have none.

    Raises
    ------
    moderation.privacy.UnreadableEmail
        If its key is gone.
    """
    if profile.sealed_email is None:
        return None
    return privacy.open_for_staff(profile.sealed_email, EMAIL_PURPOSE, profile.staff_id)


def open_chat_url(profile: NotificationProfile, privacy: Privacy) -> str | None:
    """Return the URL of a person's chat webhook; None: they have none.

    Raises
    ------
    moderation.privacy.UnreadableEmail
        If its key is gone.
    """
    if profile.sealed_chat_url is None:
        return None
    return privacy.open_for_staff(
        profile.sealed_chat_url, CHAT_PURPOSE, profile.staff_id
    )


def mask_address(email: str) -> str:
    """Return an address so that only its owner recognizes it.

    >>> mask_address("ada@news.example")
    'a…@n….example'
    """
    name, _, host = email.rpartition("@")
    start, _, top = host.rpartition(".")
    return f"{name[:1]}{MASK}@{start[:1]}{MASK}.{top}"


def mask_url(url: str) -> str:
    """Return the host of a chat webhook: its path is a secret.

    >>> mask_url("https://hooks.slack.example/services/T0/B0/secret")
    'https://hooks.slack.example/…'
    """
    return "/".join([*url.split("/")[:3], MASK])


def _stored(session: Session, staff_id: int, now: datetime) -> NotificationProfile:
    profile = get_profile(session, staff_id, now)
    session.add(profile)
    return profile


def _dump_choices(
    choices: Mapping[NotificationKind, Sequence[NotificationChannel]],
) -> dict[str, Any]:
    return {
        kind.value: [channel.value for channel in channels]
        for kind, channels in choices.items()
    }


def _record(session: Session, action: AuditAction, staff_id: int) -> None:
    record(session, action, target=(TargetKind.STAFF, staff_id))
