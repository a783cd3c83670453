"""A small network over three tokens in a row, added to the sum over words.

A token's words have vectors; each of some filters adds up three tokens in a row, and
the strongest place in a comment counts. All in whole numbers, so that sums are exact in
any order and on any machine.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.text import features, marks

Floats = npt.NDArray[np.float64]
Parts = npt.NDArray[np.int16] | npt.NDArray[np.int8]

#: Tokens in a row that a filter sees.
WIDTH = 3
#: What one step of a word's vector and of a filter's weight is.
VECTOR_STEP = 2.0**-5
FILTER_STEP = 2.0**-13
#: Kind of the lifts → what one step of them and of a part is. A part is what a token
#: adds to a filter at one of its places, and of the same kind. In eight bits, a row of
#: them fits half the lines of the processor's cache.
PART_STEPS = {"int16": 2.0**-10, "int8": 2.0**-4}
#: Kind → the most that a part may be: three of them stay within its bits, and with a
#: lift within 16.
MAX_PARTS = {"int16": 8000, "int8": 42}
#: Marks that a disguise leaves behind. Together with a word, the network ignores them.
TRACES = frozenset(
    marks.MARK + mark for mark in ("number", "money", "masked", "stretched")
)
#: A product of so many multiplications OpenBLAS does in the thread that asks.
ONE_THREAD = 1 << 18
_HASH_SHIFT = np.uint64(32)


def seen(words: Sequence[str]) -> Sequence[str]:
    """Return those of a token's words and marks that the network sees."""
    if TRACES.isdisjoint(words):
        return words
    kept = [word for word in words if word not in TRACES]
    return kept if any(word[:1] != marks.MARK for word in kept) else words


