"""Logging in and out by cookie, and the language of the pages."""

from __future__ import annotations

import re
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

from moderation import people
from moderation.api import errors
from moderation.api.auth import TOKEN_COOKIE
from moderation.api.session import open_session
from moderation.console.blueprint import LANGUAGE_COOKIE, bp, t, visitor
from moderation.console.texts import LANGUAGES, words
from moderation.database import db, start_writing
from moderation.errors import Forbidden, ModerationError, NotFound, TooManyRequests
from moderation.schemas.people import Credentials

#: What a browser says where a request comes from that no other site's page made.
OWN_FETCHES = ("same-origin", "none")
OURS = re.compile(r"/console/[\w/-]*(\?\S*)?")  # no dots: it leads nowhere else
LANGUAGE_LASTS = timedelta(days=365)
TEXTS_LAST = timedelta(days=365)  # a changed text is at another address


@bp.get("/login")
def read_login() -> ResponseReturnValue:
    """Show the form, or go on to the desk."""
    if visitor() is not None:
        return redirect(url_for(".read_desk"))
    return render_template("console/login.html", login="", problem=None)


@bp.post("/login")
def log_in() -> ResponseReturnValue:
    """Log in and keep the token in a cookie that no script can read."""
    _refuse_foreign()
    form = {name: request.form.get(name, "") for name in ("login", "password")}
    try:
        token, expires_at = open_session(**Credentials().load(form))
    except (ModerationError, ma.ValidationError) as error:
        db.session.rollback()
        problem, status = t("login.wrong"), 401
        if isinstance(error, TooManyRequests):
            problem, status = t("refused.too_many_requests"), errors.status_of(error)
        page = render_template(
            "console/login.html", login=form["login"], problem=problem
        )
        return page, status
    answer = redirect(url_for(".read_desk"), 303)
    answer.set_cookie(
        TOKEN_COOKIE,
        token,
        expires=expires_at,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return answer


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    """End the token, on every machine, and forget the cookie."""
    _refuse_foreign()
    person = visitor()
    if person is not None:
        session = db.session()
        start_writing(session)
        people.revoke_token(session, person.token_id, datetime.now(UTC))
        session.commit()
    answer = make_response(redirect(url_for(".read_login"), 303))
    answer.delete_cookie(TOKEN_COOKIE, httponly=True, samesite="Strict")
    return answer


@bp.post("/language")
def choose_language() -> ResponseReturnValue:
    """Show the pages in another language from now on, in this browser."""
    _refuse_foreign()
    code, back = request.form.get("language", ""), request.form.get("back", "")
    if code not in LANGUAGES:
        raise NotFound
    answer = redirect(_page_of_ours(back), 303)
    answer.set_cookie(
        LANGUAGE_COOKIE,
        code,
        max_age=LANGUAGE_LASTS,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
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


def _page_of_ours(address: str) -> str:
    """Return the address if it is one of our pages, else the desk's."""
    return address if OURS.fullmatch(address) else url_for(".read_desk")


def _refuse_foreign() -> None:
    """Refuse a form that another site's page has sent.

    Raises
    ------
    Forbidden
        If the browser says so.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_FETCHES:
        raise Forbidden(t("refused.foreign"))
