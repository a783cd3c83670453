"""The caller of a request: a site with its key, or a person with a token."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from flask import g, request

from moderation.accounts import scope, sessions
from moderation.accounts.staff import Person, Role, TokenScope, allows
from moderation.database import db
from moderation.errors import (
    Forbidden,
    NotFound,
    ScopeMissing,
    SecondFactorRequired,
    Unauthenticated,
)
from moderation.keyed_hashes import HashKeys
from moderation.review.moderator import Moderator
from moderation.sites import keys, sites
from moderation.sites.keys import KeyScope
from moderation.sites.sites import SiteContext
from moderation.web.actors import act_as_person, act_as_site
from moderation.web.cookies import read_cookie
from moderation.web.last_use import record_after_response
from moderation.web.openapi import documented
from moderation.web.origins import SAFE_METHODS, is_foreign
from moderation.web.services import services
from moderation.web.site_keys import find_site, refuse_beyond_scope

View = TypeVar("View", bound=Callable[..., Any])

#: Holds a moderator's token; scripts can't read it.
TOKEN_COOKIE = "moderation_token"  # noqa: S105 - a name, no secret
#: Sent by the console's own scripts, which makes the cookie count.
CONSOLE_HEADER = "X-Moderation-Console"

#: The least role that needs a second factor, for each value of the setting.
REQUIRED_OF = {
    "none": None,
    "admins": Role.ADMIN,
    "leads": Role.LEAD,
    "all": Role.MODERATOR,
}


def needs_site(scope: KeyScope, *, takes_query: bool = False) -> Callable[[View], View]:
    """Let in a site's key with a scope only; `current_site()` then tells which.

    Parameters
    ----------
    takes_query
        Whether a browser key may be the parameter `key`: a cache then tells sites apart
        by the address, and browsers send no preflight.
    """

    def admit() -> None:
        if takes_query and is_key_in_query():
            g.site = _site_of_page(request.args["key"], scope)
            return
        g.site = _site(scope) or _refuse("This is for sites, not for staff.")

    return lambda view: _guarded(view, admit, 401, 403, site_scope=scope)


def needs_staff(view: View) -> View:
    """Let in a person's token only; `current_person()` then tells who."""

    def admit() -> None:
        g.person = _person() or _refuse("This is for staff, not for site keys.")

    return _guarded(view, admit, 401, 403, is_for_staff=True)


def needs_login(view: View) -> View:
    """Let in a session, also of a person who must first get a second factor.

    A personal API token is refused: it must not give itself further rights.
    """

    def admit() -> None:
        person = _person(may_lack_factor=True)
        g.person = person or _refuse("This is for staff, not for site keys.")
        refuse_personal_token()

    return _guarded(view, admit, 401, 403, is_for_staff=True)


def needs_reader(scope: KeyScope) -> Callable[[View], View]:
    """Let in staff, and a site's key with a scope.

    `readable_sites()` then tells what they may read.
    """

    def admit() -> None:
        site = _site(scope)
        if site is not None:
            g.readable, g.person = [site.id], None
        else:
            person = _person()
            g.readable = person.site_ids(Role.MODERATOR) if person else []
            g.person = person

    return lambda view: _guarded(
        view, admit, 401, 403, site_scope=scope, is_for_staff=True
    )


def _guarded(
    view: View,
    admit: Callable[[], None],
    *statuses: int,
    site_scope: KeyScope | None = None,
    is_for_staff: bool = False,
) -> View:
    """Let a check come before a view, and document it.

    Parameters
    ----------
    site_scope
        Which site keys are let in; also readable from the view, as `scope`. None: no
        site keys are.
    """

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        admit()
        return view(*args, **kwargs)

    guarded.admit = admit  # type: ignore[attr-defined]  # read by `strictness`
    security: list[dict[str, list[str]]] = []
    if site_scope is not None:
        guarded.scope = site_scope  # type: ignore[attr-defined]  # read by tests
        security.append({"siteKey": [site_scope.value]})
    if is_for_staff:
        security.append({"staffToken": []})
    return documented(cast(View, guarded), *statuses, security=security)


def readable_sites() -> list[int]:
    """Return the ids of the sites that the caller may read."""
    sites: list[int] = g.readable
    return sites


def reading_person() -> Person | None:
    """Return the person who reads; None: a site does."""
    person: Person | None = g.person
    return person


def current_site() -> SiteContext:
    """Return the site whose key was shown."""
    site: SiteContext = g.site
    return site


def current_person() -> Person:
    """Return the person whose token was shown."""
    person: Person = g.person
    return person


def current_moderator() -> Moderator:
    """Return the person whose token was shown, as the one who decides."""
    person = current_person()
    return Moderator(
        staff_id=person.id,
        site_ids=person.site_ids(Role.MODERATOR),
        lead_scope=person.scope(Role.LEAD),
    )


def refuse_personal_token() -> None:
    """Refuse a personal API token, which must not give itself further rights.

    Raises
    ------
    Forbidden
        If the request shows one.
    """
    if current_person().token_scopes is not None:
        raise Forbidden("This needs a log-in; a personal API token isn't enough.")


