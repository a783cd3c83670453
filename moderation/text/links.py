"""The links of a comment and their hosts, with disguises marked."""

from __future__ import annotations

import functools
import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

import idna

from moderation.text.public_suffixes import public_suffixes

MAX_LINKS = 20  # that a moderator is shown; more are spam by their number alone
MAX_LINK_LENGTH = 2048  # characters
MAX_HOST_LENGTH = 253  # RFC 1035 section 2.3.4

_WITH_SCHEME = r"(?:https?|ftp)://[^\s<>\"]+"
_NAME = r"(?<![\w@.-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,63}"
_REST = r"(?::\d+)?(?:/[^\s<>\"]*)?"
_LINK = re.compile(f"{_WITH_SCHEME}|{_NAME}{_REST}", re.IGNORECASE)
_AFTER = ".,;:!?)]}'»”’"  # ends the sentence, not the address


class Oddity(StrEnum):
    """The ways in which a link can deceive."""

    ENCODED = "encoded"  #: `xn--…`: letters that the address bar may show otherwise
    MIXED = "mixed"  #: one name with letters of several scripts
    FOREIGN = "foreign"  #: letters of another script under an ending in Latin ones
    NUMERIC = "numeric"  #: the number of a machine in place of a name
    USER = "user"  #: something before an @ that looks like the place it leads to


@dataclass(frozen=True, kw_only=True)
class HostPart:
    """A part of a host's name."""

    text: str
    is_odd: bool  #: of another script than the rest


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link and its host."""

    url: str  #: as it is written
    host: list[HostPart]  #: decoded; all of them together are the name
    #: what someone has registered; in DNS's own letters where they deceive
    domain: str | None
    oddities: list[Oddity]


def list_links(text: str) -> list[Link]:
    """Return the links of a text in order, without repeats.

    A name without `https://` counts where its ending is a public one.

    >>> [link.domain for link in list_links("At https://shop.example.co.uk/x, or a.b.")]
    ['example.co.uk']
    """
    links: dict[str, Link] = {}
    for match in _LINK.finditer(text):
        written = match[0].rstrip(_AFTER)[:MAX_LINK_LENGTH]
        link = None if written in links else read_link(written)
        if link is not None:
            links[written] = link
        if len(links) >= MAX_LINKS:
            break
    return list(links.values())


def read_link(written: str) -> Link | None:
    """Return a link with its host; None if it has none."""
    has_scheme = "://" in written
    parts = _split(written if has_scheme else f"//{written}")
    host = parts.hostname if parts else None
    if parts is None or not host or len(host) > MAX_HOST_LENGTH:
        return None
    oddities = []
    if parts.username is not None:
        oddities.append(Oddity.USER)
    if _is_number(host):
        numeric = [*oddities, Oddity.NUMERIC]
        name = [HostPart(text=host, is_odd=True)]
        return Link(url=written, host=name, domain=None, oddities=numeric)
    decoded = _decoded(host)
    if decoded != host:
        oddities.append(Oddity.ENCODED)
    suffixes = public_suffixes()(decoded)
    if not (suffixes.suffix and suffixes.domain) and not has_scheme:
        return None
    domain = f"{suffixes.domain}.{suffixes.suffix}" if suffixes.suffix else None
    letters, odd_names = _letters(decoded)
    if domain and odd_names:
        domain = _encoded(domain)
    return Link(url=written, host=letters, domain=domain, oddities=oddities + odd_names)


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # Browsers read 3232235777, 0x7f.1 and 127.1 as numbers of machines, too.
        return re.fullmatch(r"(0x[\da-f]*|\d+)(\.(0x[\da-f]*|\d+))*", host) is not None
    return True


def _decoded(host: str) -> str:
    """Return a host with its `xn--` labels decoded."""
    names = []
    for name in host.split("."):
        try:
            names.append(idna.ulabel(name) if name.startswith("xn--") else name)
        except (idna.IDNAError, UnicodeError):
            names.append(name)
    return ".".join(names)


def _encoded(host: str) -> str:
    """Return a host in its DNS form, or unchanged if it has none."""
    try:
        return idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return host


def _letters(host: str) -> tuple[list[HostPart], list[Oddity]]:
    """Mark the letters whose script differs from their surroundings."""
    ending = _scripts(host.rpartition(".")[2])
    odd: list[bool] = []
    oddities: dict[Oddity, None] = {}
    for name in host.split("."):
        scripts = _scripts(name)
        usual = max(scripts, key=lambda script: scripts[script], default=None)
        if len(scripts) > 1 and "LATIN" in scripts:
            oddities[Oddity.MIXED] = None
            usual = "LATIN"
        elif scripts and "LATIN" not in scripts and "LATIN" in ending:
            oddities[Oddity.FOREIGN] = None
            usual = "LATIN"
        odd += [script_of(char) not in (None, usual) for char in name] + [False]
    return _stretches(host, odd), list(oddities)


def _stretches(host: str, odd: list[bool]) -> list[HostPart]:
    stretches: list[HostPart] = []
    for char, is_odd in zip(host, odd, strict=False):
        if stretches and stretches[-1].is_odd is is_odd:
            text = stretches.pop().text + char
        else:
            text = char
        stretches.append(HostPart(text=text, is_odd=is_odd))
    return stretches


def _scripts(name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for char in name:
        script = script_of(char)
        if script is not None:
            counts[script] = counts.get(script, 0) + 1
    return counts


@functools.lru_cache(maxsize=4096)
def script_of(char: str) -> str | None:
    """Return a letter's script from its Unicode name; None if no letter."""
    if not char.isalpha():
        return None
    return unicodedata.name(char, "UNNAMED").split(" ")[0].split("-")[0]
