"""A small network beside the sum: what three tokens in a row say together.

A token's words have vectors; each of some filters adds up three tokens in a row, and
the strongest place in a comment counts. All in whole numbers, so that sums are exact in
any order and on any machine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import features, text

Floats = npt.NDArray[np.float64]
Parts = npt.NDArray[np.int16]

#: Tokens in a row that a filter sees.
WIDTH = 3
#: What one step of a word's vector and of a filter's weight is.
VECTOR_STEP = 2.0**-5
FILTER_STEP = 2.0**-13
#: What one step of a part is: what a token adds to a filter at one of its places.
PART_STEP = 2.0**-10
#: Three parts and a lift stay within 16 bits.
MOST = 8000
#: Marks that a disguise leaves behind: beside a word the network does not see them.
TRACES = frozenset(
    text.MARK + mark for mark in ("number", "money", "masked", "stretched")
)
_HASH_SHIFT = np.uint64(32)


def seen(words: Sequence[str]) -> Sequence[str]:
    """Return those of a token's words and marks that the network sees."""
    if TRACES.isdisjoint(words):
        return words
    kept = [word for word in words if word not in TRACES]
    return kept if any(word[:1] != text.MARK for word in kept) else words


@dataclass(frozen=True, kw_only=True)
class Network:
    """What training learnt, as plain arrays of whole numbers."""

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
        """Return what each token adds, tokens × `WIDTH` places × filters.

        Parameters
        ----------
        words : of each token, with its marks
        """
        told = [seen(each) for each in words]
        flat = [word for each in told for word in each]
        found = np.zeros((len(words), self.vectors.shape[1]))
        if flat:
            counts = np.fromiter(map(len, told), np.int64, len(told))
            owners = np.repeat(np.arange(len(told)), counts)
            np.add.at(found, owners, self.vectors[self._rows(flat)])
        products = np.rint(
            found @ self.filters * (VECTOR_STEP * FILTER_STEP / PART_STEP)
        )
        parts = np.clip(products, -MOST, MOST).astype(np.int16)
        return parts.reshape(len(words), WIDTH, len(self.lifts))

    def _rows(self, words: Sequence[str]) -> features.Indices:
        hashes = (features.word_hashes(words) >> _HASH_SHIFT).astype(np.uint32)
        places = np.searchsorted(self.words, hashes)
        near = self.words.take(places, mode="clip")
        return np.where(near == hashes, places, len(self.words))

    def log_odds(self, strongest: Parts) -> Floats:
        """Return what the network adds to the log-odds, comments × labels."""
        # Products of whole numbers: exact, in whatever order they are added.
        found: Floats = strongest.astype(np.float64) @ self.readout.astype(np.float64)
        return found * self.steps

    def strongest(
        self,
        parts: Parts,
        ids: features.Indices,
        starts: features.Indices,
        ends: features.Indices,
    ) -> Parts:
        """Return what each filter says at its strongest place, comments × filters.

        Parameters
        ----------
        parts : rows of parts, of which the first is empty
        ids : which of them the tokens have, one comment after the other
        starts, ends : where the tokens of each comment, one at least, lie in `ids`
        """
        padded = _padded(ids, starts, ends)
        bounds = [*(starts + _GAP * np.arange(len(starts))).tolist()]
        bounds.append(len(padded) - _GAP)
        found = np.full((len(starts), parts.shape[2]), _LEAST, np.int16)
        for start in range(0, bounds[-1], BLOCK):
            sums = _added(_taken(parts, padded[start : start + BLOCK + _GAP]))
            row = bisect_right(bounds, start) - 1
            while row < len(starts) and bounds[row] < start + BLOCK:
                first, last = bounds[row] - start, bounds[row + 1] - start
                # Comment by comment this is quicker than `reduceat`.
                if first >= 0:
                    np.maximum.reduce(sums[first:last], axis=0, out=found[row])
                else:
                    np.maximum(found[row], sums[:last].max(axis=0), out=found[row])
                row += 1
        found += self.lifts
        return np.maximum(found, 0, out=found)

    def pushes(self, parts: Parts, ids: features.Indices, column: int) -> Floats:
        """Return what each token of one comment adds to the log-odds of a label.

        A filter is moved by the place where it is strongest: each token there has its
        own part, and an even share of what the filter has to begin with.
        """
        count = len(ids)
        padded = _padded(ids, np.array([0]), np.array([count]))
        sums = np.concatenate(
            [
                _added(_taken(parts, padded[start : start + BLOCK + _GAP]))
                for start in range(0, count + _GAP, BLOCK)
            ]
        )
        first = sums.argmax(axis=0)
        filters = np.arange(len(first))
        is_moved = sums[first, filters] + self.lifts > 0
        says = self.readout[:, column] * self.steps[column] * is_moved
        is_token = np.zeros(len(padded))
        is_token[_GAP:-_GAP] = 1
        owners = sum(is_token[first + place] for place in range(WIDTH))
        found = np.zeros(len(padded))
        for place in range(WIDTH):
            at = first + place
            own = parts[padded[at], place, filters]
            np.add.at(found, at, says * (own + is_token[at] * self.lifts / owners))
        return found[_GAP:-_GAP]


