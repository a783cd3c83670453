"""The compatibility APIs that a site uses, and their options."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from moderation.errors import InvalidFields

MAX_ADDRESS_LENGTH = 2048  # characters; what browsers and proxies agree on
MAX_ORIGINS = 100
LOCALHOST = "localhost"


class Protocol(StrEnum):
    """A compatibility API."""

    AKISMET = "akismet"  #: Akismet REST API 1.1 and 1.2
    PERSPECTIVE = "perspective"  #: Perspective Comment Analyzer v1alpha1
    CORAL = "coral"  #: Coral's external moderation phase
    OPENAI = "openai"  #: OpenAI moderations
    AZURE = "azure"  #: Azure Content Moderator's text screening


@dataclass(frozen=True, kw_only=True)
class Integrations:
    """The compatibility APIs that a site uses, with their options."""

    protocols: frozenset[Protocol] = frozenset()
    #: the site's own address; a callback goes to its host and to no other
    #: `https`, or `http` at localhost: a callback carries the site's key
    home: str | None = None
    #: pages that may call Perspective from a browser: `https://host[:port]` each
    origins: tuple[str, ...] = field(default_factory=tuple)
    #: Akismet: tell WordPress to drop blatant spam unseen; what is dropped is lost
    discard: bool = False
    #: Akismet: answer "spam" for held comments, for clients that know of
    #: no third state; otherwise "not spam, ask again"
    review_as_spam: bool = False
    #: Perspective: the model version that scores; None: the one that decides
    model_version: str | None = None
    #: Perspective: score 1 where scoring failed, for callers that let a comment pass
    #: at an error; otherwise an error
    unscored_as_highest: bool = False
    #: Perspective: refuse a request that asks for an attribute without a score, as
    #: Google did for unknown ones; otherwise it is left out
    strict_attributes: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the options as stored JSON."""
        return {
            **asdict(self),
            "protocols": sorted(protocol.value for protocol in self.protocols),
            "origins": list(self.origins),
        }

    @property
    def version(self) -> str:
        """Another text whenever an option changes, 16 hexadecimal digits."""
        written = json.dumps(self.as_json(), sort_keys=True)
        return hashlib.sha256(written.encode()).hexdigest()[:16]

    def speaks(self, protocol: Protocol) -> bool:
        """Return whether a compatibility API is enabled."""
        return protocol in self.protocols


ALL_ON = Integrations(protocols=frozenset(Protocol))


def read_integrations(stored: Mapping[str, Any] | None) -> Integrations:
    """Return integrations from stored JSON; by default, none is enabled."""
    if not stored:
        return Integrations()
    return Integrations(
        **{
            **stored,
            "protocols": frozenset(
                Protocol(protocol) for protocol in stored["protocols"]
            ),
            "origins": tuple(stored["origins"]),
        }
    )


def refuse_invalid(integrations: Integrations, *, kept_home: str | None = None) -> None:
    """Refuse an invalid home URL or origin.

    Parameters
    ----------
    kept_home
        The home URL until now, which may stay, even if it is plain HTTP.

    Raises
    ------
    InvalidFields
        Naming `home` or `origins`.
    """
    faults = {}
    if integrations.home is not None and host_of(integrations.home) is None:
        faults["home"] = ["Must be an http or https address."]
    elif integrations.home not in {None, kept_home} and is_in_clear(integrations.home):
        faults["home"] = [
            "Must begin with https://, as callbacks carry the site's key; http is for "
            "localhost only."
        ]
    if len(integrations.origins) > MAX_ORIGINS or any(
        origin != origin_of(origin) for origin in integrations.origins
    ):
        faults["origins"] = [f"Must be up to {MAX_ORIGINS} of https://host[:port]."]
    if faults:
        raise InvalidFields(faults)


def host_of(address: str) -> str | None:
    """Return the host of a URL in lower case, or None.

    >>> host_of("https://News.example/blog"), host_of("news.example")
    ('news.example', None)
    """
    if len(address) > MAX_ADDRESS_LENGTH:
        return None
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.username is not None:
        return None
    return parts.hostname


def is_in_clear(address: str) -> bool:
    """Return whether others can read what is sent to a URL.

    >>> is_in_clear("http://news.example"), is_in_clear("http://localhost:8080")
    (True, False)
    """
    return urlsplit(address).scheme != "https" and not is_localhost(host_of(address))


def is_localhost(host: str | None) -> bool:
    """Return whether a host is this machine, as browsers see it.

    Source: W3C Secure Contexts, section 3.1 (read 2026-11).
    """
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == LOCALHOST or (host or "").endswith(f".{LOCALHOST}")


def origin_of(address: str) -> str | None:
    """Return the origin of a URL as browsers send it, or None.

    >>> origin_of("https://news.example:8443/a")
    'https://news.example:8443'
    """
    if host_of(address) is None:
        return None
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}"
