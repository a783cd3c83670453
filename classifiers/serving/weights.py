"""The weights that training learns, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.serving.network import Network

Floats = npt.NDArray[np.float64]

#: Added to the squared length of a comment, so that one word alone decides less.
SMOOTHING = 0.5


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The trained weights, as plain arrays; one column per label."""

    #: hashed words and n-grams inside words → weight, float16
    rows: npt.NDArray[np.float16]
    #: hashed pairs of neighboring tokens → weight, float16
    pairs: npt.NDArray[np.float16]
    #: hashed words → how rare they are, 0 to 1, float16
    rarity: npt.NDArray[np.float16]
    #: the words seen in training, as the bits of a Bloom filter
    known: npt.NDArray[np.uint8]
    #: those of them that mostly do harm, in the same form
    harsh: npt.NDArray[np.uint8]
    #: log-odds = slope * asinh(sum) + intercept
    slope: Floats
    intercept: Floats
    #: what a denied word and the pair it ends count, 0 to 1, a power of two
    denied_share: float = 1.0
    #: the words of the languages whose scores may decide, as `known`; None: unknown
    home: npt.NDArray[np.uint8] | None = None
    #: what is added to the log-odds, if anything
    network: Network | None = None

    def log_odds(self, sums: Floats) -> Floats:
        """Return log-odds for the sums of words, one column per label.

        With a network, they are calibrated together with its log-odds.

        The inverse hyperbolic sine is straight near zero and logarithmic outside: the
        larger a sum, the less a further word adds.
        """
        log_odds: Floats = self.slope * np.arcsinh(sums) + self.intercept
        return log_odds


#: The field of `Weights` that is an array or missing.
HOME = "home"
#: The fields of `Weights` that are arrays.
ARRAYS = ("rows", "pairs", "rarity", "known", "harsh", "slope", "intercept")
