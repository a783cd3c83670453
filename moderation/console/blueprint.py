"""Shared parts of all console pages: language, visitor, errors, headers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Blueprint, Response, redirect, request, url_for

from moderation.accounts.staff import ROLE_ORDER, Person, Role
from moderation.console import palette
from moderation.console.navigation import BLIND, GROUPS, NavigationEntry, pages_of
from moderation.console.texts import LANGUAGES, words
from moderation.database import db
from moderation.errors import Forbidden
from moderation.languages.registry import DEFAULT
from moderation.languages.words import Words
from moderation.monitoring import shadow
from moderation.web.actors import act_as_person
from moderation.web.auth import TOKEN_COOKIE, find_person, lacks_second_factor
from moderation.web.cookies import read_cookie
from moderation.web.origins import is_foreign, is_readable_by_others
from moderation.web.pages import answer_with_pages, harden
from moderation.web.services import services

View = TypeVar("View", bound=Callable[..., Any])

bp = Blueprint(
    "console",
    __name__,
    url_prefix="/console",
    template_folder="templates",
    static_folder="static",
)

VISITOR = "moderation.visitor"  # in the request's environment, once asked for
LANGUAGE_COOKIE = "moderation_language"
THEME_COOKIE = "moderation_theme"
THEMES = ("system", "light", "dark")
SITE_COOKIE = "moderation_site"  # the id of the site that the pages are about
ALL_SITES = "all"
#: May be kept: they hold nothing of anybody, and their address changes with them.
KEPT = ("console.static", "console.read_texts")


def t(key: str, **values: object) -> str:
    """Return a text in the reader's language."""
    return spoken()(key, **values)


def spoken() -> Words:
    """Return the texts in the language chosen, or in the one that is asked for."""
    chosen = read_cookie(LANGUAGE_COOKIE)
    if chosen not in LANGUAGES:
        asked = request.accept_languages.best_match(list(LANGUAGES))
        chosen = asked or DEFAULT
    return words(chosen)


def visitor() -> Person | None:
    """Return who looks, by the cookie; None for who is not logged in."""
    if VISITOR not in request.environ:
        person = find_person(read_cookie(TOKEN_COOKIE))
        is_session = person is not None and person.token_scopes is None
        request.environ[VISITOR] = person if is_session else None
    found: Person | None = request.environ[VISITOR]
    if found is not None:
        act_as_person(found.id)
    return found


def chosen_site(person: Person) -> str | None:
    """Return the name of the site that the person works at; None for all of theirs."""
    if len(person.sites) == 1:
        return next(iter(person.sites.values()))
    chosen = read_cookie(SITE_COOKIE) or ALL_SITES
    return {str(each): name for each, name in person.sites.items()}.get(chosen)


def shown_to(role: Role, *, without_factor: bool = False) -> Callable[[View], View]:
    """Show a page to people with a role at any site; send others to log in.

    What the page shows is asked of the API, which guards each site by itself.

    Parameters
    ----------
    without_factor
        Also to a person who must first switch a second factor on.
    """

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            person = visitor()
            if person is None:
                return redirect(url_for("console.read_login"))
            if lacks_second_factor(person) and not without_factor:
                return redirect(url_for("console.read_account"))
            if not person.site_ids(role):
                raise Forbidden(t("refused.role", role=t(f"role.{role}")))
            return view(*args, **kwargs)

        guarded.shown_to = role  # type: ignore[attr-defined]  # a test reads it
        return cast(View, guarded)

    return guard


def refuse_foreign() -> None:
    """Refuse a form that another site's page has sent.

    Raises
    ------
    Forbidden
        If the browser says so, or it names another site.
    """
    if is_foreign():
        raise Forbidden(t("refused.foreign"))


def refuse_in_clear() -> None:
    """Refuse to take a password that others could read on its way.

    Raises
    ------
    Forbidden
        If it would come over plain http from another machine, unless that is allowed.
    """
    if is_readable_by_others() and not services().settings.login_over_http:
        raise Forbidden(t("refused.in_clear"))


@bp.context_processor
def _offer() -> dict[str, Any]:
    """Give every page its words, the bar, and the ways to log in."""
    found, person = spoken(), request.environ.get(VISITOR)
    theme = read_cookie(THEME_COOKIE)
    return {
        "t": found,
        "language": found.language,
        "languages": LANGUAGES.values(),
        "texts": url_for(
            "console.read_texts", code=found.language.code, v=found.version
        ),
        "theme": theme if theme in THEMES else THEMES[0],
        "themes": THEMES,
        "person": person,
        "chosen_site": chosen_site(person) if person else None,
        "own_sites": _sites(person) if person else [],
        "role": _role(person) if person else None,
        "pages": _pages(person) if person else [],
        "groups": GROUPS,
        "palette_actions": palette.actions_of(person) if person else [],
        "has_passwords": services().settings.local_login,
        "has_provider": services().provider is not None,
    }


def _sites(person: Person) -> list[tuple[str, int]]:
    """Return names and ids of the person's sites, in the order of the names."""
    return sorted((name, site_id) for site_id, name in person.sites.items())


def _role(person: Person) -> Role | None:
    """Return the highest role that the person has at any site."""
    return next((each for each in reversed(ROLE_ORDER) if person.site_ids(each)), None)


def _pages(person: Person) -> list[NavigationEntry]:
    """Return the pages of the bar; blind looks only where there are some to take."""
    sites = person.site_ids(Role.MODERATOR)
    is_judging = bool(sites) and shadow.is_running(db.session(), sites)
    return pages_of(person, without=() if is_judging else (BLIND,))


def _in_plain_words(code: str, message: str) -> str:
    """Say what went wrong; what the catalogue doesn't know stays as it is."""
    known = f"refused.{code}" in spoken()
    return t(f"refused.{code}") if known else message


answer_with_pages(bp, "console/shared/refused.html", _in_plain_words)


@bp.after_request
def _prepare(response: Response) -> Response:
    """Harden the page; no one keeps a copy of it."""
    harden(response)
    if request.endpoint not in KEPT:
        response.cache_control.no_store = True
    return response
