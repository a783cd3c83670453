"""Cache times of public responses, for browsers and shared caches."""

from __future__ import annotations

from flask import Response, request

from moderation.sites.sites import SiteContext

PUBLIC_SECONDS = 30  # after a decision, a cache may hold the earlier page
STALE_SECONDS = 60  # longer, while a cache asks again


def cache(response: Response, site: SiteContext) -> Response:
    """Add an ETag, and let caches keep an answer; answer 304 where it is known.

    An answer to a browser key may be kept by all: the key is public, and every reader
    gets the same. Any other is the site's own.
    """
    control = response.cache_control
    if site.key is not None and site.key.is_for_browsers:
        control.public = True
        control.max_age = PUBLIC_SECONDS
        # RFC 5861, section 3; Werkzeug has no attribute for it.
        control["stale-while-revalidate"] = str(STALE_SECONDS)
        response.vary.add("Authorization")  # where the key isn't in the address
    else:
        control.private = True
        control.no_cache = True  # keep it, but ask whether it still holds
    response.add_etag()
    response.make_conditional(request)
    return response
