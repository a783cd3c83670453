"""Notifications to staff: preferences, channels, and what is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table

# Literal, as in the partial index: a parameter would hide it.
UNSENT = sa.text("notifications.state = 'waiting'")


class NotificationProfile(Table):
    """A staff member's notifications: kinds, channels, and times."""

    __tablename__ = "notification_profiles"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    #: of the messages, a code of `catalogue/`
    language: Mapped[str] = mapped_column(sa.String(15))
    #: IANA name of the time zone of quiet hours and digest
    timezone: Mapped[str] = mapped_column(sa.String(63))
    #: quiet hours in minutes from midnight, 0 to 1439; both None: there are none
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    #: hour of the daily digest, 0 to 23
    digest_hour: Mapped[int]
    #: kind to the names of its channels
    choices: Mapped[dict[str, Any]]
    #: the last time that a digest was made; at first, when the profile was
    digested_at: Mapped[datetime]
    #: encrypted for this staff member alone
    sealed_email: Mapped[str | None] = mapped_column(sa.Text())
    email_set_at: Mapped[datetime | None]
    #: nothing but the confirmation link is sent to the address before
    email_confirmed_at: Mapped[datetime | None]
    #: URL of the person's own chat webhook, which is a secret; encrypted
    sealed_chat_url: Mapped[str | None] = mapped_column(sa.Text())
    chat_format: Mapped[str | None] = mapped_column(sa.String(15))


class SiteNotifications(Table):
    """A site's chat webhook, and whether messages may quote comments."""

    __tablename__ = "site_notifications"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    #: of the messages to the site's chat
    language: Mapped[str] = mapped_column(sa.String(15))
    #: what is sent to the site's chat
    kinds: Mapped[list[str]] = mapped_column(sa.JSON())
    #: messages about an escalated comment quote it, also those to staff members
    includes_texts: Mapped[bool] = mapped_column(default=False)
    #: URL of the chat webhook, which is a secret; encrypted
    sealed_chat_url: Mapped[str | None] = mapped_column(sa.Text())
    chat_format: Mapped[str | None] = mapped_column(sa.String(15))
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class NoticedOccurrence(Table):
    """Something that notifications were made of, so that they are made once."""

    __tablename__ = "noticed_occurrences"
    __table_args__ = (sa.Index("ix_noticed_occurrences_at", "noticed_at"),)

    #: `notifications.kinds.NotificationKind`
    kind: Mapped[str] = mapped_column(sa.String(15), primary_key=True)
    #: id of what it is about, in the table of its kind
    subject: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=False)
    noticed_at: Mapped[datetime]


class Notification(Table):
    """A message to one staff member, or to a site's chat, over one channel.

    Its text is written when it is sent; nothing of it is stored.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        sa.Index(
            "ix_notifications_waiting",
            "due_at",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index("ix_notifications_staff", "staff_id", "id"),
        sa.Index("ix_notifications_site", "site_id", "id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    #: None: the site's chat
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: None: a staff member, whose sites it may all be about
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(sa.String(15))
    channel: Mapped[str] = mapped_column(sa.String(15))
    #: ids of what it is about, in the table of its kind
    subjects: Mapped[list[int]] = mapped_column(sa.JSON())
    created_at: Mapped[datetime]
    #: waiting, sent, failed, or dropped: there was nothing left to send
    state: Mapped[str] = mapped_column(sa.String(15), default="waiting")
    #: not tried before
    due_at: Mapped[datetime]
    #: the worker that takes it up counts one more
    attempts: Mapped[int] = mapped_column(default=0)
    #: when it was sent, given up, or dropped
    settled_at: Mapped[datetime | None]
    #: a few plain words why the last attempt failed
    fault: Mapped[str | None] = mapped_column(sa.String(100))


class MailServerState(Table):
    """The state of the mail server: one row."""

    __tablename__ = "mail_server_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: when it last took a message
    answered_at: Mapped[datetime | None]
    #: since when it takes none; None: it does
    failing_since: Mapped[datetime | None]
    #: failed attempts in a row
    failures: Mapped[int] = mapped_column(default=0)
    #: a few plain words why the last attempt failed
    fault: Mapped[str | None] = mapped_column(sa.String(100))
    #: nothing is sent before
    quiet_until: Mapped[datetime | None]
