"""Pages to set up notifications, and to confirm an address."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.console.blueprint import bp, refuse_foreign, shown_to
from moderation.console.places import find_place
from moderation.console.settings import settings_page
from moderation.database import db, start_writing
from moderation.notifications import preferences
from moderation.notifications.kinds import (
    CHOSEN_OF_SITES,
    LANGUAGES,
    ChatFormat,
    NotificationState,
)
from moderation.web.actors import act_as_anyone
from moderation.web.limits import allow
from moderation.web.services import services

LINK_TEMPLATE = "console/notifications/confirmation.html"


@bp.get("/settings/notifications")
@shown_to(Role.ADMIN)
def read_notifications() -> ResponseReturnValue:
    """Show a site's chat, the mail server, and what could not be sent."""
    return settings_page(
        "notifications",
        find_place(),
        kinds=CHOSEN_OF_SITES,
        message_languages=LANGUAGES,
        chat_formats=ChatFormat,
        states=NotificationState,
    )


@bp.get("/notifications/<token>")
def read_confirmation(token: str) -> ResponseReturnValue:
    """Ask to confirm an address: a mail scanner that follows links confirms none."""
    _, login = preferences.find_by_token(
        db.session(), token, _link_key(), datetime.now(UTC)
    )
    return render_template(LINK_TEMPLATE, token=token, login=login, is_done=False)


@bp.post("/notifications/<token>")
def confirm_address(token: str) -> ResponseReturnValue:
    """Confirm an address with the link that was sent to it."""
    refuse_foreign()
    act_as_anyone()
    allow(services().settings.login_limit, "link-from", request.remote_addr or "")
    session, now = db.session(), datetime.now(UTC)
    _, login = preferences.find_by_token(session, token, _link_key(), now)
    start_writing(session)
    preferences.confirm_email(session, token, _link_key(), now)
    session.commit()
    return render_template(LINK_TEMPLATE, token=token, login=login, is_done=True)


def _link_key() -> bytes:
    return preferences.derive_link_key(services().settings.secret_key)
