"""Signed links: the holder of a comment's link counts as its author."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from moderation import identifiers
from moderation.privacy import keyed_hash

SIGNATURE_LENGTH = 32  # hexadecimal digits: 128 bits, which no one guesses
PATH = "/status/"  # of the authors' page
NOTICE_PATH = "/notices/"  # of the notifiers' page


class StatusLinks:
    """Makes and reads the links of the authors' page.

    A link is the comment's id with a signature. It is made again whenever it is asked
    for, always the same, so that a repeated request gets the same answer; and it has
    no end, as an author may come back after months. It opens one comment's status.

    Parameters
    ----------
    keys
        Of the signatures: the first one signs, all of them are accepted.
    public_url
        Where authors reach the service; empty: links are paths alone.
    path
        Of the page. Links of one page open no other, if its key is another one.
    """

    def __init__(
        self, keys: Sequence[bytes], public_url: str, path: str = PATH
    ) -> None:
        self._keys = tuple(keys)
        self._public_url = public_url
        self._path = path

    def address(self, comment_id: int) -> str:
        """Return the link for the author of a comment."""
        return f"{self._public_url}{self._path}{self.token(comment_id)}"

    def token(self, comment_id: int) -> str:
        """Return the part of the link that tells the comment and proves the right."""
        public_id = identifiers.encode(comment_id)
        return public_id + _sign(self._keys[0], public_id)

    def comment_of(self, token: str) -> int | None:
        """Return the id of the comment whose token this is; None if it is none."""
        public_id = token[: identifiers.ENCODED_LENGTH]
        given = token[identifiers.ENCODED_LENGTH :]
        if not token.isascii():
            return None
        signatures = [_sign(key, public_id) for key in self._keys]
        if not any(hmac.compare_digest(given, each) for each in signatures):
            return None
        return identifiers.decode(public_id)


def _sign(key: bytes, public_id: str) -> str:
    return keyed_hash(key, public_id)[:SIGNATURE_LENGTH]
