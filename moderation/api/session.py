"""Logging in and out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from moderation.accounts import second_factor, sessions
from moderation.accounts import staff as people
from moderation.accounts.sessions import TokenDraft
from moderation.accounts.staff import Person, Role
from moderation.api.session_bodies import Credentials, StaffOut, TokenOut
from moderation.config import Settings
from moderation.database import db, start_writing
from moderation.tables.accounts import Staff
from moderation.web.auth import current_person, needs_login, token_key
from moderation.web.clients import client_of
from moderation.web.limits import allow
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

# Of a million codes three are right: an even chance to guess one takes thirty years.
CODES_PER_DAY = "20 per day"

bp = StrictBlueprint(
    "session", __name__, url_prefix="/api/v1/session", description="For staff"
)


@bp.route("", methods=["POST"])
@bp.arguments(Credentials)
@bp.response(201, TokenOut)
@answers(400, 401, 413, 415, 422, 429)
def log_in(credentials: dict[str, Any]) -> ResponseReturnValue:
    """Log in: get a token for the Authorization header."""
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


def find_person(login: str, password: str) -> Staff:
    """Return the person with this password, who has not shown a code yet.

    Raises
    ------
    Unauthenticated, TooManyRequests
        If there is no such person; if it was tried too often.
    """
    limit = _settings().login_limit
    allow(limit, "login-from", request.remote_addr or "")
    allow(limit, "login-as", login)
    return people.find_by_password(db.session(), login, password)


def issue(staff: Staff, code: str | None) -> tuple[str, datetime]:
    """Return a new token of a person whose password was right, and its end.

    Raises
    ------
    SecondFactorNeeded, Unauthenticated, TooManyRequests
        If a code is needed; if it is wrong; if too many were tried.
    """
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    show_code(staff.id, staff.login, code, now)
    lasts = timedelta(hours=_settings().session_hours)
    draft = TokenDraft(
        staff_id=staff.id, lasts=lasts, client=client_of(request.user_agent.string)
    )
    token, row = sessions.issue_token(session, draft, hash_key=token_key(), now=now)
    session.commit()
    return token, row.expires_at


def show_code(staff_id: int, login: str, code: str | None, now: datetime) -> None:
    """Let a person pass by a code, if one is needed; a used one is written down.

    Raises
    ------
    SecondFactorNeeded, Unauthenticated, TooManyRequests
        If a code is needed; if it is wrong; if too many were tried.
    """
    if code:
        allow(_settings().login_limit, "code-as", login)
        allow(CODES_PER_DAY, "code-as", login)
    second_factor.verify_code(
        db.session(),
        staff_id,
        code,
        privacy=services().privacy,
        hash_key=token_key(),
        now=now,
    )


def _settings() -> Settings:
    return services().settings


@bp.route("", methods=["GET"])
@needs_login
@bp.response(200, StaffOut)
def read_session() -> ResponseReturnValue:
    """Read who you are, and your role at each site."""
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
    """Log out: the token ends at once, on every machine."""
    person, session = current_person(), db.session()
    start_writing(session)
    sessions.revoke_token(session, person.id, person.token_id, datetime.now(UTC))
    session.commit()