def site_for(role: Role, name: str) -> int:
    """Return the ID of a site where the person has a role.

    A moderator may be limited to sections there, a lead or an admin not.

    Raises
    ------
    NotFound
        If the person has no role there, or there is no such site.
    Forbidden
        If the person's role is a lower one.
    """
    person = current_person()
    site_id = next((key for key, value in person.sites.items() if value == name), None)
    if site_id is None:
        raise NotFound("There is no such site.")
    if site_id not in person.site_ids(role):
        raise Forbidden(f"This needs the role {role} at the site.")
    is_whole = site_id in person.whole_site_ids(role)
    if role is not Role.MODERATOR and not is_whole:
        raise Forbidden(f"This needs the role {role} in the whole site.")
    return site_id


def asked_sites(query: Mapping[str, Any]) -> list[int]:
    """Return the ids of the sites that a moderator asks for: one, or all of them.

    Raises
    ------
    NotFound, Forbidden
        As `site_for`, if `site` names one.
    """
    if "site" in query:
        return [site_for(Role.MODERATOR, query["site"])]
    return current_person().site_ids(Role.MODERATOR)


def find_person(token: str) -> Person | None:
    """Return who holds a valid token; the database session is theirs from then on.

    It shows them no more than their sites and sections. The use of the token is
    recorded, to the minute.
    """
    session, now = db.session(), datetime.now(UTC)
    minutes = services().settings.session_idle_minutes
    holder = sessions.find_by_token(
        session,
        token,
        hash_keys=token_key(),
        now=now,
        idle=timedelta(minutes=minutes) if minutes else None,
    )
    if holder is None:
        return None
    person = holder.person
    scope.limit(session, person.scope(Role.MODERATOR), person.id)
    if sessions.is_use_due(holder, now):
        use = sessions.use_of(person.token_id, token_key().hash(token), now)
        record_after_response(use, f"staff token {person.token_id}")
    return person


def _is_reading() -> bool:
    return request.method in SAFE_METHODS


def lacks_second_factor(person: Person) -> bool:
    """Return whether the installation wants a second factor that is not there."""
    required_of = REQUIRED_OF[services().settings.require_totp]
    return person.lacks_second_factor(required_of)


def token_key() -> HashKeys:
    """Return the keys under which site keys and staff tokens are hashed."""
    return services().token_key


def _credential() -> str:
    """Return what the Authorization header carries, or the console's cookie.

    Raises
    ------
    Unauthenticated
        If neither has a credential.
    """
    # No other site's page can send this header along with the cookie; one that could
    # would still name itself.
    if "Authorization" not in request.headers and CONSOLE_HEADER in request.headers:
        if request.method not in SAFE_METHODS and is_foreign():
            raise Unauthenticated
        return read_cookie(TOKEN_COOKIE) or _refuse_all()
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated
    return credential.strip()


def _refuse_all() -> str:
    raise Unauthenticated


def is_key_in_query() -> bool:
    """Return whether the request shows its key in the query, and nowhere else."""
    return "key" in request.args and "Authorization" not in request.headers


def admit_page(scope: KeyScope) -> SiteContext:
    """Return the site of the browser key in the query, for our own page.

    Raises
    ------
    Unauthenticated
        If there is none, or it isn't valid.
    ScopeMissing
        Naming the scope.
    """
    return _site_of_page(request.args.get("key", ""), scope)


def _site_of_page(secret: str, scope: KeyScope) -> SiteContext:
    """Return the site of a key in a query, where logs keep it: a browser key."""
    g.pop("site", None)
    site = find_site(secret) if keys.is_key_format(secret) else None
    if site is None or site.key is None or not site.key.is_for_browsers:
        raise Unauthenticated("Only a browser key may be in the query.")
    return _admitted(site, scope)


def _site(scope: KeyScope) -> SiteContext | None:
    g.pop("site", None)
    credential = _credential()
    if credential.startswith(sessions.TOKEN_PREFIX):
        return None
    site = find_site(credential)
    if site is None:
        raise Unauthenticated
    return _admitted(site, scope)


def _admitted(site: SiteContext, scope: KeyScope) -> SiteContext:
    act_as_site(site)
    g.site = site  # CORS headers are granted to a refusal, too
    refuse_beyond_scope(site, scope)
    return site


def _person(*, may_lack_factor: bool = False) -> Person | None:
    credential = _credential()
    if keys.is_key_format(credential):
        return None
    person = find_person(credential)
    if person is None:
        raise Unauthenticated
    if person.token_scopes is not None:
        needed = TokenScope.READ if _is_reading() else TokenScope.MODERATE
        if not allows(person.token_scopes, needed):
            raise ScopeMissing(f"This needs a token with the scope {needed}.")
    if not may_lack_factor and lacks_second_factor(person):
        raise SecondFactorRequired
    act_as_person(person.id)
    return person


def _refuse(message: str) -> Any:
    """Refuse the wrong kind of credential, if it is a valid one of its kind.

    Raises
    ------
    Unauthenticated, Forbidden
        If no one holds it; if someone does.
    """
    credential = _credential()
    if keys.is_key_format(credential):
        known: object = sites.find_by_key(db.session(), credential, token_key())
    else:
        known = find_person(credential)
    raise Forbidden(message) if known else Unauthenticated()
