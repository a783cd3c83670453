"""Vectors of texts that an encoder has read before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from classifiers.encoder.encoder import WIDTH, Encoder, Vectors

DIGEST_BYTES = 16


class KeptVectors:
    """An encoder that reads each text once, and knows texts that were read before.

    It keeps about 600 bytes a text in memory.

    Parameters
    ----------
    rows : digest of a text → its vector, `WIDTH` bytes
    """

    def __init__(
        self,
        encoder: Encoder | KeptVectors,
        rows: Mapping[bytes, bytes] | None = None,
    ) -> None:
        self.version: str = encoder.version
        self._encoder = encoder
        self._rows = dict(rows or {})
        self._is_new: set[bytes] = set()

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return texts × `WIDTH`, as `Encoder.vectors`."""
        digests = [digest(text) for text in texts]
        unread = {
            key: text
            for key, text in zip(digests, texts, strict=True)
            if key not in self._rows
        }
        read = self._encoder.vectors(list(unread.values()))
        self._rows.update(
            (key, row.tobytes()) for key, row in zip(unread, read, strict=True)
        )
        self._is_new.update(unread)
        whole = b"".join(self._rows[key] for key in digests)
        return np.frombuffer(whole, np.int8).reshape(-1, WIDTH)

    def find_new(self, text: str) -> tuple[bytes, bytes] | None:
        """Return a text's digest and vector if it was read here, for the first time."""
        key = digest(text)
        return (key, self._rows[key]) if key in self._is_new else None


def digest(text: str) -> bytes:
    """Return by which bytes a text is recognized."""
    encoded = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=DIGEST_BYTES).digest()
