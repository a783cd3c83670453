"""Staff notifications: preferences, address, chat, and sent messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.api.notification_bodies import (
    NewChatWebhook,
    NewNotificationEmail,
    NewNotificationPreferences,
    NotificationList,
    NotificationOut,
    NotificationPreferencesOut,
    NotificationTest,
    dump_notification,
)
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.database import db, start_writing
from moderation.errors import ChannelNotSet, EmailOff
from moderation.notifications import outbox, preferences
from moderation.notifications.kinds import (
    CHOSEN,
    ChatFormat,
    NotificationChannel,
    NotificationKind,
)
from moderation.notifications.outbox import Recipient
from moderation.notifications.preferences import NotificationPreferences
from moderation.privacy import UnreadableEmail
from moderation.tables.notifications import NotificationProfile
from moderation.web.auth import current_person, needs_staff, refuse_personal_token
from moderation.web.limits import allow
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services
from moderation.webhooks.endpoints import refuse_address

bp = StrictBlueprint(
    "notifications",
    __name__,
    url_prefix="/api/v1/account/notifications",
    description="For staff",
)
TEST_LIMIT = "10 per hour"  # of one person, over all channels
ADDRESS_LIMIT = "5 per hour"  # links that one person lets us send to an address
UNREADABLE = "…"  # instead of an address whose key is gone


@bp.route("", methods=["GET"])
@needs_staff
@bp.response(200, NotificationPreferencesOut)
def read_notification_preferences() -> ResponseReturnValue:
    """Get your notification preferences."""
    person, now = current_person(), datetime.now(UTC)
    return _shown(preferences.get_profile(db.session(), person.id, now))


@bp.route("", methods=["PUT"])
@needs_staff
@bp.arguments(NewNotificationPreferences)
@bp.response(200, NotificationPreferencesOut)
@answers(400, 413, 415, 422)
def replace_notification_preferences(fields: dict[str, Any]) -> ResponseReturnValue:
    """Replace your notification preferences: kinds, channels, and quiet hours."""
    person, session = current_person(), db.session()
    named = {kind: fields["choices"][kind.value] for kind in CHOSEN}
    chosen = NotificationPreferences(**{**fields, "choices": named})
    start_writing(session)
    profile = preferences.replace_preferences(
        session, person.id, chosen, datetime.now(UTC)
    )
    session.commit()
    return _shown(profile)


@bp.route("/email", methods=["PUT"])
@needs_staff
@bp.arguments(NewNotificationEmail)
@bp.response(200, NotificationPreferencesOut)
@answers(400, 409, 413, 415, 422, 429)
def set_notification_email(fields: dict[str, Any]) -> ResponseReturnValue:
    """Set your notification address; a link that is sent there confirms it."""
    refuse_personal_token()
    if not is_email_on():
        raise EmailOff
    person, session = current_person(), db.session()
    allow(ADDRESS_LIMIT, "notification-address", str(person.id))
    start_writing(session)
    profile = preferences.set_email(
        session,
        person.id,
        fields["email"],
        privacy=services().privacy,
        now=datetime.now(UTC),
    )
    session.commit()
    return _shown(profile)


@bp.route("/email", methods=["DELETE"])
@needs_staff
@bp.response(200, NotificationPreferencesOut)
def delete_notification_email() -> ResponseReturnValue:
    """Delete your notification address."""
    person, session = current_person(), db.session()
    start_writing(session)
    profile = preferences.delete_email(session, person.id, datetime.now(UTC))
    session.commit()
    return _shown(profile)


@bp.route("/chat", methods=["PUT"])
@needs_staff
@bp.arguments(NewChatWebhook)
@bp.response(200, NotificationPreferencesOut)
@answers(400, 413, 415, 422)
def set_notification_chat(fields: dict[str, Any]) -> ResponseReturnValue:
    """Set the incoming webhook of your own chat."""
    refuse_personal_token()
    refuse_address(fields["url"], services().settings.callback_networks)
    person, session = current_person(), db.session()
    start_writing(session)
    profile = preferences.set_chat(
        session,
        person.id,
        fields["url"],
        fields["format"],
        privacy=services().privacy,
        now=datetime.now(UTC),
    )
    session.commit()
    return _shown(profile)


@bp.route("/chat", methods=["DELETE"])
@needs_staff
@bp.response(200, NotificationPreferencesOut)
def delete_notification_chat() -> ResponseReturnValue:
    """Delete your chat webhook."""
    person, session = current_person(), db.session()
    start_writing(session)
    profile = preferences.delete_chat(session, person.id, datetime.now(UTC))
    session.commit()
    return _shown(profile)


@bp.route("/test", methods=["POST"])
@needs_staff
@bp.arguments(NotificationTest)
@bp.response(202, NotificationOut)
@answers(400, 409, 413, 415, 422, 429)
def send_test_notification(fields: dict[str, Any]) -> ResponseReturnValue:
    """Send yourself a test notification; a worker sends it within seconds."""
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    channel: NotificationChannel = fields["channel"]
    profile = preferences.get_profile(session, person.id, now)
    is_email = channel is NotificationChannel.EMAIL
    if is_email and not is_email_on():
        raise EmailOff
    if not (profile.email_confirmed_at if is_email else profile.sealed_chat_url):
        raise ChannelNotSet
    allow(TEST_LIMIT, "notification-test", str(person.id))
    start_writing(session)
    row = outbox.enqueue_now(
        session, Recipient(staff_id=person.id), NotificationKind.TEST, channel, now
    )
    target = (TargetKind.STAFF, person.id)
    record(session, AuditAction.NOTIFICATION_TESTED, target=target)
    session.commit()
    return dump_notification(row, {person.id: person.login})


@bp.route("/deliveries", methods=["GET"])
@needs_staff
@bp.response(200, NotificationList)
def list_own_notifications() -> ResponseReturnValue:
    """List your sent and queued notifications, without their text."""
    person = current_person()
    rows = outbox.list_of_staff(db.session(), person.id)
    logins = {person.id: person.login}
    return {"notifications": [dump_notification(row, logins) for row in rows]}


def is_email_on() -> bool:
    """Return whether the service has a mail server, and an address for its links."""
    settings = services().settings
    return bool(settings.smtp_host and settings.public_url)


def _shown(profile: NotificationProfile) -> dict[str, Any]:
    """Return a profile for `NotificationPreferencesOut`, addresses masked."""
    privacy = services().privacy
    try:
        email = preferences.open_email(profile, privacy)
        url = preferences.open_chat_url(profile, privacy)
    except UnreadableEmail:
        email = url = None
    masked_email = preferences.mask_address(email) if email else UNREADABLE
    masked_url = preferences.mask_url(url) if url else UNREADABLE
    choices = preferences.choices_of(profile)
    return {
        "language": profile.language,
        "timezone": profile.timezone,
        "quiet_from": profile.quiet_from,
        "quiet_until": profile.quiet_until,
        "digest_hour": profile.digest_hour,
        "choices": {kind.value: channels for kind, channels in choices.items()},
        "email": masked_email if profile.sealed_email else None,
        "email_confirmed_at": profile.email_confirmed_at,
        "chat": masked_url if profile.sealed_chat_url else None,
        "chat_format": ChatFormat(profile.chat_format) if profile.chat_format else None,
        "is_email_on": is_email_on(),
    }
