"""A site's chat webhook, what is sent to it, and whether messages quote comments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.notifications import outbox
from moderation.notifications.kinds import (
    CHOSEN_OF_SITES,
    LANGUAGES,
    ChatFormat,
    NotificationChannel,
    NotificationKind,
)
from moderation.notifications.outbox import Recipient
from moderation.privacy import Privacy
from moderation.tables.notifications import SiteNotifications

PURPOSE = "chat"  # of the chat webhook's URL while it is kept


@dataclass(frozen=True, kw_only=True)
class SiteNotificationSettings:
    """An admin's choices for a site."""

    language: str  #: one of `LANGUAGES`
    kinds: Collection[NotificationKind]  #: of `CHOSEN_OF_SITES`
    includes_texts: bool


def get_settings(session: Session, site_id: int, now: datetime) -> SiteNotifications:
    """Return a site's settings; new ones aren't stored yet."""
    return session.get(SiteNotifications, site_id) or SiteNotifications(
        site_id=site_id,
        language=LANGUAGES[0],
        kinds=_in_order(CHOSEN_OF_SITES),
        includes_texts=False,
        changed_at=now,
    )


def replace_settings(
    session: Session,
    site_id: int,
    chosen: SiteNotificationSettings,
    *,
    staff_id: int,
    now: datetime,
) -> SiteNotifications:
    """Store what an admin chooses; return the settings."""
    settings = _stored(session, site_id, staff_id, now)
    settings.language = chosen.language
    settings.kinds = _in_order(chosen.kinds)
    settings.includes_texts = chosen.includes_texts
    session.flush()
    _record(
        session,
        AuditAction.SITE_NOTIFICATIONS_CHANGED,
        site_id,
        includes_texts=chosen.includes_texts,
    )
    return settings


def set_chat(
    session: Session,
    site_id: int,
    url: str,
    chat_format: ChatFormat,
    *,
    privacy: Privacy,
    staff_id: int,
    now: datetime,
) -> SiteNotifications:
    """Keep the URL of a site's chat webhook, encrypted."""
    settings = _stored(session, site_id, staff_id, now)
    settings.sealed_chat_url = privacy.seal_secret(url, PURPOSE, site_id)
    settings.chat_format = chat_format.value
    session.flush()
    _record(session, AuditAction.NOTIFICATION_CHAT_SET, site_id)
    return settings


def delete_chat(
    session: Session, site_id: int, *, staff_id: int, now: datetime
) -> SiteNotifications:
    """Forget a site's chat webhook, and send nothing more to it."""
    settings = _stored(session, site_id, staff_id, now)
    recipient = Recipient(site_id=site_id)
    outbox.withdraw(session, recipient, NotificationChannel.CHAT, now)
    settings.sealed_chat_url = settings.chat_format = None
    session.flush()
    _record(session, AuditAction.NOTIFICATION_CHAT_DELETED, site_id)
    return settings


def open_url(settings: SiteNotifications, privacy: Privacy) -> str | None:
    """Return the URL of a site's chat webhook; None: it has none.

    Raises
    ------
    moderation.privacy.UnreadableEmail
        If its key is gone.
    """
    if settings.sealed_chat_url is None:
        return None
    return privacy.open_secret(settings.sealed_chat_url, PURPOSE, settings.site_id)


def sites_that_include_texts(
    session: Session, site_ids: Collection[int]
) -> Sequence[int]:
    """Return those of the sites whose messages may quote comments."""
    return session.scalars(
        sa.select(SiteNotifications.site_id).where(
            SiteNotifications.site_id.in_(site_ids), SiteNotifications.includes_texts
        )
    ).all()


def _stored(
    session: Session, site_id: int, staff_id: int, now: datetime
) -> SiteNotifications:
    settings = get_settings(session, site_id, now)
    settings.changed_at, settings.changed_by = now, staff_id
    session.add(settings)
    return settings


def _in_order(kinds: Collection[NotificationKind]) -> list[str]:
    return [kind.value for kind in CHOSEN_OF_SITES if kind in kinds]


def _record(
    session: Session, action: AuditAction, site_id: int, **details: Any
) -> None:
    target = (TargetKind.SITE, site_id)
    record(session, action, target=target, site_id=site_id, **details)
