"""Adapt the head of an encoder to the decisions of a site's moderators."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from classifiers.encoder.encoder import Vectors
from classifiers.serving.head import Head

Floats = npt.NDArray[np.float64]

#: Pull of the head towards the one that ships: a Gaussian prior's inverse variance, for
#: numbers of a vector in units of `UNIT` steps. Found on public sets played as sites.
SHRINKAGE = 60.0
#: Pull of the adapted intercept towards the base's.
OFFSET_SHRINKAGE = 4.0
#: Steps of a vector's number that count as one: about its standard deviation.
UNIT = 32.0
PASSES = 60


@dataclass(frozen=True, kw_only=True)
class HeadExamples:
    """Examples as the encoder and the fast scorer see them."""

    vectors: Vectors
    #: one `Tongue` a text
    tongues: npt.NDArray[np.int64]
    #: of the fast scorer's labels
    fast: Floats

    @property
    def tongue(self) -> int:
        """The most frequent of the texts."""
        return int(np.bincount(self.tongues).argmax())


def adapted(
    head: Head,
    examples: HeadExamples,
    targets: npt.NDArray[np.float32],
    weight: Floats,
    heed: Callable[[], None],
) -> tuple[Head, list[int]]:
    """Move a head towards a site's decisions; return it, and the labels that moved.

    Parameters
    ----------
    targets : 1 where a label holds, 0 where not, NaN where it is unknown
    heed : called now and then; may raise to cancel
    """
    start = head.log_odds(examples.fast, examples.vectors, examples.tongues)
    inputs = examples.vectors.astype(np.float32) / np.float32(UNIT)
    rows, intercept = head.rows.astype(np.float64), head.intercept.copy()
    moved = []
    for label in range(targets.shape[1]):
        known = np.flatnonzero(~np.isnan(targets[:, label]))
        truth = targets[known, label].astype(np.float64)
        if not 0 < truth.sum() < len(truth):
            continue
        heed()
        change, offset = _fitted(
            inputs[known], truth, weight[known], start[known, label]
        )
        gain = head.gain[examples.tongue, label]
        rows[:, label] += change / UNIT / gain
        intercept[:, label] += offset
        moved.append(label)
    return (
        dataclasses.replace(head, rows=rows.astype(np.float32), intercept=intercept),
        moved,
    )


def _fitted(
    inputs: npt.NDArray[np.float32], truth: Floats, weight: Floats, start: Floats
) -> tuple[Floats, float]:
    """Return what is added for each number of a vector, and for each text."""

    def loss(theta: Floats) -> tuple[float, Floats]:
        change, offset = theta[:-1], theta[-1]
        z = start + inputs @ change.astype(np.float32) + offset
        residual = weight * (expit(z) - truth)
        value = float((weight * (np.logaddexp(0, z) - truth * z)).sum())
        value += SHRINKAGE / 2 * float(change @ change)
        value += OFFSET_SHRINKAGE / 2 * float(offset**2)
        slopes = residual.astype(np.float32) @ inputs + SHRINKAGE * change
        return value, np.append(slopes, residual.sum() + OFFSET_SHRINKAGE * offset)

    found = minimize(
        loss,
        np.zeros(inputs.shape[1] + 1),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": PASSES},
    )
    return found.x[:-1], float(found.x[-1])
