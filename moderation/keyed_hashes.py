"""Keyed hashes that name their key, so that a key can be replaced while serving."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

ID_LENGTH = 8  # hexadecimal digits of a key's id
LENGTH = 64  # characters of a hash, with its key's id and without
SEPARATOR = "."


@dataclass(frozen=True, repr=False)  # no repr: it holds a secret
class HashKey:
    """A key and its id, which tells nothing of the key."""

    id: str  #: `ID_LENGTH` hexadecimal digits
    secret: bytes

    @classmethod
    def of(cls, secret: bytes) -> HashKey:
        """Return a key with the id that belongs to it."""
        return cls(id=_digest(secret, "key id")[:ID_LENGTH], secret=secret)

    def derive(self, purpose: str) -> HashKey:
        """Return a key of 32 bytes for one purpose, under the same id."""
        derived = hmac.digest(self.secret, purpose.encode(), "sha256")
        return HashKey(id=self.id, secret=derived)

    def hash(self, text: str) -> str:
        """Return `id.hash`, 64 characters: HMAC-SHA-256 cut to 220 bits."""
        return self.name(_digest(self.secret, text))

    def name(self, digest: str) -> str:
        """Return a digest of this key with the key's id before it."""
        return f"{self.id}{SEPARATOR}{digest}"[:LENGTH]


class HashKeys:
    """Keys of one purpose: the first one makes hashes, all of them are accepted.

    Before hashes named their keys, they were 64 hexadecimal digits. Such a hash is
    accepted, too, as one of any key.

    Parameters
    ----------
    keys
        At least one, the one in use first.
    """

    def __init__(self, keys: Sequence[HashKey]) -> None:
        if not keys:
            raise ValueError("at least one key is needed")
        self.keys = tuple(keys)

    @classmethod
    def of(cls, secrets: Sequence[bytes]) -> HashKeys:
        """Return the keys of some secrets, the one in use first."""
        return cls([HashKey.of(secret) for secret in secrets])

    @property
    def current(self) -> HashKey:
        """The key that makes hashes."""
        return self.keys[0]

    def derive(self, purpose: str) -> HashKeys:
        """Return the keys for one purpose, so that one secret serves several."""
        return HashKeys([key.derive(purpose) for key in self.keys])

    def hash(self, text: str) -> str:
        """Return the hash of a text under the key in use."""
        return self.current.hash(text)

    def list_hashes(self, text: str) -> tuple[str, ...]:
        """Return all that may be stored for a text, the newest form first."""
        hashes = []
        for key in self.keys:
            digest = _digest(key.secret, text)
            hashes += [key.name(digest), digest]
        return tuple(hashes)

    def matches(self, stored: str, text: str) -> bool:
        """Return whether a stored hash is that of a text, under any of the keys."""
        return any(
            hmac.compare_digest(stored, accepted) for accepted in self.list_hashes(text)
        )

    def is_current(self, stored: str) -> bool:
        """Return whether a stored hash was made by the key in use, and names it."""
        return stored.startswith(self.current.id + SEPARATOR)

    def name_key(self, stored: str) -> str | None:
        """Return a hash from before hashes named their keys, with its key's id.

        None: with several keys, it is unknown which one made it.
        """
        if len(self.keys) > 1 or SEPARATOR in stored:
            return None
        return self.current.name(stored)


def _digest(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()
