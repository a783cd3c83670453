"""Site keys of requests: what each may do, from where, and when it was last used."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import request

from moderation.database import db
from moderation.errors import OriginRefused, ScopeMissing
from moderation.sites import sites
from moderation.sites.key_uses import use_of
from moderation.sites.keys import BROWSER_SCOPES, KeyContext, KeyScope
from moderation.sites.sites import SiteContext
from moderation.web.last_use import record_after_response
from moderation.web.limits import allow
from moderation.web.origins import is_foreign
from moderation.web.services import services


def find_site(secret: str) -> SiteContext | None:
    """Return the site of a valid key, and record that the key is used."""
    now = datetime.now(UTC)
    site = sites.find_by_key(db.session(), secret, services().token_key, now)
    if site is not None:
        key = _key_of(site)
        if services().key_uses.is_due(key, now):
            record_after_response(
                use_of(key.id, services().token_key.hash(secret), now),
                f"site key {key.id}",
            )
    return site


def refuse_beyond_scope(
    site: SiteContext, scope: KeyScope, *, is_for_browsers: bool = True
) -> None:
    """Refuse a request that its key doesn't allow.

    From a page of another origin, every key has the scopes of a browser key alone:
    anyone who visits the page can read it.

    Parameters
    ----------
    is_for_browsers
        Whether browser keys with the scope may make the call.

    Raises
    ------
    OriginRefused
        If the page's origin isn't among those of a browser key.
    ScopeMissing
        Naming the scope.
    """
    key, origin = _key_of(site), _foreign_origin()
    if origin is not None and key.is_for_browsers and origin not in key.origins:
        raise OriginRefused
    if not key.has(scope):
        raise ScopeMissing(f"This key lacks the scope {scope}.")
    is_from_browser = origin is not None or key.is_for_browsers
    if is_from_browser and not (is_for_browsers and scope in BROWSER_SCOPES):
        raise ScopeMissing(f"This call needs the scope {scope}, outside a browser.")


def limit_page(site: SiteContext, limit: str, kind: str) -> None:
    """Count a call that a page makes with a browser key, by the network.

    What a page says of its origin can be made up by any program: this is what bounds
    the use of a key that was copied.

    Raises
    ------
    TooManyRequests
        If it is one too many; `limit` is as "10 per minute".
    """
    if _key_of(site).is_for_browsers:
        network = services().privacy.network(request.remote_addr)
        allow(limit, f"page {kind}", str(site.id), network)


def _key_of(site: SiteContext) -> KeyContext:
    if site.key is None:
        raise LookupError("the site was found without a key")
    return site.key


def _foreign_origin() -> str | None:
    """Return the origin of the page that sends the request, if it isn't ours."""
    origin = request.headers.get("Origin")
    return origin if origin is not None and is_foreign() else None
