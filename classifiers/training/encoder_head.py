"""The head that an encoder was trained with, and what it learns of danger later."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from classifiers.data import datasets, public
from classifiers.data.contrasts import collection, self_harm
from classifiers.data.datasets import Example
from classifiers.encoder.encoder import Vectors
from classifiers.text.labels import LABELS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class OwnHead:
    """The head that an encoder was trained with; one column a label of `LABELS`."""

    #: what a step of the vector's numbers adds, width × labels
    rows: Floats
    intercept: Floats

    @classmethod
    def load(cls, path: Path) -> OwnHead:
        """Read what `training.encoder.making` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(
                rows=arrays["rows"].astype(np.float64),
                intercept=arrays["intercept"].astype(np.float64),
            )

    def log_odds(self, vectors: Vectors) -> Floats:
        """Return the encoder's own log-odds of texts."""
        read: Floats = vectors.astype(np.float64) @ self.rows + self.intercept
        return read

    def with_danger(self, examples: Sequence[Example], vectors: Vectors) -> OwnHead:
        """Return the head with its self-harm fitted to vectors alone.

        Texts of people in danger are too few for the encoder to learn from in passing.

        Parameters
        ----------
        examples : none that is measured on
        vectors : theirs, in order
        """
        truth = np.array([e.labels["self_harm"] for e in examples], np.float64)
        inputs = vectors / DANGER_UNIT
        weight = np.array([example.weight for example in examples])
        sides = [weight[truth == side].sum() for side in (0, 1)]
        weight[truth == 1] *= sides[0] / sides[1]

        def loss(theta: Floats) -> tuple[float, Floats]:
            z = inputs @ theta[:-1] + theta[-1]
            residual = weight * (expit(z) - truth)
            value = float((weight * (np.logaddexp(0, z) - truth * z)).sum())
            value += DANGER_PULL / 2 * float(theta[:-1] @ theta[:-1])
            slopes = residual @ inputs + DANGER_PULL * theta[:-1]
            return value, np.append(slopes, residual.sum())

        start = np.zeros(inputs.shape[1] + 1)
        found = minimize(loss, start, jac=True, method="L-BFGS-B").x
        column = LABELS.index("self_harm")
        rows, intercept = self.rows.copy(), self.intercept.copy()
        rows[:, column] = found[:-1] / DANGER_UNIT
        intercept[column] = found[-1]
        return OwnHead(rows=rows, intercept=intercept)


#: Steps of a vector's number that count as one, and the pull of weights towards zero.
DANGER_UNIT, DANGER_PULL = 32.0, 1.0
#: Comments from where danger was not looked for, for each that is labeled.
DANGER_OTHERS = 12


def dangers(folder: Path) -> list[Example]:
    """Return examples that say when a person may be in danger, and many others."""
    training = public.read_training(folder) + collection.examples()
    held = datasets.held_out(training)
    learnt = [
        example for example, apart in zip(training, held, strict=True) if not apart
    ]
    labeled = [e for e in learnt if "self_harm" in e.labels]
    labeled += list(self_harm.examples())  # none is measured on
    others = [e for e in learnt if "self_harm" not in e.labels]
    drawn = np.random.default_rng(0).permutation(len(others))
    more = [others[place] for place in drawn[: DANGER_OTHERS * len(labeled)].tolist()]
    return labeled + [
        dataclasses.replace(e, labels={**e.labels, "self_harm": False}) for e in more
    ]
