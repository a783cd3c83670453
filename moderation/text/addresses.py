"""Spellings of a web address: which ones name the same article."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from urllib.parse import quote, urlsplit


class Folding(StrEnum):
    """Further differences between addresses that a site can ignore."""

    TRAILING_SLASH = "trailing_slash"  #: `/a/` is `/a`
    DOUBLE_SLASHES = "double_slashes"  #: `//a` is `/a`
    WWW = "www"  #: `www.news.example` is `news.example`
    PATH_CASE = "path_case"  #: `/A` is `/a`
    PARAMETERS = "parameters"  #: `?page=2` is nothing


DEFAULT_PORTS = (80, 443)
#: Parameters that tell who clicked, or where: they never choose the page. Google's are
#: all that begin with `utm_`, `_ga`, `_gl`, `gad_source`, and those that end in `clid`,
#: `braid`, or `clsrc`. The others are click, mail, and visitor identifiers as listed in
#: github.com/henkisdabro/platform-url-click-id-parameters (parameter_array.js, read
#: 2026-11-30), without generic names that choose a page elsewhere (`cid`, `si`, …).
TRACKING_PREFIX = "utm_"
_TRACKING = """
__hsfp __hssc __hstc __s _branch_match_id _branch_referrer _ga _gl _hsenc _hsmi _ke
_kx _openstat awclid ck_subscriber_id dclid dicbo ef_id epik fb_action_ids
fb_action_types fb_ref fb_source fbclid gad_source gbraid gclid gclsrc guce_referrer
guce_referrer_sig hsctatracking igsh igshid irclickid li_fat_id mc_cid mc_eid
mkt_tok ml_subscriber ml_subscriber_hash msclkid mtm_cid oly_anon_id oly_enc_id
pk_cid rb_clickid rdt_cid s_cid s_kwcid srsltid ss_email_id tblci ttclid twclid
vero_conv vero_id wbraid wickedid yclid ysclid
"""
TRACKING = frozenset(_TRACKING.split())

_SLASHES = re.compile(r"/{2,}")
_ENCODED = re.compile(r"%[0-9a-fA-F]{2}")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def fold_address(text: str, folding: Collection[Folding] = ()) -> str:
    """Return one spelling for all addresses that name the same page.

    Scheme, case of the host, default ports, the fragment, and `TRACKING` parameters
    never count, nor how letters are encoded. A fragment that begins with `!` chooses a
    page, and stays. Text that is no address of the web is returned as it is.

    >>> fold_address("HTTP://News.example:80/a?utm_source=x&fbclid=1&page=2#comments")
    'https://news.example/a?page=2'
    >>> fold_address("https://news.example/a/", {Folding.TRAILING_SLASH})
    'https://news.example/a'
    >>> fold_address("article 42")
    'article 42'
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return text
    if parts.scheme not in ("http", "https") or not host:
        return text
    host = _fold_host(host, folding)
    place = host if port in (None, *DEFAULT_PORTS) else f"{host}:{port}"
    if "@" in parts.netloc:
        place = f"{parts.netloc.rpartition('@')[0]}@{place}"
    query = "" if Folding.PARAMETERS in folding else _without_tracking(parts.query)
    page = parts.fragment if parts.fragment.startswith("!") else ""
    path = _fold_path(parts.path, folding)
    return (
        f"https://{place}{path}"
        f"{'?' if query else ''}{_encoded(query)}{'#' if page else ''}{_encoded(page)}"
    )


def _fold_host(host: str, folding: Collection[Folding]) -> str:
    host = host.rstrip(".")
    if Folding.WWW in folding and host.count(".") > 1:
        host = host.removeprefix("www.")
    return f"[{host}]" if ":" in host else host


def _fold_path(path: str, folding: Collection[Folding]) -> str:
    if Folding.DOUBLE_SLASHES in folding:
        path = _SLASHES.sub("/", path)
    if Folding.TRAILING_SLASH in folding:
        path = path.rstrip("/")
    if Folding.PATH_CASE in folding:
        path = path.lower()
    return _encoded(path) or "/"


def _without_tracking(query: str) -> str:
    kept = []
    for parameter in query.split("&"):
        name = parameter.partition("=")[0].lower()
        if name and name not in TRACKING and not name.startswith(TRACKING_PREFIX):
            kept.append(parameter)
    return "&".join(kept)


def _encoded(text: str) -> str:
    """Return a text with letters encoded as browsers do (RFC 3986, section 6.2.2.1)."""
    ascii_text = quote(text, safe=_ASCII, errors="replace")
    return _ENCODED.sub(lambda found: found[0].upper(), ascii_text)
