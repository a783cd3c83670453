"""Where a request comes from, and whether others can read it on its way."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from flask import request

#: What a browser says where a request comes from that no other site's page made.
OWN_FETCHES = ("same-origin", "none")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PORTS = {"http": 80, "https": 443}
LOCALHOST = "localhost"


def is_foreign() -> bool:
    """Tell whether another site's page has made the request.

    Browsers send `Sec-Fetch-Site` over https and to localhost alone. Over plain http,
    `Origin` or else `Referer` is held against `Host`. A program sends none of them: it
    has no cookie that somebody else could use.
    """
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched not in OWN_FETCHES
    origin = request.headers.get("Origin", request.headers.get("Referer"))
    return origin is not None and not _is_ours(origin)


def is_readable_by_others() -> bool:
    """Tell whether the request came in clear, and not from the same machine."""
    return not request.is_secure and not _is_local(_split(request.host_url))


def _is_ours(origin: str) -> bool:
    theirs, ours = _split(origin), _split(request.host_url)
    if theirs is None or ours is None or theirs.scheme not in PORTS:
        return False  # `null`, for one: a page without an origin
    port = PORTS[theirs.scheme]  # a proxy may have taken TLS off
    has_same_port = (theirs.port or port) == (ours.port or port)
    return theirs.hostname == ours.hostname and has_same_port


def _is_local(address: SplitResult | None) -> bool:
    """Return whether an address is this machine's, as browsers see it.

    Source: W3C Secure Contexts, section 3.1 (read 2026-11).
    """
    host = (address.hostname if address else None) or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == LOCALHOST or host.endswith(f".{LOCALHOST}")


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None
