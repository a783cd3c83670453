"""Logging in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import current_app, request
from flask.typing import ResponseReturnValue

from moderation import people
from moderation.api.auth import current_person, needs_staff, token_key
from moderation.api.documenting import StrictBlueprint, answers
from moderation.api.limits import allow
from moderation.database import db, start_writing
from moderation.schemas.people import Credentials, StaffOut, TokenOut

bp = StrictBlueprint(
    "session", __name__, url_prefix="/api/v1/session", description="For staff"
)


@bp.route("", methods=["POST"])
@bp.arguments(Credentials)
@bp.response(201, TokenOut)
@answers(400, 401, 413, 415, 422, 429)
def log_in(credentials: dict[str, str]) -> ResponseReturnValue:
    """Log in: get a token for the Authorization header."""
    token, expires_at = open_session(**credentials)
    return {"token": token, "expires_at": expires_at}


def open_session(login: str, password: str) -> tuple[str, datetime]:
    """Return a new token of the person with these credentials, and its end.

    Raises
    ------
    Unauthenticated, TooManyRequests
        If there is no such person; if it was tried too often.
    """
    settings, session = current_app.extensions["settings"], db.session()
    allow(settings.login_limit, "login-from", request.remote_addr or "")
    allow(settings.login_limit, "login-as", login)
    staff = people.find_by_password(session, login, password)
    start_writing(session)
    lasts = timedelta(hours=settings.session_hours)
    issued = people.issue_token(
        session, staff.id, token_key(), datetime.now(UTC), lasts
    )
    session.commit()
    return issued


@bp.route("", methods=["GET"])
@needs_staff
@bp.response(200, StaffOut)
def read() -> ResponseReturnValue:
    """Read who you are, and your role at each site."""
    person = current_person()
    memberships = [
        {"site": person.sites[site_id], "role": role.value}
        for site_id, role in person.roles.items()
    ]
    return {"login": person.login, "memberships": memberships}


@bp.route("", methods=["DELETE"])
@needs_staff
@bp.response(204)
def log_out() -> None:
    """Log out: the token ends at once, on every machine."""
    person, session = current_person(), db.session()
    start_writing(session)
    people.revoke_token(session, person.token_id, datetime.now(UTC))
    session.commit()
