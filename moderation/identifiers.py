"""Comment ids: 63-bit integers in order of time, made before the row is written."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z: 41 bits last until 2093
RANDOM_BITS = 22  # two processes in one millisecond rarely meet; if so, we retry
ENCODED_LENGTH = 13  # base-32 digits for 63 bits

# Crockford's base 32 (https://www.crockford.com/base32.html, read 2026-11-23), in
# lower case: no i, l, o, u, and its order is the order of the numbers.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {digit: value for value, digit in enumerate(ALPHABET)}

_lock = threading.Lock()
_last = 0


def new_id() -> int:
    """Return an id larger than every id that this process made before."""
    global _last
    moment = time.time_ns() // 1_000_000 - EPOCH_MS
    fresh = (moment << RANDOM_BITS) | secrets.randbits(RANDOM_BITS - 1)
    with _lock:
        _last = max(_last + 1, fresh)
        return _last


def first_id(moment: datetime) -> int:
    """Return the smallest id that can be made at a moment."""
    milliseconds = int(moment.timestamp() * 1000) - EPOCH_MS
    return max(0, milliseconds) << RANDOM_BITS


def moment_of(number: int) -> datetime:
    """Return the moment at which an id was made, to the millisecond."""
    return datetime.fromtimestamp(((number >> RANDOM_BITS) + EPOCH_MS) / 1000, UTC)


def encode(number: int) -> str:
    """Return the public form of an id: 13 characters, sorting like the number.

    >>> encode(1)
    '0000000000001'
    """
    digits = []
    for _ in range(ENCODED_LENGTH):
        number, rest = divmod(number, 32)
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits))


def decode(text: str) -> int:
    """Return the id behind its public form.

    Raises
    ------
    ValueError
        If it is not 13 digits of the alphabet, or is over 63 bits.
    """
    if len(text) != ENCODED_LENGTH or not set(text) <= set(ALPHABET):
        raise ValueError("not an id")
    number = 0
    for digit in text:
        number = number * 32 + _VALUES[digit]
    if number >= 1 << 63:
        raise ValueError("not an id")
    return number
