"""Notifications: preferences, channels, and what was sent, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from email_validator import validate_email
from marshmallow import validate

from moderation.api.opening_hours_bodies import ClockTime
from moderation.notifications.kinds import (
    CHOSEN_OF_SITES,
    LANGUAGES,
    ChatFormat,
    NotificationChannel,
    NotificationKind,
    NotificationState,
)
from moderation.notifications.quiet_hours import is_timezone
from moderation.tables.notifications import Notification
from moderation.web.fields import Line, NormalizedEmail, WebAddress

MAX_TIMEZONE_LENGTH = 63  # characters


class PlainEmail(NormalizedEmail):
    """An address that every mail server takes: ASCII."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        email = super()._deserialize(value, *args, **kwargs)
        plain = validate_email(email, check_deliverability=False).ascii_email
        if plain is None:
            raise ma.ValidationError("Must have only ASCII characters before the @.")
        return plain


class MinuteOfDay(ClockTime):
    """A local time, `HH:MM` outside, in minutes from midnight inside."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        hours, _, minutes = super()._deserialize(value, *args, **kwargs).partition(":")
        return int(hours) * 60 + int(minutes)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        return None if value is None else f"{value // 60:02d}:{value % 60:02d}"


class TimeZone(Line):
    """The name of a time zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=MAX_TIMEZONE_LENGTH, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, *args, **kwargs)
        if not is_timezone(name):
            raise ma.ValidationError("Must be a time zone such as Europe/Vienna.")
        return name


def _channels() -> ma.fields.List[NotificationChannel]:
    return ma.fields.List(
        ma.fields.Enum(NotificationChannel, by_value=True),
        required=True,
        validate=validate.Length(max=len(NotificationChannel)),
    )


def _language() -> ma.fields.String:
    return ma.fields.String(
        required=True,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "Of the messages"},
    )


class NotificationChoices(ma.Schema):
    """The channels of each kind of notification; an empty list: none."""

    overdue = _channels()
    escalated = _channels()
    wave = _channels()
    drift = _channels()
    job_failed = _channels()
    notice = _channels()
    digest = _channels()


class NotificationSchedule(ma.Schema):
    """A staff member's choice of kinds and times."""

    language = _language()
    timezone = TimeZone(
        required=True,
        metadata={"description": "Name in the IANA database, as Europe/Vienna"},
    )
    quiet_from = MinuteOfDay(
        required=True,
        allow_none=True,
        metadata={"description": "HH:MM, from when messages wait; null: never"},
    )
    quiet_until = MinuteOfDay(
        required=True, allow_none=True, metadata={"description": "HH:MM"}
    )
    digest_hour = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=23),
        metadata={"description": "When the daily digest is sent"},
    )
    choices = ma.fields.Nested(NotificationChoices, required=True)


class NewNotificationPreferences(NotificationSchedule):
    """New notification preferences of a staff member."""

    @ma.validates_schema
    def _check_quiet_hours(self, fields: dict[str, Any], **_: Any) -> None:
        if (fields["quiet_from"] is None) != (fields["quiet_until"] is None):
            complaint = "Both ends of the quiet hours go together."
            raise ma.ValidationError(complaint, "quiet_until")


class NewNotificationEmail(ma.Schema):
    """The address that notifications are to be sent to."""

    email = PlainEmail(required=True, load_only=True)


class NewChatWebhook(ma.Schema):
    """The incoming webhook of a chat."""

    url = WebAddress(
        required=True,
        load_only=True,
        metadata={
            "description": "`https`, out of any private network; others (and `http`) "
            "only in the networks that the installation allows. It is a secret"
        },
    )
    format = ma.fields.Enum(ChatFormat, by_value=True, required=True)


class NotificationTest(ma.Schema):
    """The channel of a test notification."""

    channel = ma.fields.Enum(NotificationChannel, by_value=True, required=True)


class NotificationPreferencesOut(NotificationSchedule):
    """A staff member's notifications: kinds, channels, and times."""

    email = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Masked; null: there is none"},
    )
    email_confirmed_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Until then, no other mail is sent to the address"},
    )
    chat = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Host of the chat webhook; null: there is none"},
    )
    chat_format = ma.fields.Enum(
        ChatFormat, by_value=True, required=True, allow_none=True
    )
    is_email_on = ma.fields.Boolean(
        required=True,
        metadata={"description": "The service has a mail server and its own address"},
    )


class NewSiteNotifications(ma.Schema):
    """An admin's notification settings for a site."""

    language = _language()
    kinds = ma.fields.List(
        ma.fields.Enum(NotificationKind, by_value=True),
        required=True,
        validate=[
            validate.Length(max=len(CHOSEN_OF_SITES)),
            validate.ContainsOnly(CHOSEN_OF_SITES),
        ],
        metadata={"description": "Kinds that are sent to the site's chat"},
    )
    includes_texts = ma.fields.Boolean(
        required=True,
        truthy={True},
        falsy={False},
        metadata={"description": "Messages about escalated comments quote them"},
    )


class MailServerOut(ma.Schema):
    """The state of the mail server."""

    is_on = ma.fields.Boolean(
        required=True,
        metadata={"description": "The service has a mail server and its own address"},
    )
    answered_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    failing_since = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Since when it accepts no message"},
    )
    fault = ma.fields.String(required=True, allow_none=True)


class SiteNotificationsOut(ma.Schema):
    """A site's chat, what is sent there, and the mail server of the installation."""

    language = ma.fields.String(required=True)
    kinds = ma.fields.List(ma.fields.String(), required=True)
    includes_texts = ma.fields.Boolean(required=True)
    chat = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Host of the chat webhook; null: there is none"},
    )
    chat_format = ma.fields.String(required=True, allow_none=True)
    mail_server = ma.fields.Nested(MailServerOut, required=True)


class NotificationQuery(ma.Schema):
    """Filters of a list of notifications."""

    state = ma.fields.Enum(NotificationState, by_value=True, load_default=None)


class NotificationOut(ma.Schema):
    """A notification, without its text, which isn't stored."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.String(
        required=True,
        validate=validate.OneOf([kind.value for kind in NotificationKind]),
    )
    channel = ma.fields.String(
        required=True,
        validate=validate.OneOf([channel.value for channel in NotificationChannel]),
    )
    to = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Username; null: the site's chat"},
    )
    state = ma.fields.String(
        required=True,
        validate=validate.OneOf([state.value for state in NotificationState]),
    )
    attempts = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    due_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Not tried before; null: it is settled"},
    )
    settled_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    fault = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why the last attempt failed"},
    )


class NotificationList(ma.Schema):
    """The newest notifications, the newest first."""

    notifications = ma.fields.List(ma.fields.Nested(NotificationOut), required=True)


def dump_notification(row: Notification, logins: Mapping[int, str]) -> dict[str, Any]:
    """Return a notification for `NotificationOut`.

    Parameters
    ----------
    logins
        Usernames by the ids of staff.
    """
    is_waiting = row.state == NotificationState.WAITING.value
    return {
        "id": row.id,
        "kind": row.kind,
        "channel": row.channel,
        "to": None if row.staff_id is None else logins.get(row.staff_id),
        "state": row.state,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "due_at": row.due_at if is_waiting else None,
        "settled_at": row.settled_at,
        "fault": row.fault,
    }
