"""Logging in and out by cookie, and the desk."""

from __future__ import annotations

from datetime import UTC, datetime

import marshmallow as ma
from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from classifiers.labels import LABELS
from moderation import people
from moderation.api import errors
from moderation.api.auth import TOKEN_COOKIE, token_key
from moderation.api.session import open_session
from moderation.database import db, start_writing
from moderation.errors import Forbidden, ModerationError, TooManyRequests
from moderation.pages import answer_with_pages, harden
from moderation.people import Person
from moderation.policy import HOUSE_REASONS
from moderation.schemas.people import Credentials

bp = Blueprint(
    "console",
    __name__,
    url_prefix="/console",
    template_folder="templates",
    static_folder="static",
)

#: Key on the desk for each reason of the house; the labels have the digits.
HOUSE_KEYS = dict(zip(HOUSE_REASONS, "oipdx", strict=True))
#: What a browser says where a request comes from that no other site's page made.
OWN_FETCHES = ("same-origin", "none")


def _in_plain_words(error: ModerationError) -> str:
    if isinstance(error, TooManyRequests):
        return "Too many tries in a short time. Wait a minute and try again."
    return error.message


@bp.get("/")
def read_desk() -> ResponseReturnValue:
    """Show the desk to whoever is logged in."""
    person = _person()
    if person is None:
        return redirect(url_for(".read_login"))
    settings = current_app.extensions["settings"]
    return render_template(
        "console/desk.html",
        login=person.login,
        labels=LABELS,
        house=HOUSE_KEYS,
        undo_seconds=settings.undo_seconds,
        claim_minutes=settings.claim_minutes,
    )


@bp.get("/decided")
def read_decided() -> ResponseReturnValue:
    """Show what was decided lately to whoever is logged in."""
    person = _person()
    if person is None:
        return redirect(url_for(".read_login"))
    return render_template("console/decided.html", login=person.login)


@bp.get("/login")
def read_login() -> ResponseReturnValue:
    """Show the form, or go on to the desk."""
    if _person() is not None:
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
        problem, status = "Login or password is wrong.", 401
        if isinstance(error, TooManyRequests):
            problem, status = _in_plain_words(error), errors.status_of(error)
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
    person = _person()
    if person is not None:
        session = db.session()
        start_writing(session)
        people.revoke_token(session, person.token_id, datetime.now(UTC))
        session.commit()
    answer = make_response(redirect(url_for(".read_login"), 303))
    answer.delete_cookie(TOKEN_COOKIE, httponly=True, samesite="Strict")
    return answer


@bp.get("/<path:path>")
def miss(path: str) -> ResponseReturnValue:
    """Answer what is not here with a page."""
    raise NotFound("There is no such page.")


def _person() -> Person | None:
    token = request.cookies.get(TOKEN_COOKIE, "")
    now = datetime.now(UTC)
    return people.find_by_token(db.session(), token, token_key(), now)


def _refuse_foreign() -> None:
    """Refuse a form that another site's page has sent.

    Raises
    ------
    Forbidden
        If the browser says so.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_FETCHES:
        raise Forbidden("This form was sent by another site's page.")


answer_with_pages(bp, "console/refused.html", _in_plain_words)


@bp.after_request
def _prepare(response: Response) -> Response:
    """Harden the page; nobody keeps a copy of it."""
    harden(response)
    if request.endpoint != "console.static":
        response.cache_control.no_store = True
    return response
