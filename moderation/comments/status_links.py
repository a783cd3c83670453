"""Signed links: whoever has a comment's link is taken for its author."""

from __future__ import annotations

import hmac

from moderation import identifiers
from moderation.privacy import keyed_hash

SIGNATURE_LENGTH = 32  # hexadecimal digits: 128 bits, which nobody guesses
PATH = "/status/"  # of the authors' page
NOTICE_PATH = "/notices/"  # of the notifiers' page


class StatusLinks:
    """Makes and reads the links of the authors' page.

    A link is the comment's id with a signature. It is made anew whenever it is asked
    for, always the same, so that a repeated request gets the same answer; and it has
    no end, as an author may come back after months. It opens one comment's status.

    Parameters
    ----------
    key
        Of the signatures; another one ends all links.
    public_url
        Where authors reach the service; empty: links are paths alone.
    path
        Of the page. Links of one page open no other, if its key is another one.
    """

    def __init__(self, key: bytes, public_url: str, path: str = PATH) -> None:
        self._key = key
        self._public_url = public_url
        self._path = path

    def address(self, comment_id: int) -> str:
        """Return the link for the author of a comment."""
        return f"{self._public_url}{self._path}{self.token(comment_id)}"

    def token(self, comment_id: int) -> str:
        """Return the part of the link that tells the comment and proves the right."""
        public_id = identifiers.encode(comment_id)
        return public_id + self._signature(public_id)

    def comment_of(self, token: str) -> int | None:
        """Return the id of the comment whose token this is; None if it is none."""
        public_id = token[: identifiers.ENCODED_LENGTH]
        given = token[identifiers.ENCODED_LENGTH :]
        if not token.isascii():
            return None
        if not hmac.compare_digest(given, self._signature(public_id)):
            return None
        return identifiers.decode(public_id)

    def _signature(self, public_id: str) -> str:
        return keyed_hash(self._key, public_id)[:SIGNATURE_LENGTH]