PREFIX = "network_"
_KINDS = {
    "words": "uint32",
    "vectors": "int8",
    "filters": "int16",
    "lifts": "int16",
    "readout": "int16",
    "steps": "float64",
}
#: The arrays of a network in a file.
NAMES = frozenset(PREFIX + name for name in _KINDS)


def fault(arrays: Mapping[str, npt.NDArray[Any]], labels: int) -> str | None:
    """Return what is wrong with the arrays of a network; None if nothing is."""
    own = {name.removeprefix(PREFIX): array for name, array in arrays.items()}
    for name, kind in _KINDS.items():
        if name not in own or own[name].dtype.name != kind:
            return f"the network has no good {name!r}"
    if own["vectors"].ndim != 2 or own["lifts"].ndim != 1:
        return "the network's vectors or lifts have another shape"
    (count, size), filters = own["vectors"].shape, len(own["lifts"])
    shapes = {
        "words": (count - 1,),
        "filters": (size, WIDTH * filters),
        "readout": (filters, labels),
        "steps": (labels,),
    }
    for name, shape in shapes.items():
        if own[name].shape != shape:
            return f"the network's {name} have another shape"
    if not (own["words"][1:] >= own["words"][:-1]).all():
        return "the network's words are in no order"
    if not (np.abs(own["lifts"].astype(np.int64)) <= MOST).all():
        return "the network's lifts are too large"
    if not np.isfinite(own["steps"]).all():
        return "the network's steps are no numbers"
    return None


def of_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> Network:
    """Put a network together from arrays that have no `fault`."""
    return Network(**{name: arrays[PREFIX + name] for name in _KINDS})


#: Empty places between two comments, so that no filter sees both.
_GAP = WIDTH - 1
#: Places that are added up in one go; bounds memory, changes nothing.
BLOCK = 8192
_LEAST = np.iinfo(np.int16).min


def _padded(
    ids: features.Indices, starts: features.Indices, ends: features.Indices
) -> features.Indices:
    """Put empty places around each comment."""
    gaps = _GAP * np.arange(1, len(starts) + 1)
    padded = np.zeros(len(ids) + _GAP * (len(starts) + 1), np.int64)
    padded[np.arange(len(ids)) + np.repeat(gaps, ends - starts)] = ids
    return padded


def _taken(parts: Parts, ids: features.Indices) -> Parts:
    return parts.take(ids, axis=0, mode="clip")


def _added(padded: Parts) -> Parts:
    """Add up three in a row; `MOST` keeps the sums within their bits."""
    sums: Parts = padded[:-2, 0] + padded[1:-1, 1]
    sums += padded[2:, 2]
    return sums
