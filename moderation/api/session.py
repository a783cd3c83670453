"""Logging in and out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts import staff as people
from moderation.api.session_bodies import Credentials, StaffOut, TokenOut
from moderation.database import db, start_writing
from moderation.errors import Forbidden
from moderation.web.auth import current_person, needs_login
from moderation.web.login import find_person, issue
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.origins import is_readable_by_others
from moderation.web.services import services

bp = StrictBlueprint(
    "session", __name__, url_prefix="/api/v1/session", description="For staff"
)


@bp.route("", methods=["POST"])
@bp.arguments(Credentials)
@bp.response(201, TokenOut)
@answers(400, 401, 403, 413, 415, 422, 429)
def log_in(credentials: dict[str, Any]) -> ResponseReturnValue:
    """Log in: get a token for the Authorization header.

    A client that keeps the cookie `__Host-moderation_device` is known at its next
    log-in: failures of others don't delay it. Over plain http from another machine,
    the response is 403 unless the service allows it.
    """
    if is_readable_by_others() and not services().settings.login_over_http:
        raise Forbidden("Log in over https: others can read a password sent over http.")
    token, expires_at = open_session(**credentials)
    return {"token": token, "expires_at": expires_at}


def open_session(
    login: str, password: str, code: str | None = None
) -> tuple[str, datetime]:
    """Return a new token of the person with these credentials, and its end.

    Raises
    ------
    Unauthenticated, TooManyRequests
        If there is no such person; if it was tried too often.
    SecondFactorNeeded
        If only the code is missing.
    """
    return issue(find_person(login, password), code)


@bp.route("", methods=["GET"])
@needs_login
@bp.response(200, StaffOut)
def read_session() -> ResponseReturnValue:
    """Read who you are, and your role at each site."""
    person = current_person()
    memberships = [
        {"site": person.sites[site_id], "role": role.value}
        for site_id, role in person.roles.items()
    ]
    return {"login": person.login, "memberships": memberships}


@bp.route("", methods=["DELETE"])
@needs_login
@bp.response(204)
def log_out() -> None:
    """Log out: the token ends at once, on every machine."""
    person, session = current_person(), db.session()
    start_writing(session)
    people.revoke_token(session, person.token_id, datetime.now(UTC))
    session.commit()
