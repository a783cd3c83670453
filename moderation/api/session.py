"""Logging in and out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts import sessions
from moderation.accounts.staff import Person, Role
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
    """Get your account, and your role at each site."""
    person = current_person()
    return {"login": person.login, "memberships": list(_memberships(person))}


def _memberships(person: Person) -> Iterator[dict[str, Any]]:
    """Yield a person's roles, first that in the whole of a site."""
    for site_id, name in person.sites.items():
        if site_id in person.roles:
            role = person.roles[site_id]
            yield {"site": name, "role": role.value, "sections": None}
        by_role: dict[Role, list[str]] = {}
        for section, role in person.section_roles.get(site_id, {}).items():
            by_role.setdefault(role, []).append(section)
        for role, sections in by_role.items():
            yield {"site": name, "role": role.value, "sections": sections}


@bp.route("", methods=["DELETE"])
@needs_login
@bp.response(204)
def log_out() -> None:
    """Log out: the token ends immediately, on every machine."""
    person, session = current_person(), db.session()
    start_writing(session)
    sessions.revoke_token(session, person.id, person.token_id, datetime.now(UTC))
    session.commit()
