"""Choices for this browser: language, theme, site. Each is a cookie."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import timedelta

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from moderation.console.blueprint import (
    ALL_SITES,
    LANGUAGE_COOKIE,
    SITE_COOKIE,
    THEME_COOKIE,
    THEMES,
    bp,
    refuse_foreign,
    visitor,
)
from moderation.console.texts import LANGUAGES
from moderation.errors import NotFound
from moderation.web.cookies import give_cookie

OURS = re.compile(r"/console/[\w/-]*(\?\S*)?")  # no dots: it leads nowhere else
CHOICE_LASTS = timedelta(days=365)


@bp.post("/language")
def choose_language() -> ResponseReturnValue:
    """Show the pages in another language from now on, in this browser."""
    return _keep(LANGUAGE_COOKIE, request.form.get("language", ""), LANGUAGES)


@bp.post("/theme")
def choose_theme() -> ResponseReturnValue:
    """Show the pages light, dark, or as the system has it, in this browser."""
    return _keep(THEME_COOKIE, request.form.get("theme", ""), THEMES)


@bp.post("/site")
def choose_site() -> ResponseReturnValue:
    """Show one of the person's sites from now on, or all of them, in this browser.

    The form has the site's id or, of one just added, its name.
    """
    person = visitor()
    sites = person.sites if person else {}
    ids = {str(site_id) for site_id in sites}
    by_name = {name: str(site_id) for site_id, name in sites.items()}
    choice = request.form.get("site", "")
    return _keep(SITE_COOKIE, by_name.get(choice, choice), {ALL_SITES} | ids)


def _keep(cookie: str, choice: str, choices: Container[str]) -> ResponseReturnValue:
    """Keep a choice, and lead back to the page where it was made.

    Raises
    ------
    NotFound
        If there is no such choice.
    """
    refuse_foreign()
    if choice not in choices:
        raise NotFound
    back = request.form.get("back", "")
    page = back if OURS.fullmatch(back) else url_for(".read_desk")
    answer = redirect(page, 303)
    give_cookie(answer, cookie, choice, max_age=CHOICE_LASTS, samesite="Lax")
    return answer
