"""Ranges of figures from redrawn samples.

Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993; percentiles, each
side redrawn by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from classifiers.evaluation.ranking import Draw, Floats, ScoreCounts

#: Redrawn samples behind each range.
SAMPLES = 200


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with the range that 95% of redrawn samples fall into."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, redrawn: Sequence[float] | Floats) -> Estimate:
        """Return a figure with the range of its values in redrawn samples."""
        low, high = np.quantile(redrawn, [0.025, 0.975])
        return cls(value=value, low=float(low), high=float(high))


def draws(target: Floats, seed: int) -> Iterator[Draw]:
    """Redraw each side with replacement, so that both are in every sample."""
    rng = np.random.default_rng(seed)
    sides = [np.flatnonzero(target == 0), np.flatnonzero(target == 1)]
    for _ in range(SAMPLES):
        harmless, harmful = (rng.choice(side, len(side)) for side in sides)
        yield harmless, harmful


def estimate(
    figure: Callable[[ScoreCounts], float],
    whole: ScoreCounts,
    redrawn: Sequence[ScoreCounts],
) -> Estimate:
    """Return a figure of all examples with its range."""
    return Estimate.of(figure(whole), [figure(counts) for counts in redrawn])
