"""A frozen set of hashed examples, to measure what a scorer has forgotten.

It is part of the scorer's file, so that a site that retrains without the public data
can measure its candidate on it. It holds hashes and labels, no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.text import features

#: How its arrays are called in a file.
PREFIX = "frozen_"
#: A label that is not known.
UNKNOWN = -1


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """Hashed examples, one after the other."""

    #: places of words and n-grams in the table of rows
    rows: npt.NDArray[np.uint32]
    row_values: npt.NDArray[np.float16]
    #: where each example's rows begin, and the end
    row_bounds: npt.NDArray[np.int64]
    #: places of neighboring tokens in the table of pairs
    pairs: npt.NDArray[np.uint32]
    pair_values: npt.NDArray[np.float16]
    pair_bounds: npt.NDArray[np.int64]
    #: examples × labels: 1, 0, or -1 where unknown
    labels: npt.NDArray[np.int8]
    #: what a network adds to the log-odds, examples × labels; None without one
    beyond: npt.NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return its arrays by the names they have in a file."""
        arrays = {PREFIX + name: getattr(self, name) for name in _FIELDS}
        return {name: array for name, array in arrays.items() if array is not None}

    def sums(
        self, rows: npt.NDArray[Any], pairs: npt.NDArray[Any]
    ) -> npt.NDArray[np.float64]:
        """Return each example's sums under tables of weights, one column per label."""
        return _summed(rows, self.rows, self.row_values, self.row_bounds) + _summed(
            pairs, self.pairs, self.pair_values, self.pair_bounds
        )


_FIELDS = tuple(Frozen.__dataclass_fields__)
_KINDS = {
    "rows": "uint32",
    "row_values": "float16",
    "row_bounds": "int64",
    "pairs": "uint32",
    "pair_values": "float16",
    "pair_bounds": "int64",
    "labels": "int8",
}
#: The arrays of a frozen set, and the further one of a set with a network.
NAMES = frozenset(PREFIX + name for name in _KINDS)
BEYOND = PREFIX + "beyond"


def _summed(
    table: npt.NDArray[Any],
    places: npt.NDArray[Any],
    values: npt.NDArray[Any],
    bounds: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    terms = table[places].astype(np.float64) * values.astype(np.float64)[:, None]
    total = np.concatenate([np.zeros((1, table.shape[1])), np.cumsum(terms, axis=0)])
    sums: npt.NDArray[np.float64] = total[bounds[1:]] - total[bounds[:-1]]
    return sums


def fault(arrays: Mapping[str, npt.NDArray[Any]], labels: int) -> str | None:
    """Return what is wrong with the arrays of a frozen set; None if nothing is."""
    for name in _KINDS:
        array = arrays.get(PREFIX + name)
        if array is None or array.dtype.name != _KINDS[name]:
            return f"the frozen set has no good {name!r}"
        if array.ndim != (2 if name == "labels" else 1):
            return f"the frozen set's {name!r} has another shape"
    count, width = arrays[PREFIX + "labels"].shape
    if width != labels or not np.isin(arrays[PREFIX + "labels"], (-1, 0, 1)).all():
        return "the frozen set has other labels"
    for name, limit in (("row", features.BITS), ("pair", features.PAIR_BITS)):
        places = arrays[f"{PREFIX}{name}s"]
        values = arrays[f"{PREFIX}{name}_values"]
        bounds = arrays[f"{PREFIX}{name}_bounds"]
        good = (
            len(bounds) == count + 1
            and len(values) == len(places)
            and bounds[0] == 0
            and bounds[-1] == len(places)
            and (np.diff(bounds) >= 0).all()
            and (places < 1 << limit).all()
            and np.isfinite(values).all()
        )
        if not good:
            return f"the frozen set's {name}s do not fit together"
    beyond = arrays.get(BEYOND)
    if beyond is not None and not (
        beyond.dtype.name == "float32"
        and beyond.shape == (count, labels)
        and np.isfinite(beyond).all()
    ):
        return "the frozen set has no good 'beyond'"
    return None


def of_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> Frozen:
    """Put a frozen set together from arrays that have no `fault`."""
    fields = {name: arrays[PREFIX + name] for name in _KINDS}
    return Frozen(**fields, beyond=arrays.get(BEYOND))
