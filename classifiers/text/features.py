"""Stateless hashed features of words: the same code for training and serving."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

#: Changes whenever a text gets other features than before. A scorer whose file names
#: a version that is not read is refused.
VERSION = 3
#: The third reads more disguises, emoji, denials, and quotations. Weights learned
#: before know the words that it finds.
READ_VERSIONS = (2, 3)

#: Rows of the table that the n-grams inside words are hashed into.
BITS = 19
#: Lengths of the character n-grams inside a word, its two borders counted.
NGRAM_LENGTHS = (3, 4, 5)
#: Rows of the table that pairs of neighboring tokens are hashed into.
PAIR_BITS = 18

Indices = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
# Arrays without a dimension: numpy takes them sooner than its numbers.
_SECOND = np.array(0xC2B2AE3D27D4EB4F, np.uint64)  # a prime of xxHash64
_POWERS = np.cumprod(np.full(512, _MULTIPLIER, dtype=np.uint64), dtype=np.uint64)


_FIRST_SHIFT = np.array(30, np.uint64)
_SECOND_SHIFT = np.array(27, np.uint64)
_THIRD_SHIFT = np.array(31, np.uint64)
_FIRST_FACTOR = np.array(0xBF58476D1CE4E5B9, np.uint64)
_SECOND_FACTOR = np.array(0x94D049BB133111EB, np.uint64)
_PAIR_SHIFT = np.array(64 - PAIR_BITS, np.uint64)


def _mix(values: Hashes) -> Hashes:
    """Scatter hashes over all bits. Source: SplitMix64 finalizer, Vigna 2015."""
    values = (values ^ (values >> _FIRST_SHIFT)) * _FIRST_FACTOR
    values = (values ^ (values >> _SECOND_SHIFT)) * _SECOND_FACTOR
    return values ^ (values >> _THIRD_SHIFT)


def _points(words: Sequence[str]) -> tuple[Hashes, Indices, Indices]:
    """Return code points of the bordered words, their starts and lengths."""
    joined = "".join([f"\x02{word}\x03" for word in words])
    raw = joined.encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(raw, dtype="<u4").astype(np.uint64)
    lengths = np.fromiter((len(word) + 2 for word in words), np.int64, len(words))
    starts = np.cumsum(lengths) - lengths
    return points, starts, lengths


def word_hashes(words: Sequence[str]) -> Hashes:
    """Return one 64-bit hash a word."""
    if not words:
        return np.empty(0, dtype=np.uint64)
    return _hashes_of(*_points(words))


def _hashes_of(points: Hashes, starts: Indices, lengths: Indices) -> Hashes:
    place = np.arange(len(points)) - np.repeat(starts, lengths)
    terms = (points + np.uint64(1)) * _POWERS[place % len(_POWERS)]
    return _mix(np.add.reduceat(terms, starts))


def ngrams(words: Sequence[str]) -> tuple[Indices, Indices]:
    """Hash each word and the n-grams inside it.

    Returns
    -------
    rows : places in the table, 0 to ``2**BITS - 1``, the word itself first
    starts : where each word's places begin in `rows`, and at the end its length
    """
    if not words:
        return np.empty(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    points, starts, lengths = _points(words)
    owner = np.repeat(np.arange(len(words)), lengths)
    remaining = np.repeat(starts + lengths, lengths) - np.arange(len(points))
    marked = np.fromiter((word[:1] == "\x01" for word in words), bool, len(words))
    remaining[marked[owner]] = 0  # a pseudo-word has no n-grams
    hashes = [_hashes_of(points, starts, lengths)]
    owners = [np.arange(len(words))]
    rolling = points.copy()
    for length in range(2, max(NGRAM_LENGTHS) + 1):
        rolling[: 1 - length or None] = (
            rolling[: 1 - length or None] * _SECOND + points[length - 1 :]
        )
        if length in NGRAM_LENGTHS:
            inside = np.flatnonzero(remaining >= length)
            hashes.append(_mix(rolling[inside] + np.uint64(length)))
            owners.append(owner[inside])
    return _by_word(np.concatenate(hashes), np.concatenate(owners), len(words))


def _by_word(hashes: Hashes, owners: Indices, count: int) -> tuple[Indices, Indices]:
    order = np.argsort(owners, kind="stable")
    rows = (hashes[order] >> np.uint64(64 - BITS)).astype(np.int64)
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(owners, minlength=count), out=starts[1:])
    return rows, starts


def pairs(left: Hashes, right: Hashes) -> Indices:
    """Hash neighboring tokens into places, 0 to ``2**PAIR_BITS - 1``."""
    mixed = left * _SECOND
    mixed += right
    # The finalizer of `_mix`; its last step only changes bits that are cut off.
    mixed ^= mixed >> _FIRST_SHIFT
    mixed *= _FIRST_FACTOR
    mixed ^= mixed >> _SECOND_SHIFT
    mixed *= _SECOND_FACTOR
    mixed >>= _PAIR_SHIFT
    return mixed.view(np.int64)


class Lexicon:
    """A set of words that can be checked, not listed: a Bloom filter of two hashes.

    Source: Bloom 1970; with 60,000 words about 3 in 1,000 others are let in.
    """

    BITS = 21  # two million bits, 256 KiB

    def __init__(self, bits: Bits) -> None:
        self.bits = bits

    @classmethod
    def of(cls, words: Sequence[str]) -> Lexicon:
        """Build the set of these words."""
        bits = np.zeros(1 << (cls.BITS - 3), dtype=np.uint8)
        for places in cls._places(words):
            values = np.left_shift(np.uint8(1), (places & 7).astype(np.uint8))
            np.bitwise_or.at(bits, places >> 3, values)
        return cls(bits)

    @classmethod
    def _places(cls, words: Sequence[str]) -> tuple[Indices, Indices]:
        hashes = word_hashes(words)
        low = np.uint64((1 << cls.BITS) - 1)
        return (
            (hashes & low).astype(np.int64),
            ((hashes >> np.uint64(24)) & low).astype(np.int64),
        )

    def has(self, words: Sequence[str]) -> list[bool]:
        """Return, for each word, whether it is in the set."""
        is_in = np.ones(len(words), dtype=bool)
        for places in self._places(words):
            is_in &= (self.bits[places >> 3] >> (places & 7).astype(np.uint8) & 1) == 1
        answers: list[bool] = is_in.tolist()
        return answers


#: What the n-grams of a word weigh together, next to the word itself.
NGRAM_SHARE = 2.0


def ngram_weights(starts: Indices) -> npt.NDArray[np.float64]:
    """Return the weight of each place from `ngrams`: the word 1, the others less.

    The n-grams of a word have the squared length `NGRAM_SHARE` together.
    """
    counts = starts[1:] - starts[:-1]
    shares = NGRAM_SHARE / np.sqrt(np.maximum(counts - 1, 1))
    weights: npt.NDArray[np.float64] = np.repeat(shares, counts)
    weights[starts[:-1]] = 1.0
    return weights
