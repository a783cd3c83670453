"""The origin of a request, and whether others can read it on its way."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from flask import request

from moderation.sites.protocols import is_localhost

#: What a browser says where a request comes from that no other site's page made.
OWN_FETCHES = ("same-origin", "none")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PORTS = {"http": 80, "https": 443}


def is_foreign() -> bool:
    """Tell whether another site's page has made the request.

    Browsers send `Sec-Fetch-Site` over https and to localhost alone. Over plain http,
    `Origin` or else `Referer` is held against `Host`. A program sends none of them: it
    has no cookie that another person could use.
    """
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched not in OWN_FETCHES
    origin = request.headers.get("Origin", request.headers.get("Referer"))
    return origin is not None and not _is_ours(origin)


def is_readable_by_others() -> bool:
    """Tell whether the request came in clear, and not from the same machine."""
    address = _split(request.host_url)
    return not request.is_secure and not is_localhost(address and address.hostname)


def _is_ours(origin: str) -> bool:
    theirs, ours = _split(origin), _split(request.host_url)
    if theirs is None or ours is None or theirs.scheme not in PORTS:
        return False  # `null`, for one: a page without an origin
    port = PORTS[theirs.scheme]  # a proxy may have taken TLS off
    has_same_port = (theirs.port or port) == (ours.port or port)
    return theirs.hostname == ours.hostname and has_same_port


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None
