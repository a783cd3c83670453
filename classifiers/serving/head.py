"""Combine an encoder's vector with the fast scorer's log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.encoder.encoder import WIDTH, Vectors

Floats = npt.NDArray[np.float64]

PREFIX = "head."


class Tongue(IntEnum):
    """The fast scorer's knowledge of a comment's language."""

    #: its thresholds are set on it
    HOME = 0
    #: it has learned some of it
    FAMILIAR = 1
    #: the encoder judges alone
    FOREIGN = 2


@dataclass(frozen=True, kw_only=True)
class Head:
    """A calibrated sum for each `Tongue`; one column a label.

    Its first labels are those of the fast scorer, in order.
    """

    #: what a step of the vector's numbers adds, `WIDTH` × labels
    rows: npt.NDArray[np.float32]
    #: what is added to that, one a label
    bias: Floats
    #: what the sum of both counts, tongues × labels
    gain: Floats
    #: what the fast scorer's log-odds count, tongues × labels; 0 where it has no label
    share: Floats
    #: tongues × labels
    intercept: Floats

    def log_odds(
        self, fast: Floats, vectors: Vectors, tongues: npt.NDArray[np.int64]
    ) -> Floats:
        """Return the log-odds of texts, one column a label.

        Parameters
        ----------
        fast : of the fast scorer's labels
        tongues : one `Tongue` a text
        """
        deep = vectors.astype(np.float32) @ self.rows + self.bias
        read: Floats = deep * self.gain[tongues] + self.intercept[tongues]
        count = fast.shape[1]
        read[:, :count] += fast * self.share[tongues, :count]
        return read

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays by their names in a file."""
        return {PREFIX + name: getattr(self, name) for name in _KINDS}


_KINDS = {
    "rows": "float32",
    "bias": "float64",
    "gain": "float64",
    "share": "float64",
    "intercept": "float64",
}
#: The arrays of a head in a file.
NAMES = frozenset(PREFIX + name for name in _KINDS)


def fault(arrays: Mapping[str, npt.NDArray[Any]], labels: int) -> str | None:
    """Return what is wrong with the arrays of a head; None if nothing is.

    Parameters
    ----------
    labels : of the head
    """
    shapes: dict[str, tuple[int, ...]] = {"rows": (WIDTH, labels), "bias": (labels,)}
    for name, kind in _KINDS.items():
        array = arrays.get(PREFIX + name)
        shape = shapes.get(name, (len(Tongue), labels))
        if array is None or array.dtype.name != kind or array.shape != shape:
            return f"the head has no good {name!r}"
        if not np.isfinite(array).all():
            return f"the head's {name} has values that are no numbers"
    return None


def of_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> Head:
    """Put a head together from arrays that have no `fault`."""
    return Head(**{name: arrays[PREFIX + name] for name in _KINDS})