@dataclass(frozen=True, kw_only=True)
class Network:
    """The trained network, as plain arrays of whole numbers."""

    #: upper halves of the words' hashes, in order
    words: npt.NDArray[np.uint32]
    #: words, then one for all others → vector, int8
    vectors: npt.NDArray[np.int8]
    #: a vector → what it adds to each filter as first, middle and last token
    filters: npt.NDArray[np.int16]
    #: what each filter has to begin with
    lifts: Parts
    #: filters × labels
    readout: npt.NDArray[np.int16]
    #: what one step of the read-out is in log-odds, one a label
    steps: Floats

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return its arrays by the names they have in a file."""
        return {PREFIX + name: getattr(self, name) for name in _KINDS}

    def parts(self, words: Sequence[Sequence[str]]) -> Parts:
        """Return what each token adds, `WIDTH` places × tokens × filters.

        Parameters
        ----------
        words : of each token, with its marks
        """
        visible = [seen(token) for token in words]
        flat = [word for token in visible for word in token]
        sums = np.zeros((len(words), self.vectors.shape[1]))
        if flat:
            counts = np.fromiter(map(len, visible), np.int64, len(visible))
            full = np.flatnonzero(counts)
            starts = np.cumsum(counts[full]) - counts[full]
            vectors = self.vectors[self._rows(flat)]
            sums[full] = np.add.reduceat(vectors, starts, axis=0, dtype=np.float64)
        products = _product(sums, self._wide_filters)
        step = PART_STEPS[self.lifts.dtype.name]
        products = np.rint(products * (VECTOR_STEP * FILTER_STEP / step))
        most = MAX_PARTS[self.lifts.dtype.name]
        parts = np.clip(products, -most, most).astype(self.lifts.dtype)
        placed = parts.reshape(len(words), WIDTH, len(self.lifts))
        return np.ascontiguousarray(placed.transpose(1, 0, 2))

    def before(self) -> Parts:
        """Return the first rows of parts: of no token, and of what never counts."""
        parts = np.zeros((WIDTH, BEFORE, len(self.lifts)), self.lifts.dtype)
        parts[-1, NEVER] = np.iinfo(self.lifts.dtype).min
        return parts

    def _rows(self, words: Sequence[str]) -> features.Indices:
        hashes = (features.word_hashes(words) >> _HASH_SHIFT).astype(np.uint32)
        places = np.searchsorted(self.words, hashes)
        near = self.words.take(places, mode="clip")
        return np.where(near == hashes, places, len(self.words))

    @functools.cached_property
    def _wide_filters(self) -> Floats:
        return self.filters.astype(np.float64)

    @functools.cached_property
    def _wide(self) -> tuple[Floats, Floats]:
        """Lifts and read-out, as they are reckoned with."""
        return self.lifts.astype(np.float64), self.readout.astype(np.float64)

    def log_odds(self, strongest: Floats) -> Floats:
        """Return what the network adds to the log-odds, comments × labels."""
        # Products of whole numbers: exact, in any order of adding.
        log_odds: Floats = strongest.dot(self._wide[1])
        log_odds *= self.steps
        return log_odds

    def strongest(
        self,
        parts: Parts,
        rows: features.Indices,
        starts: features.Indices,
        ends: features.Indices,
    ) -> Floats:
        """Return each filter's value at its strongest place, comments × filters.

        Whole numbers, 0 or more.

        Parameters
        ----------
        parts : `before`, then those of tokens
        rows : which of them the tokens have, one comment after the other
        starts, ends : where the tokens of each comment, one at least, lie in `rows`
        """
        if len(starts) == 1:  # nothing to lay out
            return self.strongest_of_one(parts, rows)[None]
        return self._lifted(_strongest_of_each(parts, rows, starts, ends))

    def strongest_of_one(self, parts: Parts, rows: features.Indices) -> Floats:
        """Return the same of one comment, one a filter."""
        return self._lifted(_strongest(parts, rows))

    def _lifted(self, most: Parts) -> Floats:
        lifted: Floats = most.astype(np.float64)
        lifted += self._wide[0]
        np.maximum(lifted, _ZERO, out=lifted)
        return lifted

    def pushes(self, parts: Parts, rows: features.Indices, column: int) -> Floats:
        """Return what each token of one comment adds to the log-odds of a label.

        A filter is moved by the place where it is strongest: each token there has its
        own part, and an even share of what the filter has to begin with.
        """
        padded = _padded(rows)
        sums = np.concatenate(list(_added(parts, padded)), dtype=np.int16)
        first = sums.argmax(axis=0)
        filters = np.arange(len(first))
        is_moved = sums[first, filters] + self.lifts > 0
        weights = self.readout[:, column] * self.steps[column] * is_moved
        is_token = np.zeros(len(padded))
        is_token[_GAP:-_GAP] = 1
        owners = sum(is_token[first + place] for place in range(WIDTH))
        pushes = np.zeros(len(padded))
        for place in range(WIDTH):
            at = first + place
            token_parts = parts[place, padded[at], filters]
            shares = is_token[at] * self.lifts / owners
            np.add.at(pushes, at, weights * (token_parts + shares))
        return pushes[_GAP:-_GAP]


def _product(matrix: Floats, other: Floats) -> Floats:
    """Multiply matrices of whole numbers, some rows at a time.

    Larger ones OpenBLAS would give to threads, which wait for one another by spinning:
    on a busy machine that costs more than the product.
    """
    product = np.empty((len(matrix), other.shape[1]))
    rows = max(1, ONE_THREAD // max(1, other.size))
    for start in range(0, len(matrix), rows):
        part = slice(start, start + rows)
        np.matmul(matrix[part], other, out=product[part])
    return product


PREFIX = "network_"
_KINDS = {
    "words": "uint32",
    "vectors": "int8",
    "filters": "int16",
    "lifts": "int16 or int8",
    "readout": "int16",
    "steps": "float64",
}
#: The arrays of a network in a file.
NAMES = frozenset(PREFIX + name for name in _KINDS)


def fault(arrays: Mapping[str, npt.NDArray[Any]], labels: int) -> str | None:
    """Return what is wrong with the arrays of a network; None if nothing is."""
    fields = {name.removeprefix(PREFIX): array for name, array in arrays.items()}
    for name, kind in _KINDS.items():
        if name not in fields or fields[name].dtype.name not in kind.split(" or "):
            return f"the network has no good {name!r}"
    if fields["vectors"].ndim != 2 or fields["lifts"].ndim != 1:
        return "the network's vectors or lifts have another shape"
    (count, size), filters = fields["vectors"].shape, len(fields["lifts"])
    shapes = {
        "words": (count - 1,),
        "filters": (size, WIDTH * filters),
        "readout": (filters, labels),
        "steps": (labels,),
    }
    for name, shape in shapes.items():
        if fields[name].shape != shape:
            return f"the network's {name} have another shape"
    if not (fields["words"][1:] >= fields["words"][:-1]).all():
        return "the network's words are in no order"
    if not (np.abs(fields["lifts"].astype(np.int64)) <= MAX_PARTS["int16"]).all():
        return "the network's lifts are too large"
    if not np.isfinite(fields["steps"]).all():
        return "the network's steps are no numbers"
    return None


def of_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> Network:
    """Put a network together from arrays that have no `fault`."""
    return Network(**{name: arrays[PREFIX + name] for name in _KINDS})


#: Rows of parts that no token has: an empty place, and one that never counts, if what
#: stands before it is empty.
EMPTY, NEVER, BEFORE = 0, 1, 2
#: Empty places before and after a comment, so that its first and last tokens count.
_GAP = WIDTH - 1
_EMPTIES = np.full(_GAP, EMPTY)
# Without a dimension: numpy takes such an array sooner than Python's number.
_ZERO = np.array(0.0)
#: Places that are added up in one go; bounds memory, changes nothing.
BLOCK = 1024


def _padded(rows: features.Indices) -> features.Indices:
    """Put empty places around a comment."""
    return np.concatenate((_EMPTIES, rows, _EMPTIES))


def _added(parts: Parts, padded: features.Indices) -> Iterator[Parts]:
    """Add up three in a row; `MAX_PARTS` keeps the sums within their bits."""
    for start in range(0, len(padded) - _GAP, BLOCK):
        block = padded[start : start + BLOCK + _GAP]
        yield _in_a_row(parts, block, len(block) - _GAP, 1)


def _in_a_row(parts: Parts, rows: features.Indices, count: int, step: int) -> Parts:
    """Add up the parts of `WIDTH` rows that lie a step from each other."""
    first, middle, last = parts
    sums: Parts = first.take(rows[:count], 0, mode="clip")
    sums += middle.take(rows[step : step + count], 0, mode="clip")
    sums += last.take(rows[2 * step : 2 * step + count], 0, mode="clip")
    return sums


def _strongest(parts: Parts, rows: features.Indices) -> Parts:
    """Return the filters' largest values in one comment, without their lifts."""
    blocks = [np.maximum.reduce(sums) for sums in _added(parts, _padded(rows))]
    strongest: Parts = blocks[0] if len(blocks) == 1 else np.maximum.reduce(blocks)
    return strongest


