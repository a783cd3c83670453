"""Log in: passwords, codes, and the cookie of a known device."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import limits
from flask import after_this_request, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from moderation.accounts import login_attempts, second_factor, sessions
from moderation.accounts import staff as people
from moderation.accounts.login_attempts import PSEUDONYM_DIGITS, LoginAttempt, Stage
from moderation.accounts.sessions import TokenDraft
from moderation.database import db, start_writing
from moderation.errors import LocalLoginOff, Unauthenticated
from moderation.tables.accounts import Staff, StaffToken
from moderation.web.actors import act_as_anyone, act_as_person
from moderation.web.auth import token_key
from moderation.web.clients import client_of
from moderation.web.cookies import give_cookie, read_cookie
from moderation.web.services import services

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

#: Tells a browser that a person has logged in from before; scripts can't read it.
DEVICE_COOKIE = "moderation_device"


def refuse_passwords() -> None:
    """Refuse passwords, and codes after them, where only the provider lets staff in.

    Raises
    ------
    LocalLoginOff
        If the settings say so.
    """
    if not services().settings.local_login:
        raise LocalLoginOff


def find_person(login: str, password: str) -> Staff:
    """Return the person with this password, who has not shown a code yet.

    A failure is counted and committed.

    Raises
    ------
    Unauthenticated, TooManyRequests, LocalLoginOff
        If there is no such person; if it was tried too often; if there are no
        passwords here.
    """
    act_as_anyone()
    return _check_password(login, password)


def issue(staff: Staff, code: str | None) -> tuple[str, datetime]:
    """Return a new token of a person whose password was right, and its end.

    The device is known from now on: the response gives it a cookie.

    Raises
    ------
    SecondFactorNeeded, Unauthenticated, TooManyRequests
        If a code is needed; if it is wrong; if too many were tried.
    """
    refuse_passwords()
    session, now = db.session(), datetime.now(UTC)
    act_as_anyone()
    show_code(staff.id, staff.login, code, now)
    act_as_person(staff.id)
    token, row = _issue_session(staff, now, is_single_sign_on=False)
    attempt = _attempt(Stage.PASSWORD, staff.login)
    device, device_expires_at = login_attempts.record_login(session, attempt, staff)
    session.commit()

    @after_this_request
    def remember(answer: Response) -> Response:
        give_cookie(
            answer,
            DEVICE_COOKIE,
            device,
            expires=device_expires_at,
            samesite="Strict",
        )
        return answer

    return token, row.expires_at


def issue_signed_on(staff: Staff) -> tuple[str, datetime]:
    """Return a new token of a person whom the provider has let in, and its end."""
    session, now = db.session(), datetime.now(UTC)
    act_as_person(staff.id)
    start_writing(session)
    token, row = _issue_session(staff, now, is_single_sign_on=True)
    session.commit()
    network = services().privacy.network(request.remote_addr)
    logger.info(
        "single sign-on of person %s, network %s", staff.id, network[:PSEUDONYM_DIGITS]
    )
    return token, row.expires_at


def _issue_session(
    staff: Staff, now: datetime, *, is_single_sign_on: bool
) -> tuple[str, StaffToken]:
    draft = TokenDraft(
        staff_id=staff.id,
        lasts=timedelta(hours=services().settings.session_hours),
        client=client_of(request.user_agent.string),
        is_single_sign_on=is_single_sign_on,
    )
    return sessions.issue_token(db.session(), draft, hash_keys=token_key(), now=now)


def show_code(staff_id: int, login: str, code: str | None, now: datetime) -> None:
    """Let a person pass by a code, if one is needed; a used one is written down.

    A failure is counted and committed. A success leaves a transaction that may write
    to the caller.

    Raises
    ------
    SecondFactorNeeded, Unauthenticated, TooManyRequests
        If a code is needed; if it is wrong; if too many were tried.
    """

    def check() -> None:
        second_factor.verify_code(
            db.session(),
            staff_id,
            code,
            privacy=services().privacy,
            hash_keys=token_key(),
            now=now,
        )

    if code:
        try_code(login, check)
    else:
        start_writing(db.session())
        check()


def try_code(login: str, check: Callable[[], Result]) -> Result:
    """Return what the check of a person's code returns; count the code if it is wrong.

    A success leaves a transaction that may write to the caller.

    Raises
    ------
    Unauthenticated, TooManyRequests
        If it is wrong; if too many were tried.
    """
    return _try(_attempt(Stage.CODE, login), check)


def show_password(login: str, password: str) -> Staff:
    """Let a logged-in person pass by their password; a wrong one is counted.

    A success leaves a transaction that may write to the caller.

    Raises
    ------
    Unauthenticated, TooManyRequests
        If it is wrong; if too many were tried.
    """
    staff = _check_password(login, password)
    start_writing(db.session())
    return staff


def _check_password(login: str, password: str) -> Staff:
    refuse_passwords()

    def check() -> Staff:
        return people.find_by_password(db.session(), login, password)

    staff = _try(_attempt(Stage.PASSWORD, login), check)
    db.session.commit()
    return staff


def _try(attempt: LoginAttempt, check: Callable[[], Result]) -> Result:
    session = db.session()
    admission = login_attempts.find_admission(session, attempt)
    if admission.turns:
        start_writing(session)
        login_attempts.take_turns(session, admission, attempt.at)
        session.commit()
    if attempt.stage is Stage.CODE:  # that is used up; a password takes long to check
        start_writing(session)
    try:
        result = check()
    except Unauthenticated:
        session.rollback()
        start_writing(session)
        delay = login_attempts.record_failed_login(session, attempt, admission)
        session.commit()
        _record_failure(attempt, delay)
        raise
    if admission.turns:
        start_writing(session)
        login_attempts.return_turns(session, admission)
    return result


def _record_failure(attempt: LoginAttempt, delay: timedelta | None) -> None:
    """Record a failed log-in; it is refused and counted even if that fails."""
    session = db.session()
    try:
        start_writing(session)
        login_attempts.record_in_audit_log(session, attempt, delay)
        session.commit()
    except SQLAlchemyError as error:
        session.rollback()
        logger.error("a failed log-in isn't recorded: %s", type(error).__name__)


def _attempt(stage: Stage, login: str) -> LoginAttempt:
    limit = limits.parse(services().settings.login_limit)
    return LoginAttempt(
        stage=stage,
        login=login,
        network=services().privacy.network(request.remote_addr),
        device_token=read_cookie(DEVICE_COOKIE),
        at=datetime.now(UTC),
        free_count=limit.amount,
        first_delay=timedelta(seconds=limit.get_expiry()),
        hash_keys=token_key(),
    )
