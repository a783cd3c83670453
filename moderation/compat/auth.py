"""Authentication of the compatibility APIs, by site key."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import g

from moderation.errors import Forbidden, Unauthenticated
from moderation.sites import keys
from moderation.sites.keys import KeyScope
from moderation.sites.protocols import Protocol
from moderation.sites.sites import SiteContext
from moderation.web.actors import act_as_site
from moderation.web.auth import token_key
from moderation.web.limits import allow
from moderation.web.openapi import documented
from moderation.web.services import services
from moderation.web.site_keys import find_site, refuse_beyond_scope

View = TypeVar("View", bound=Callable[..., Any])


def needs_key(
    protocol: Protocol,
    find: Callable[..., str | None],
    scope: KeyScope,
    *,
    is_for_browsers: bool = True,
) -> Callable[[View], View]:
    """Require a site key, which `find` reads, with a scope, and an enabled protocol.

    `current_site()` of the API's own guards then tells which site it is. `find` gets
    the view's arguments. The view has the scope as an attribute.
    """

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            key = find(*args, **kwargs)
            enter(protocol, key, scope, is_for_browsers=is_for_browsers)
            return view(*args, **kwargs)

        guarded.scope = scope  # type: ignore[attr-defined]  # read by tests
        security = [{"siteKey": [scope.value]}]
        return documented(cast(View, guarded), security=security)

    return guard


def enter(
    protocol: Protocol,
    key: str | None,
    scope: KeyScope,
    *,
    is_for_browsers: bool = True,
) -> SiteContext:
    """Return the site of a key, after counting the request.

    Parameters
    ----------
    is_for_browsers
        Whether browser keys with the scope may make the call.

    Raises
    ------
    Unauthenticated
        If there is no key (`NoKey`), or it opens nothing.
    Forbidden
        If the protocol is switched off at the site, or the key doesn't allow the call
        (`ScopeMissing`, `OriginRefused`).
    TooManyRequests
        If the key is used too often.
    """
    g.pop("site", None)
    if not key:
        raise NoKey
    if not keys.is_key_format(key):
        raise Unauthenticated
    site = find_site(key)
    if site is None:
        raise Unauthenticated
    if not site.integrations.speaks(protocol):
        raise Forbidden(f"{protocol} is switched off at this site.")
    g.site = site
    act_as_site(site)
    count(protocol, token_key().hash(key))
    refuse_beyond_scope(site, scope, is_for_browsers=is_for_browsers)
    return site


def count(protocol: Protocol, who: str) -> None:
    """Count one request against the site's limit.

    Raises
    ------
    TooManyRequests
        If it is one too many.
    """
    allow(services().settings.compat_limit, f"compat-{protocol}", who)


def signed(view: View) -> View:
    """Mark a view that checks the site's signature itself."""
    return documented(view, security=[{"siteKey": []}])


class NoKey(Unauthenticated):
    """A site key is needed."""

    code = "no_key"
