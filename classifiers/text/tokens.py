"""Cut many texts into tokens together, and look the tokens up in a table.

The same as `normalization.tokens` and a dictionary, five times as fast: the texts are
one array of code points, in which numpy finds white space and hashes all tokens.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.text.features import Hashes, Indices

#: Longer texts, taken together, are cut one by one: it bounds the powers kept.
MAX_LENGTH = 2**19  # code points
#: Longer tokens are not hashed: equal hashes could be written on purpose.
MAX_TOKEN_LENGTH = 48  # code points
#: Rows that a table has room for; half of it stays empty, so that searches are short.
ROOM = 2**17
_BITS = 18
# Drawn again in each process, so that no one can write two tokens of one hash. Three
# bits are set so that powers only come again after 2**62 steps.
_BASE = secrets.randbits(64) & ~7 | 5
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
_SHIFT = np.uint64(64 - _BITS)
_ONE = np.uint64(1)
_MISSING = -1
_BLOCK = MAX_LENGTH // (MAX_TOKEN_LENGTH + 1) - 1  # tokens


@dataclass(frozen=True)
class Cut:
    """Texts that were cut."""

    joined: str
    #: first code point of each token in `joined`, and the one after its last
    starts: Indices
    ends: Indices
    #: tokens of each text
    counts: Indices
    #: one 64-bit hash a token, of this process only; 0 where a token is too long
    hashes: Hashes

    def tokens(self, places: Indices) -> list[str]:
        """Return the tokens at some places."""
        starts, ends = self.starts[places].tolist(), self.ends[places].tolist()
        return [self.joined[start:end] for start, end in zip(starts, ends, strict=True)]


def cut(texts: Sequence[str]) -> Cut | None:
    """Cut texts at white space, as `str.split` does; None if they are too long."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(lengths + 1, out=bounds[1:])
    if bounds[-1] >= MAX_LENGTH:
        return None
    joined = "\n".join(["", *texts, ""])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    spaces = _spaces().take(codes, mode="clip")
    edges = np.flatnonzero(spaces[1:] != spaces[:-1])
    starts, ends = edges[::2] + 1, edges[1::2] + 1
    powers, inverses = _powers()
    values = codes + _ONE  # so that a zero in front counts
    values *= powers[: len(values)]
    sums = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=sums[1:])
    hashes = sums.take(ends)
    hashes -= sums.take(starts)
    hashes *= inverses.take(starts)
    hashes[ends - starts > MAX_TOKEN_LENGTH] = 0
    counts = np.diff(np.searchsorted(starts, bounds + 1))
    return Cut(joined, starts, ends, counts, hashes)


def hashes(tokens: Sequence[str]) -> Hashes:
    """Return the hashes of tokens, as `cut` returns them."""
    # Each in its own block: together they may be longer than a text may be.
    hashes = np.zeros(len(tokens), np.uint64)
    short = [
        place for place, token in enumerate(tokens) if len(token) <= MAX_TOKEN_LENGTH
    ]
    for start in range(0, len(short), _BLOCK):
        places = short[start : start + _BLOCK]
        block = cut([tokens[place] for place in places])
        if block is not None:
            hashes[places] = block.hashes
    return hashes


class Rows:
    """Hash of a token → its row; rows are added by one thread, and read by all."""

    def __init__(self) -> None:
        # Some more at the end, so that no search runs over it.
        self._hashes = np.zeros(2**_BITS + ROOM, np.uint64)
        self._rows = np.zeros(2**_BITS + ROOM, np.int64)

    def find(self, hashes: Hashes) -> Indices:
        """Return the rows of tokens; -1 where one is missing."""
        slots, stored = self._slots(hashes)
        rows = self._rows.take(slots)
        rows[stored != hashes] = _MISSING
        rows[hashes == 0] = _MISSING
        return rows

    def add(self, hashes: Hashes, rows: Indices) -> None:
        """Add tokens that are missing, each once; those of hash 0 are left out."""
        slots = _first_slots(hashes).tolist()
        for slot, hashed, row in zip(slots, hashes, rows.tolist(), strict=True):
            if hashed:
                while self._hashes[slot]:
                    slot += 1
                self._rows[slot] = row
                self._hashes[slot] = hashed  # last: now it may be found

    def _slots(self, hashes: Hashes) -> tuple[Indices, Hashes]:
        """Return where the search for each hash ends, and the hash that is there."""
        slots = _first_slots(hashes)
        stored = self._hashes.take(slots)
        going = np.flatnonzero((stored != hashes) & (stored != 0))
        while len(going):
            slots[going] += 1
            following = self._hashes.take(slots[going])
            stored[going] = following
            going = going[(following != hashes[going]) & (following != 0)]
        return slots, stored


def _first_slots(hashes: Hashes) -> Indices:
    return (hashes * _SPREAD >> _SHIFT).view(np.int64)


@functools.cache
def _spaces() -> npt.NDArray[np.bool_]:
    """Return for each code point whether it is white space; the last is for all after.

    The last white space of Unicode is U+3000.
    """
    return np.array([chr(code).isspace() for code in range(0x3002)])


@functools.cache
def _powers() -> tuple[Hashes, Hashes]:
    """Return the powers of the base and those of its inverse, from 0 up."""
    return _powers_of(_BASE), _powers_of(pow(_BASE, -1, 2**64))


def _powers_of(base: int) -> Hashes:
    factors = np.full(MAX_LENGTH + 2, base, np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)