def _strongest_of_each(
    parts: Parts,
    rows: features.Indices,
    starts: features.Indices,
    ends: features.Indices,
) -> Parts:
    """Return the same of many comments, comments × filters."""
    counts = ends - starts
    strongest = np.empty((len(starts), parts.shape[2]), parts.dtype)
    order = np.argsort(-counts, kind="stable")
    longest = int(np.searchsorted(-counts[order], -BLOCK, side="right"))
    for place in order[:longest].tolist():
        strongest[place] = _strongest(parts, rows[starts[place] : ends[place]])
    order = order[longest:]
    for group, sums in _added_of_each(parts, rows, starts, counts, order):
        strongest[group] = sums.max(axis=0).reshape(len(group), -1)
    return strongest


def _added_of_each(
    parts: Parts,
    rows: features.Indices,
    starts: features.Indices,
    counts: features.Indices,
    order: features.Indices,
) -> Iterator[tuple[features.Indices, Parts]]:
    """Add up three in a row in many comments, in groups that fill a block together.

    A group's comments are of near length and stand in columns side by side, so that
    what is added up, and the strongest place, is found for all of them at once.

    Parameters
    ----------
    starts, counts : of all comments
    order : which of them are looked at, the longest first

    Yields
    ------
    which comments, and their sums: places × (comments, each with its filters)
    """
    if not len(order):
        return
    sorted_counts = counts[order]
    groups = list(_groups(sorted_counts.tolist()))
    firsts, lasts = np.array(groups, np.int64).reshape(-1, 2).T
    widths = lasts - firsts
    heights = sorted_counts[firsts] + 2 * _GAP
    bases = np.cumsum(widths * heights) - widths * heights
    # Of each comment: where its column begins, and how far its places are apart.
    steps, begins = np.zeros_like(counts), np.zeros_like(counts)
    steps[order] = np.repeat(widths, widths)
    begins[order] = np.repeat(bases - firsts, widths) + np.arange(len(order))
    padded = np.full(int((widths * heights).sum()), NEVER)
    tokens = np.arange(len(rows))
    at = np.repeat(begins + (_GAP - starts) * steps, counts)
    at += np.repeat(steps, counts) * tokens
    padded[at] = rows  # all of what is not in order at 0, which is made empty now
    for gap in range(_GAP):
        padded[(begins + gap * steps)[order]] = EMPTY
        padded[(begins + (counts + _GAP + gap) * steps)[order]] = EMPTY
    for (first, last), base, height in zip(groups, bases, heights, strict=True):
        width = last - first
        block = padded[base : base + width * height]
        sums = _in_a_row(parts, block, width * (height - _GAP), width)
        yield order[first:last], sums.reshape(height - _GAP, -1)


def _groups(counts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Cut comments into groups that fill a block together, the longest first."""
    first = 0
    while first < len(counts):
        last = first + max(1, BLOCK // (counts[first] + 2 * _GAP))
        yield first, min(last, len(counts))
        first = last
