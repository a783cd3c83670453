"""A site's chat for notifications, what is sent there, and how sending goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role, list_logins
from moderation.api.notification_bodies import (
    NewChatWebhook,
    NewSiteNotifications,
    NotificationList,
    NotificationOut,
    NotificationQuery,
    SiteNotificationsOut,
    dump_notification,
)
from moderation.api.notifications import TEST_LIMIT, UNREADABLE, is_email_on
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.database import db, start_writing
from moderation.errors import ChannelNotSet
from moderation.notifications import mail_server, outbox, preferences, site_chat
from moderation.notifications.kinds import NotificationChannel, NotificationKind
from moderation.notifications.outbox import Recipient
from moderation.notifications.site_chat import SiteNotificationSettings
from moderation.privacy import UnreadableEmail
from moderation.tables.notifications import SiteNotifications
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.limits import allow
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services
from moderation.webhooks.endpoints import refuse_address

bp = StrictBlueprint(
    "site_notifications",
    __name__,
    url_prefix="/api/v1/sites/<site>/notifications",
    description="For admins",
)


@bp.route("", methods=["GET"])
@needs_staff
@bp.response(200, SiteNotificationsOut)
@answers(404)
def read_site_notifications(site: str) -> ResponseReturnValue:
    """Get a site's chat, its notifications, and the mail server's state."""
    site_id = site_for(Role.ADMIN, site)
    return _shown(site_chat.get_settings(db.session(), site_id, datetime.now(UTC)))


@bp.route("", methods=["PUT"])
@needs_staff
@bp.arguments(NewSiteNotifications)
@bp.response(200, SiteNotificationsOut)
@answers(400, 404, 413, 415, 422)
def replace_site_notifications(
    fields: dict[str, Any], site: str
) -> ResponseReturnValue:
    """Replace the notifications of a site's chat, and whether they quote comments."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    settings = site_chat.replace_settings(
        session, site_id, SiteNotificationSettings(**fields), **_writer()
    )
    session.commit()
    return _shown(settings)


@bp.route("/chat", methods=["PUT"])
@needs_staff
@bp.arguments(NewChatWebhook)
@bp.response(200, SiteNotificationsOut)
@answers(400, 404, 413, 415, 422)
def set_site_chat(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Set the incoming webhook of a site's chat."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    refuse_address(fields["url"], services().settings.callback_networks)
    start_writing(session)
    settings = site_chat.set_chat(
        session,
        site_id,
        fields["url"],
        fields["format"],
        privacy=services().privacy,
        **_writer(),
    )
    session.commit()
    return _shown(settings)


@bp.route("/chat", methods=["DELETE"])
@needs_staff
@bp.response(200, SiteNotificationsOut)
@answers(404)
def delete_site_chat(site: str) -> ResponseReturnValue:
    """Delete a site's chat webhook."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    settings = site_chat.delete_chat(session, site_id, **_writer())
    session.commit()
    return _shown(settings)


@bp.route("/test", methods=["POST"])
@needs_staff
@bp.response(202, NotificationOut)
@answers(404, 409, 429)
def send_site_test(site: str) -> ResponseReturnValue:
    """Send a test to a site's chat; a worker sends it within seconds."""
    site_id, session, now = (
        site_for(Role.ADMIN, site),
        db.session(),
        datetime.now(UTC),
    )
    if not site_chat.get_settings(session, site_id, now).sealed_chat_url:
        raise ChannelNotSet
    allow(TEST_LIMIT, "notification-test", str(current_person().id))
    start_writing(session)
    row = outbox.enqueue_now(
        session,
        Recipient(site_id=site_id),
        NotificationKind.TEST,
        NotificationChannel.CHAT,
        now,
    )
    target = (TargetKind.SITE, site_id)
    record(session, AuditAction.NOTIFICATION_TESTED, target=target, site_id=site_id)
    session.commit()
    return dump_notification(row, {})


@bp.route("/deliveries", methods=["GET"])
@needs_staff
@bp.arguments(NotificationQuery, location="query")
@bp.response(200, NotificationList)
@answers(404, 422)
def list_site_notifications(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """List sent and queued notifications of a site, without their text."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    rows = outbox.list_of_site(session, site_id, query["state"])
    logins = list_logins(session, {row.staff_id for row in rows if row.staff_id})
    return {"notifications": [dump_notification(row, logins) for row in rows]}


def _shown(settings: SiteNotifications) -> dict[str, Any]:
    """Return settings for `SiteNotificationsOut`, the URL masked."""
    try:
        url = site_chat.open_url(settings, services().privacy)
    except UnreadableEmail:
        url = UNREADABLE
    state = mail_server.get_state(db.session())
    return {
        "language": settings.language,
        "kinds": settings.kinds,
        "includes_texts": settings.includes_texts,
        "chat": preferences.mask_url(url) if url else None,
        "chat_format": settings.chat_format,
        "mail_server": {
            "is_on": is_email_on(),
            "answered_at": state.answered_at,
            "failing_since": state.failing_since,
            "fault": state.fault,
        },
    }


def _writer() -> dict[str, Any]:
    return {"staff_id": current_person().id, "now": datetime.now(UTC)}
