"""A person's own account: password, sessions, personal API tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from moderation.accounts import credentials, sessions
from moderation.accounts.sessions import TokenDraft
from moderation.accounts.staff import Person
from moderation.api.account_bodies import (
    CreatedTokenOut,
    FirstPassword,
    LinkHolderOut,
    NewPassword,
    NewToken,
    PersonalTokenList,
    SessionList,
    dump_session,
    dump_token,
)
from moderation.api.staff_bodies import EndedOut
from moderation.database import db, start_writing
from moderation.errors import InvalidFields, NotFound, Unauthenticated
from moderation.web.actors import act_as_anyone
from moderation.web.auth import (
    current_person,
    needs_login,
    needs_staff,
    refuse_personal_token,
    token_key,
)
from moderation.web.limits import allow
from moderation.web.login import show_password
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "account", __name__, url_prefix="/api/v1/account", description="For staff"
)
ID = "int(min=1, max=2147483647):token_id"


@bp.route("/password", methods=["PUT"])
@needs_login
@bp.arguments(NewPassword)
@bp.response(204)
@answers(400, 413, 415, 422, 429)
def change_password(fields: dict[str, Any]) -> None:
    """Change your password; your other sessions and your API tokens end."""
    person = current_person()
    change_own_password(person, **fields)


def change_own_password(person: Person, old_password: str, new_password: str) -> None:
    """Change a person's password, and commit.

    Raises
    ------
    InvalidFields, TooManyRequests
        If the old one is wrong, or the new one easy to guess; if tried too often.
    """
    try:
        staff = show_password(person.login, old_password)
    except Unauthenticated as error:
        raise InvalidFields({"old_password": ["Is wrong."]}) from error
    session = db.session()
    credentials.change_password(
        session,
        staff,
        new_password,
        token_id=person.token_id,
        now=datetime.now(UTC),
    )
    session.commit()


@bp.route("/password/link", methods=["POST"])
@bp.arguments(FirstPassword)
@bp.response(200, LinkHolderOut)
@answers(400, 404, 413, 415, 422, 429)
def use_password_link(fields: dict[str, Any]) -> ResponseReturnValue:
    """Set a password with the token of a one-time link; then log in with it."""
    return {"login": use_link(**fields)}


def use_link(token: str, password: str) -> str:
    """Set a password with a link, and commit; return whose.

    Raises
    ------
    NotFound, InvalidFields, TooManyRequests
        If the link doesn't work, as none does where passwords are switched off; if
        the password is easy to guess; if links were
        tried too often from this address.
    """
    act_as_anyone()
    if not services().settings.local_login:
        raise NotFound
    allow(services().settings.login_limit, "link-from", request.remote_addr or "")
    session = db.session()
    start_writing(session)
    staff = credentials.use_link(
        session, token, password, hash_keys=token_key(), now=datetime.now(UTC)
    )
    session.commit()
    return staff.login


@bp.route("/sessions", methods=["GET"])
@needs_login
@bp.response(200, SessionList)
def list_sessions() -> ResponseReturnValue:
    """List your sessions."""
    person, now = current_person(), datetime.now(UTC)
    rows = sessions.list_tokens(db.session(), person.id, now, personal=False)
    return {"sessions": [dump_session(row, person.token_id) for row in rows]}


@bp.route("/sessions", methods=["DELETE"])
@needs_login
@bp.response(200, EndedOut)
def end_other_sessions() -> ResponseReturnValue:
    """End your other sessions; personal API tokens stay valid."""
    person, session = current_person(), db.session()
    start_writing(session)
    ended = sessions.revoke_all(
        session,
        person.id,
        datetime.now(UTC),
        kept_token_id=person.token_id,
        personal=False,
    )
    session.commit()
    return {"ended": ended}


@bp.route(f"/sessions/<{ID}>", methods=["DELETE"])
@needs_login
@bp.response(204)
@answers(404)
def end_session(token_id: int) -> None:
    """End one of your sessions."""
    _revoke(token_id)


@bp.route("/tokens", methods=["GET"])
@needs_login
@bp.response(200, PersonalTokenList)
def list_personal_tokens() -> ResponseReturnValue:
    """List your personal API tokens."""
    person, now = current_person(), datetime.now(UTC)
    rows = sessions.list_tokens(db.session(), person.id, now, personal=True)
    return {"tokens": [dump_token(row) for row in rows]}


@bp.route("/tokens", methods=["POST"])
@needs_staff
@bp.arguments(NewToken)
@bp.response(201, CreatedTokenOut)
@answers(400, 409, 413, 415, 422)
def create_personal_token(fields: dict[str, Any]) -> ResponseReturnValue:
    """Create a personal API token for a script that acts in your name."""
    refuse_personal_token()
    person, session = current_person(), db.session()
    draft = TokenDraft(
        staff_id=person.id,
        lasts=timedelta(days=fields["days"]),
        name=fields["name"],
        scopes=fields["scopes"],
        is_single_sign_on=sessions.is_single_sign_on(session, person.token_id),
    )
    start_writing(session)
    token, row = sessions.issue_token(
        session, draft, hash_keys=token_key(), now=datetime.now(UTC)
    )
    session.commit()
    return {**dump_token(row), "token": token}


@bp.route(f"/tokens/<{ID}>", methods=["DELETE"])
@needs_login
@bp.response(204)
@answers(404)
def revoke_personal_token(token_id: int) -> None:
    """Revoke one of your personal API tokens."""
    _revoke(token_id)


def _revoke(token_id: int) -> None:
    person, session = current_person(), db.session()
    start_writing(session)
    sessions.revoke_token(session, person.id, token_id, datetime.now(UTC))
    session.commit()
