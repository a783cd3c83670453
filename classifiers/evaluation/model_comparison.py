"""Compare two models on the same examples and the same redrawn samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.data.datasets import Example
from classifiers.evaluation.bootstrap import Estimate, draws
from classifiers.evaluation.model_scores import ModelScores, Targets, targets
from classifiers.evaluation.ranking import Floats, RankedScores
from classifiers.serving.scorer import Scorer


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """A candidate's gain over the active scorer on the same examples."""

    #: examples that carry the label
    n: int
    active: float
    candidate: float
    #: candidate minus active, on paired samples
    gain: Estimate


@dataclass(frozen=True, kw_only=True)
class ModelComparison:
    """Two models side by side; labels without both sides are left out."""

    active: str
    candidate: str
    auc: dict[str, PairedDifference]
    brier: dict[str, PairedDifference]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values that JSON can carry."""
        return dataclasses.asdict(self)


def compare(
    active: Scorer, candidate: Scorer, examples: Sequence[Example], *, seed: int = 0
) -> ModelComparison:
    """Measure two scorers on the same examples and the same redrawn samples."""
    truth = {label: targets(examples, label) for label in active.labels}
    pair = ModelScores.of(active, examples), ModelScores.of(candidate, examples)
    return compare_scores(*pair, truth, seed=seed)


def compare_scores(
    active: ModelScores, candidate: ModelScores, truth: Targets, *, seed: int = 0
) -> ModelComparison:
    """Measure two models by their scores of the same examples; see `compare`."""
    areas, errors = {}, {}
    for label in active.labels:
        if label not in candidate.labels:
            continue
        target = truth[label]
        is_known = ~np.isnan(target)
        if len(np.unique(target[is_known])) < 2:
            continue
        areas[label], errors[label] = differences(
            target[is_known],
            active.of_label(label)[is_known],
            candidate.of_label(label)[is_known],
            seed=seed,
        )
    return ModelComparison(
        active=active.version, candidate=candidate.version, auc=areas, brier=errors
    )


def differences(
    target: Floats, before: Floats, after: Floats, *, seed: int = 0
) -> tuple[PairedDifference, PairedDifference]:
    """Return what two models' scores gain in AUC, and in the Brier score.

    Parameters
    ----------
    target : 1 where the label holds, 0 where not; both sides must be there
    before, after : the active model's probabilities and the candidate's
    """
    pair = RankedScores.of(target, before), RankedScores.of(target, after)
    areas = [ranked.counted().auc() for ranked in pair]
    squares = (before - target) ** 2, (after - target) ** 2
    errors = [float(square.mean()) for square in squares]
    gains = squares[1] - squares[0]
    redrawn = np.array(
        [
            [
                *(ranked.counted(draw).auc() for ranked in pair),
                sum(gains[side].sum() for side in draw) / len(gains),
            ]
            for draw in draws(target, seed)
        ]
    )
    return (
        _difference(len(target), areas, redrawn[:, 1] - redrawn[:, 0]),
        _difference(len(target), errors, redrawn[:, 2]),
    )


def _difference(n: int, pair: Sequence[float], gains: Floats) -> PairedDifference:
    before, after = pair
    return PairedDifference(
        n=n,
        active=before,
        candidate=after,
        gain=Estimate.of(after - before, gains),
    )
