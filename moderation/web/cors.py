"""Cross-origin requests from browsers, by the origins of keys and sites."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, request

from moderation.database import db
from moderation.sites import keys
from moderation.sites.sites import SiteContext

CACHED_SECONDS = "600"  # how long a browser may cache the response to a preflight
HEADERS = "Authorization, Content-Type, X-Goog-Api-Key"
UNAVAILABLE = 503


def let_in(
    response: Response, site: SiteContext | None, *, takes_site_origins: bool = False
) -> Response:
    """Add the CORS headers if the request's key allows the page's origin.

    A preflight carries no header with a key. Without a key in the query, its origin
    must be one of any browser key: the request itself is held against its own key.

    Parameters
    ----------
    site
        The site of the request's key, with that key; None if there is no valid one.
    takes_site_origins
        Let keys without a choice of scopes in from the origins of their site, as
        before there were browser keys.

    Notes
    -----
    Any page's script may read that the service is unavailable: which pages a key lets
    in may be what can't be read then, and the answer is the same for all.
    """
    # A cache must not hand what was sent to one page to another, or to none.
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None:
        return response
    is_preflight = request.method == "OPTIONS"
    if response.status_code == UNAVAILABLE and not is_preflight:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        return response
    if site is not None:
        is_let_in = _is_of_site(site, origin, takes_site_origins)
    else:
        is_let_in = is_preflight and keys.is_origin_of_key(
            db.session(), origin, datetime.now(UTC)
        )
    if not is_let_in:
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    if is_preflight:
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = HEADERS
        response.headers["Access-Control-Max-Age"] = CACHED_SECONDS
    else:
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def _is_of_site(site: SiteContext, origin: str, takes_site_origins: bool) -> bool:
    key = site.key
    if key is None:
        return False
    if key.has_all_scopes and takes_site_origins:
        return origin in site.integrations.origins
    return origin in key.origins
