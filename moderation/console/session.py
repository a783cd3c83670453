"""Logging in and out by cookie, and the words of the pages."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import marshmallow as ma
from flask import (
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer

from moderation.accounts import memberships, sessions
from moderation.api.session_bodies import Credentials
from moderation.console.blueprint import (
    bp,
    refuse_foreign,
    refuse_in_clear,
    t,
    visitor,
)
from moderation.console.texts import LANGUAGES, words
from moderation.database import db, start_writing
from moderation.errors import (
    ModerationError,
    NotFound,
    SecondFactorNeeded,
    TooManyRequests,
)
from moderation.tables.accounts import Staff
from moderation.web import errors
from moderation.web.auth import TOKEN_COOKIE, token_key
from moderation.web.cookies import forget_cookie, give_cookie
from moderation.web.login import find_person, issue, refuse_passwords
from moderation.web.services import services

TICKET_SECONDS = 5 * 60  # to find the phone
MINUTE_SECONDS = 60
LONGEST_CODE = 64  # characters
TEXTS_LAST = timedelta(days=365)  # a changed text is at another address


@bp.get("/login")
def read_login() -> ResponseReturnValue:
    """Show the form, or go on to where the person's work begins."""
    person = visitor()
    if person is not None:
        return redirect(first_page(person.id))
    refuse_in_clear()
    return render_template("console/account/login.html", login="", problem=None)


@bp.post("/login")
def log_in() -> ResponseReturnValue:
    """Log in, or ask for the code; the token is in a cookie that no script reads."""
    refuse_foreign()
    refuse_passwords()
    refuse_in_clear()
    form = {name: request.form.get(name, "") for name in ("login", "password")}
    try:
        staff = find_person(**Credentials().load(form))
    except (ModerationError, ma.ValidationError) as error:
        return _asked_again("console/account/login.html", error, login=form["login"])
    return _let_in(staff, None)


@bp.post("/login/code")
def show_code() -> ResponseReturnValue:
    """Log in with the code, after the password was right."""
    refuse_foreign()
    refuse_passwords()
    refuse_in_clear()
    staff = _holder(request.form.get("ticket", ""))
    if staff is None:
        return redirect(url_for(".read_login"), 303)
    return _let_in(staff, request.form.get("code", "")[:LONGEST_CODE] or " ")


def _let_in(staff: Staff, code: str | None) -> ResponseReturnValue:
    """Give the browser its cookie, or ask for the code."""
    ticket = _tickets().dumps([staff.id, _state(staff)])
    try:
        token, expires_at = issue(staff, code)
    except SecondFactorNeeded:
        db.session.rollback()
        return render_template("console/account/code.html", ticket=ticket, problem=None)
    except ModerationError as error:
        return _asked_again("console/account/code.html", error, ticket=ticket)
    answer = redirect(first_page(staff.id), 303)
    give_cookie(answer, TOKEN_COOKIE, token, expires=expires_at, samesite="Strict")
    return answer


def first_page(staff_id: int) -> str:
    """Return the page after a log-in: the overview of leads, the desk of others."""
    is_lead = memberships.leads_anywhere(db.session(), staff_id)
    return url_for("console.read_overview" if is_lead else "console.read_desk")


def _asked_again(
    template: str, error: ModerationError | ma.ValidationError, **values: str
) -> ResponseReturnValue:
    db.session.rollback()
    if isinstance(error, TooManyRequests):
        page = render_template(template, problem=told_to_wait(error), **values)
        return page, errors.status_of(error), errors.headers_of(error)
    if "ticket" in values:
        problem = t("account.login.wrong_code")
    else:
        problem = t("account.login.wrong")
    return render_template(template, problem=problem, **values), 401


def told_to_wait(error: TooManyRequests) -> str:
    """Return how long a person has to wait, in words."""
    seconds = error.retry_after_seconds
    if seconds < 2 * MINUTE_SECONDS:
        return t("account.login.wait_seconds", count=seconds)
    return t("account.login.wait_minutes", count=math.ceil(seconds / MINUTE_SECONDS))


def _tickets() -> URLSafeTimedSerializer:
    """Return what signs that someone's password was right a moment ago."""
    oldest_first = [key.secret for key in reversed(services().token_key.keys)]
    return URLSafeTimedSerializer(oldest_first, salt="second-factor")


def _holder(ticket: str) -> Staff | None:
    """Return whose password was right, unless it was long ago or has changed."""
    try:
        staff_id, state = _tickets().loads(ticket, max_age=TICKET_SECONDS)
    except BadData:
        return None
    staff = db.session.get(Staff, staff_id)
    is_same = staff is not None and _state(staff) == state
    return staff if is_same else None


def _state(staff: Staff) -> str:
    """Return what a changed password, or a closed account, makes another."""
    return token_key().hash(f"{staff.password_hash} {staff.disabled_at}")


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    """End the token, on every machine, and forget the cookie."""
    refuse_foreign()
    person = visitor()
    if person is not None:
        session = db.session()
        start_writing(session)
        sessions.revoke_token(session, person.id, person.token_id, datetime.now(UTC))
        session.commit()
    answer = make_response(redirect(url_for(".read_login"), 303))
    forget_cookie(answer, TOKEN_COOKIE, samesite="Strict")
    return answer


@bp.get("/texts/<code>.json")
def read_texts(code: str) -> ResponseReturnValue:
    """Give the scripts of a page the words of its language."""
    if code not in LANGUAGES:
        raise NotFound
    answer = Response(words(code).as_json, mimetype="application/json")
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    answer.cache_control.max_age = int(TEXTS_LAST.total_seconds())
    return answer
