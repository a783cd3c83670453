"""Comment ids: 64-bit integers in order of time, made before the row is written.

A comment written before 2024, which an import brings, has a negative id. Why:
docs/decisions/0007-ids-before-2024.md.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z: 41 bits last until 2093
RANDOM_BITS = 22  # two processes in one millisecond rarely meet; if so, we retry
ENCODED_LENGTH = 13  # base-32 digits for 64 bits
MIN_ID, MAX_ID = -(1 << 63), (1 << 63) - 1

# Crockford's base 32 (https://www.crockford.com/base32.html, read 2026-11-23), in
# lower case: no i, l, o, u, and its order is the order of the numbers.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Its digits as `int` reads them.
_TO_PYTHON = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_DIGITS = frozenset(ALPHABET)
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]

_EPOCH = datetime.fromtimestamp(EPOCH_MS / 1000, UTC)
_MASK = (1 << 64) - 1
# The first digit of a negative ID, and the character that replaces it in a thread.
_TO_SIGN_OF, _SIGNS = "89abcdef", "()*+,-./"
_TO_SIGN = str.maketrans(_TO_SIGN_OF, _SIGNS)
_FROM_SIGN = str.maketrans(_SIGNS, _TO_SIGN_OF)

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


def new_ids(moments: Sequence[datetime]) -> list[int]:
    """Return an id for each of some moments at which comments were written.

    Where several share a millisecond, which is the rule in histories that know whole
    seconds, their ids are in the order given. An ID may be taken: the caller
    checks before it stores one.

    Parameters
    ----------
    moments
        1955 to 2093.
    """
    millisecond = timedelta(milliseconds=1)
    places: dict[int, list[int]] = {}
    for place, moment in enumerate(moments):
        places.setdefault((moment - _EPOCH) // millisecond, []).append(place)
    ids = [0] * len(moments)
    for milliseconds, sharing in places.items():
        bits: set[int] = set()
        while len(bits) < len(sharing):
            bits.add(secrets.randbits(RANDOM_BITS))
        for place, low in zip(sharing, sorted(bits), strict=True):
            ids[place] = (milliseconds << RANDOM_BITS) | low
    return ids


def first_id(moment: datetime) -> int:
    """Return the smallest id that can be made of a moment."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    return max(MIN_ID + 1, min(milliseconds << RANDOM_BITS, MAX_ID))


def moment_of(number: int) -> datetime:
    """Return the moment of an id, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=number >> RANDOM_BITS)


def encode(number: int) -> str:
    """Return the public form of an id: 13 characters.

    Those of ids that aren't negative sort like the numbers; negative ones begin with
    `8` to `f`.

    >>> encode(1), encode(-1)
    ('0000000000001', 'fzzzzzzzzzzzz')
    """
    number &= _MASK
    return (
        ALPHABET[number >> 60]
        + _PAIRS[number >> 50 & 1023]
        + _PAIRS[number >> 40 & 1023]
        + _PAIRS[number >> 30 & 1023]
        + _PAIRS[number >> 20 & 1023]
        + _PAIRS[number >> 10 & 1023]
        + _PAIRS[number & 1023]
    )


def decode(text: str) -> int:
    """Return the id behind its public form.

    Raises
    ------
    ValueError
        If it is not 13 digits of the alphabet, or is over 64 bits.
    """
    if len(text) != ENCODED_LENGTH or not _DIGITS.issuperset(text):
        raise ValueError("not an id")
    number = int(text.translate(_TO_PYTHON), 32)
    if number > _MASK:
        raise ValueError("not an id")
    return number if number <= MAX_ID else number - _MASK - 1


def thread_part(number: int) -> str:
    """Return an id as it is kept in a thread: 13 characters that sort like the number.

    Instead of `8` to `f`, negative ones begin with the signs before `0` in ASCII.

    >>> thread_part(1), thread_part(-1)
    ('0000000000001', '/zzzzzzzzzzzz')
    """
    text = encode(number)
    return text if number >= 0 else text[0].translate(_TO_SIGN) + text[1:]


def read_thread(thread: str) -> list[int]:
    """Return the ids of a thread, from the top-level comment down.

    Raises
    ------
    ValueError
        If it isn't made of `thread_part`.
    """
    if not thread or len(thread) % ENCODED_LENGTH:
        raise ValueError("not a thread")
    starts = range(0, len(thread), ENCODED_LENGTH)
    parts = [thread[start : start + ENCODED_LENGTH] for start in starts]
    if any(part[0] in _TO_SIGN_OF for part in parts):
        raise ValueError("not a thread")
    return [decode(part[0].translate(_FROM_SIGN) + part[1:]) for part in parts]
