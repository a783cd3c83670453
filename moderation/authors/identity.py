"""What an author is told from others by: an id, an address, or a name and network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from moderation.privacy import Privacy
from moderation.text.mailboxes import canonical_address
from moderation.text.names import skeleton


class FoundBy(StrEnum):
    """What a record is found by, the surest first."""

    VERIFIED = "verified"  #: the id that the site has verified
    EMAIL = "email"  #: the address that was typed
    NAME = "name"  #: a name from one IP address


@dataclass(frozen=True, kw_only=True)
class AuthorKeys:
    """Keyed hashes that find an author's record at one site."""

    found_by: FoundBy
    key: str
    address_key: str | None  #: None: there is no address


def keys_of(
    privacy: Privacy,
    site_id: int,
    *,
    author_id: str | None,
    email: str | None,
    name: str,
    network: str | None,
) -> AuthorKeys | None:
    """Return the keys of a comment's author; None: can't be told from others.

    A verified id comes before an address, and that before a name. Aliases of an
    address, and spellings of a name, have one key.

    Parameters
    ----------
    network
        The pseudonym of the IP address.
    """
    address_key = address_key_of(privacy, site_id, email) if email else None
    if author_id is not None:
        key = privacy.author_key(site_id, FoundBy.VERIFIED, author_id)
        return AuthorKeys(found_by=FoundBy.VERIFIED, key=key, address_key=address_key)
    if address_key is not None:
        return AuthorKeys(
            found_by=FoundBy.EMAIL, key=address_key, address_key=address_key
        )
    drawn = skeleton(name)
    if network is None or not drawn:
        return None
    key = privacy.author_key(site_id, FoundBy.NAME, f"{network}:{drawn}")
    return AuthorKeys(found_by=FoundBy.NAME, key=key, address_key=None)


def address_key_of(privacy: Privacy, site_id: int, email: str) -> str:
    """Return the keyed hash of an address and all its aliases."""
    return privacy.author_key(site_id, FoundBy.EMAIL, canonical_address(email))
