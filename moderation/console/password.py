"""Pages to set a password: with a one-time link, or on the account page."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from moderation.accounts import credentials, passwords
from moderation.accounts.staff import Role
from moderation.api.account import change_own_password, use_link
from moderation.console.account import current_visitor, show_account
from moderation.console.blueprint import (
    bp,
    refuse_foreign,
    refuse_in_clear,
    shown_to,
    t,
)
from moderation.console.session import told_to_wait
from moderation.database import db
from moderation.errors import InvalidFields, ModerationError, NotFound, TooManyRequests
from moderation.web import errors
from moderation.web.auth import token_key
from moderation.web.services import services

TEMPLATE = "console/account/password.html"


@bp.get("/password/<token>")
def read_password_link(token: str) -> ResponseReturnValue:
    """Show the form of a one-time link."""
    _refuse_links()
    refuse_in_clear()
    _, staff = credentials.find_link(
        db.session(), token, hash_keys=token_key(), now=datetime.now(UTC)
    )
    return render_template(
        TEMPLATE, token=token, login=staff.login, problem=None, **_limits()
    )


@bp.post("/password/<token>")
def use_password_link(token: str) -> ResponseReturnValue:
    """Set the password, then let the person log in with it."""
    refuse_foreign()
    _refuse_links()
    refuse_in_clear()
    try:
        use_link(token, request.form.get("password", ""))
    except (InvalidFields, TooManyRequests) as error:
        db.session.rollback()
        _, staff = credentials.find_link(
            db.session(), token, hash_keys=token_key(), now=datetime.now(UTC)
        )
        page = render_template(
            TEMPLATE,
            token=token,
            login=staff.login,
            problem=_problem(error),
            **_limits(),
        )
        return page, errors.status_of(error), errors.headers_of(error)
    return redirect(url_for(".read_login"), 303)


@bp.post("/account/password")
@shown_to(Role.MODERATOR, without_factor=True)
def change_password() -> ResponseReturnValue:
    """Change the password; the person's other sessions end."""
    refuse_foreign()
    refuse_in_clear()
    person = current_visitor()
    form = {name: request.form.get(name, "") for name in ("old", "new")}
    try:
        change_own_password(person, form["old"], form["new"])
    except (InvalidFields, TooManyRequests) as error:
        db.session.rollback()
        page = show_account(problem=_problem(error))
        return page, errors.status_of(error), errors.headers_of(error)
    return show_account(done=t("account.password.changed"))


def _refuse_links() -> None:
    """Refuse the links of an installation without passwords as unknown.

    Raises
    ------
    NotFound
        If only the provider lets staff in.
    """
    if not services().settings.local_login:
        raise NotFound


def _problem(error: ModerationError) -> str:
    if isinstance(error, TooManyRequests):
        return told_to_wait(error)
    is_wrong = isinstance(error, InvalidFields) and "old_password" in error.fields
    if is_wrong:
        return t("account.password.wrong")
    return t("account.password.weak", count=passwords.MIN_LENGTH)


def _limits() -> dict[str, int]:
    return {"min_length": passwords.MIN_LENGTH}
