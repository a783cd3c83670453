"""Hosts in a text, and the listed domains that they belong to."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from classifiers.text import characters
from moderation.text.public_suffixes import public_suffixes

#: Characters of a host name; RFC 1035 2.3.4.
MAX_HOST_LENGTH = 253
#: Hosts of one text that are looked at.
MAX_HOSTS = 500

_SCHEME = re.compile(r"(?:https?|hxxps?|ftp)://(?:[^\s/@]*@)?", re.IGNORECASE)
_DOT = re.compile(r"\[\.\]|\(\.\)|\{\.\}|[\[({]dot[\])}]|[。．｡]", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w@.-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,126}[^\W_][\w-]*")
#: A letter, digit, or sign of an address as RFC 3986 section 2.1 writes it, perhaps
#: several times over.
_ENCODED = re.compile(
    r"%(?:25){0,3}(2[def]|3[0-9af]|4[0-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])", re.IGNORECASE
)
_MISPLACED = re.compile(r"[^\w.-]", re.UNICODE)


class InvalidDomain(ValueError):
    """No one can register this domain; the message gives the reason."""


def normalize_domain(entry: str) -> str:
    """Return a domain, normalized for comparison.

    Raises
    ------
    InvalidDomain
        If it is none, or a suffix under which anybody registers.

    Examples
    --------
    >>> normalize_domain("https://www.Casino.example.com:443/")
    'casino.example.com'
    """
    host = _SCHEME.sub("", entry.strip().lower())
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rpartition("@")[2]
    host = re.sub(r":\d+$", "", host).strip(".").removeprefix("www.")
    if _is_ip(host):
        return host
    host = _ascii(host)
    if not host or len(host) > MAX_HOST_LENGTH or _MISPLACED.search(host):
        raise InvalidDomain("Not a domain.")
    parts = public_suffixes()(host)
    if not parts.suffix:
        raise InvalidDomain("Not a domain: it ends in no public suffix.")
    if not parts.domain:
        raise InvalidDomain("A public suffix: everybody registers under it.")
    return host


def list_hosts(text: str) -> list[str]:
    """Return the hosts that a text links to or names, in order.

    >>> list_hosts("See hxxp://casino[.]example/x or www.b.example.")
    ['casino.example', 'b.example']
    """
    named: dict[str, None] = {}
    for host in _named(text):
        named[_ascii(host)] = None
        if not host.isascii():  # written with look-alikes so that it is no link
            named[characters.unmask_letters(host)] = None
        if len(named) >= MAX_HOSTS:
            break
    return [host.removeprefix("www.") for host in named]


def _named(text: str) -> Iterator[str]:
    """Yield text that has the form of a host, with disguises removed."""
    if "%" in text:
        text = _ENCODED.sub(lambda match: chr(int(match[1], 16)), text)
    if not any(char in text for char in ".。．｡") and "dot" not in text.lower():
        return
    plain = _DOT.sub(".", unicodedata.normalize("NFKC", text))
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf").lower()
    for match in _HOST.finditer(_SCHEME.sub(" ", plain)):
        yield match[0]


def list_parent_domains(host: str) -> Iterator[str]:
    """Yield a host and its parent domains.

    >>> list(list_parent_domains("a.b.example"))
    ['a.b.example', 'b.example', 'example']
    """
    while host:
        yield host
        host = host.partition(".")[2]


def count_links(text: str) -> int:
    """Return the number of links in a text, possible bare hosts included."""
    with_scheme = len(_SCHEME.findall(text))
    bare = sum(_can_exist(host) for host in islice(_named(text), MAX_HOSTS))
    return max(with_scheme, bare)


def _can_exist(host: str) -> bool:
    parts = public_suffixes()(host)
    return bool(parts.suffix and parts.domain) or _is_ip(host)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _ascii(host: str) -> str:
    """Return a host in its DNS form, or unchanged if it has none."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
