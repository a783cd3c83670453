"""Recognize an author: by an ID, an address, or a name and network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from moderation.privacy import Privacy
from moderation.text.mailboxes import canonical_address
from moderation.text.names import skeleton


class FoundBy(StrEnum):
    """The means by which a record is found, the surest first."""

    VERIFIED = "verified"  #: the id that the site has verified
    EMAIL = "email"  #: the address that was typed
    NAME = "name"  #: a name from one IP address


@dataclass(frozen=True, kw_only=True)
class AuthorKeys:
    """Keyed hashes that find an author's record at one site."""

    found_by: FoundBy
    key: str
    address_key: str | None  #: None: there is no address
    #: all that may be stored as `key` and `address_key`, also under older keys
    accepted: frozenset[str] = frozenset()
    accepted_addresses: frozenset[str] = frozenset()


def keys_of(
    privacy: Privacy,
    site_id: int,
    *,
    author_id: str | None,
    email: str | None,
    name: str,
    networks: Sequence[str],
) -> AuthorKeys | None:
    """Return the keys of a comment's author; None: unknown.

    A verified id comes before an address, and that before a name. Aliases of an
    address, and spellings of a name, have one key.

    Parameters
    ----------
    networks
        What may be stored as the pseudonym of the IP address, the newest form first;
        none: it isn't known.
    """
    addresses = list_address_keys(privacy, site_id, email) if email else ()
    if author_id is not None:
        found_by = FoundBy.VERIFIED
        hashes = privacy.list_author_keys(site_id, found_by, author_id)
    elif addresses:
        found_by, hashes = FoundBy.EMAIL, addresses
    else:
        found_by, drawn = FoundBy.NAME, skeleton(name)
        if not networks or not drawn:
            return None
        hashes = tuple(
            key
            for network in networks
            for key in privacy.list_author_keys(site_id, found_by, f"{network}:{drawn}")
        )
    return AuthorKeys(
        found_by=found_by,
        key=hashes[0],
        address_key=addresses[0] if addresses else None,
        accepted=frozenset(hashes),
        accepted_addresses=frozenset(addresses),
    )


def list_address_keys(privacy: Privacy, site_id: int, email: str) -> tuple[str, ...]:
    """Return what may be stored as the key of an address and all its aliases."""
    address = canonical_address(email)
    return privacy.list_author_keys(site_id, FoundBy.EMAIL, address)
