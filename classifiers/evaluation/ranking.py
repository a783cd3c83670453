"""Scores ranked once, so that redrawn samples need no sorting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Draw = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True)
class ScoreCounts:
    """Counts of either side at each distinct score, the lowest first."""

    positives: Floats
    negatives: Floats

    def auc(self) -> float:
        """Return the area under the ROC curve; ties count half."""
        below = np.cumsum(self.negatives) - self.negatives / 2
        # Not by `@`: threads of BLAS cost more than they bring, next to other work.
        hits = np.einsum("i,i->", self.positives, below)
        return float(hits / (self.positives.sum() * self.negatives.sum()))

    def average_precision(self) -> float:
        """Return the mean precision at each positive; ties are taken together."""
        gained = self.positives[::-1]
        hits = np.cumsum(gained)
        counts = np.maximum(hits + np.cumsum(self.negatives[::-1]), 1)
        return float((hits / counts) @ gained / hits[-1])

    def recall(self, false_alarms: float) -> float:
        """Return the share of positives above all but a share of the negatives."""
        total = self.negatives.sum()
        rank = np.ceil((total - 1) * (1 - false_alarms))  # of the cut
        cut = int(np.searchsorted(np.cumsum(self.negatives), rank, side="right"))
        return float(self.positives[cut + 1 :].sum() / self.positives.sum())


@dataclass(frozen=True)
class RankedScores:
    """Scores with their ranks."""

    target: Floats
    #: the place of each example's score among the distinct ones
    places: npt.NDArray[np.int64]
    distinct_count: int

    @classmethod
    def of(cls, target: Floats, score: Floats) -> RankedScores:
        """Rank scores."""
        values, places = np.unique(score, return_inverse=True)
        return cls(target, places, len(values))

    def counted(self, draw: Draw | None = None) -> ScoreCounts:
        """Count all examples, or those that were drawn, harmless and harmful."""
        sides = draw or tuple(np.flatnonzero(self.target == side) for side in (0, 1))
        negatives, positives = (
            np.bincount(self.places[side], minlength=self.distinct_count)
            for side in sides
        )
        return ScoreCounts(positives.astype(np.float64), negatives.astype(np.float64))
