"""A person's own account: password, sessions, second factor, recovery codes."""

from __future__ import annotations

from datetime import UTC, datetime

import segno
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from moderation.accounts import passwords, second_factor, sessions
from moderation.accounts.staff import Person, Role, TokenScope
from moderation.console.blueprint import bp, refuse_foreign, shown_to, t, visitor
from moderation.console.session import told_to_wait
from moderation.database import db, start_writing
from moderation.errors import Conflict, ModerationError, TooManyRequests
from moderation.notifications.kinds import (
    CHOSEN,
    LANGUAGES,
    ChatFormat,
    NotificationChannel,
)
from moderation.privacy import Privacy
from moderation.tables.accounts import Staff
from moderation.web import errors
from moderation.web.auth import lacks_second_factor, token_key
from moderation.web.login import refuse_passwords, show_code, show_password, try_code
from moderation.web.services import services

LONGEST_CODE = 64  # characters
MODULE_PX = 5  # of the QR code: a phone reads it from an arm's length


@bp.get("/account")
@shown_to(Role.MODERATOR, without_factor=True)
def read_account() -> ResponseReturnValue:
    """Show whether a second factor is on, and how to change that."""
    return show_account()


@bp.post("/account/second-factor")
@shown_to(Role.MODERATOR, without_factor=True)
def begin_factor() -> ResponseReturnValue:
    """Make a secret and show it as a QR code; it counts once a code was shown.

    The password is asked for: a stolen session must not enroll a phone of its own.
    """
    refuse_foreign()
    refuse_passwords()
    person, session = current_visitor(), db.session()
    try:
        show_password(person.login, request.form.get("password", ""))
    except ModerationError as error:
        return _refused(error, t("account.password.wrong"))
    try:
        second_factor.create_factor(
            session, person.id, person.login, _privacy(), datetime.now(UTC)
        )
    except Conflict:
        session.rollback()
    else:
        session.commit()
    return redirect(url_for(".read_account"), 303)


@bp.post("/account/second-factor/confirm")
@shown_to(Role.MODERATOR, without_factor=True)
def confirm_factor() -> ResponseReturnValue:
    """Switch the second factor on; all other tokens of this person end."""
    refuse_foreign()
    person, session, now = current_visitor(), db.session(), datetime.now(UTC)

    def check() -> list[str]:
        return second_factor.confirm_factor(
            session,
            person.id,
            "".join(_code().split()),
            privacy=_privacy(),
            hash_keys=token_key(),
            now=now,
        )

    try:
        codes = try_code(person.login, check)
    except ModerationError as error:
        return _refused(error)
    sessions.revoke_all(session, person.id, now, kept_token_id=person.token_id)
    session.commit()
    return show_account(codes=codes)


@bp.post("/account/second-factor/recovery")
@shown_to(Role.MODERATOR)
def renew_recovery() -> ResponseReturnValue:
    """Show new recovery codes; the ones before end."""
    refuse_foreign()
    person, session = current_visitor(), db.session()
    try:
        show_code(person.id, person.login, _code(), datetime.now(UTC))
    except ModerationError as error:
        return _refused(error)
    codes = second_factor.renew_recovery_codes(session, person.id, token_key())
    session.commit()
    return show_account(codes=codes)


@bp.post("/account/second-factor/remove")
@shown_to(Role.MODERATOR)
def remove_factor() -> ResponseReturnValue:
    """Switch the second factor off."""
    refuse_foreign()
    person, session = current_visitor(), db.session()
    try:
        show_code(person.id, person.login, _code(), datetime.now(UTC))
    except ModerationError as error:
        return _refused(error)
    second_factor.delete_factor(session, person.id)
    session.commit()
    return redirect(url_for(".read_account"), 303)


@bp.post("/account/sessions/end")
@shown_to(Role.MODERATOR, without_factor=True)
def end_other_sessions() -> ResponseReturnValue:
    """End the person's other sessions."""
    refuse_foreign()
    person, session = current_visitor(), db.session()
    start_writing(session)
    sessions.revoke_all(
        session,
        person.id,
        datetime.now(UTC),
        kept_token_id=person.token_id,
        personal=False,
    )
    session.commit()
    return redirect(url_for(".read_account"), 303)


def show_account(
    codes: list[str] | None = None,
    problem: str | None = None,
    done: str | None = None,
) -> str:
    """Return the page, with new recovery codes, or with what went wrong or well."""
    person, session = current_visitor(), db.session()
    enrolment = second_factor.find_pending(session, person.id, person.login, _privacy())
    is_on = second_factor.is_on(session, person.id)
    return render_template(
        "console/account/account.html",
        is_on=is_on,
        is_required=lacks_second_factor(person) and not is_on,
        enrolment=enrolment,
        qr=_drawn(enrolment.address) if enrolment else None,
        left=second_factor.count_recovery_codes(session, person.id),
        codes=codes,
        problem=problem,
        done=done,
        sessions=sessions.list_tokens(
            session, person.id, datetime.now(UTC), personal=False
        ),
        min_length=passwords.MIN_LENGTH,
        has_password=_has_password(session, person),
        token_scopes=list(TokenScope),
        kinds=CHOSEN,
        channels=NotificationChannel,
        chat_formats=ChatFormat,
        message_languages=LANGUAGES,
    )


def _refused(error: ModerationError, wrong: str | None = None) -> ResponseReturnValue:
    """Show the account with what is wrong: by default, the code is."""
    db.session.rollback()
    if isinstance(error, TooManyRequests):
        problem = told_to_wait(error)
    else:
        problem = wrong or t("account.login.wrong_code")
    page = show_account(problem=problem)
    return page, errors.status_of(error), errors.headers_of(error)


def _has_password(session: Session, person: Person) -> bool:
    """Return whether a password and its second factor let the person in."""
    staff = session.get(Staff, person.id)
    has_one = staff is not None and bool(staff.password_hash)
    return has_one and services().settings.local_login


def _drawn(address: str) -> Markup:
    """Return a QR code as SVG, black on white in the dark as well: phones need that."""
    code = segno.make(address, error="m")
    drawn: str = code.svg_inline(
        scale=MODULE_PX, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - drawn by us, holds no text


def _code() -> str:
    return request.form.get("code", "")[:LONGEST_CODE] or " "


def current_visitor() -> Person:
    """Return the person who looks; the page's guard lets in no one else."""
    person = visitor()
    if person is None:
        raise AssertionError("the guard is missing")
    return person


def _privacy() -> Privacy:
    return services().privacy
