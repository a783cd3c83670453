"""Figures about scores: AUC, average precision, recall, calibration error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifiers.evaluation.ranking import Floats, RankedScores

#: Bins of the calibration error.
BINS = 15
#: The share of harmless texts at which recall is reported.
FALSE_ALARMS = 0.01


def auc(target: Floats, score: Floats) -> float:
    """Return the chance that a positive scores above a negative; ties count half."""
    return RankedScores.of(target, score).counted().auc()


def average_precision(target: Floats, score: Floats) -> float:
    """Return the mean of the precision at each positive; ties are taken together."""
    return RankedScores.of(target, score).counted().average_precision()


def recall_at(target: Floats, score: Floats, alarms: float = FALSE_ALARMS) -> float:
    """Return the share of positives above all but `alarms` of the negatives."""
    return RankedScores.of(target, score).counted().recall(alarms)


def recalls(
    target: Floats, score: Floats, shares: Sequence[float]
) -> dict[float, float]:
    """Return the share of positives above each share of false alarms.

    Empty where one side is missing. Rows with an unknown target are left out.
    """
    is_known = ~np.isnan(target)
    target, score = target[is_known], score[is_known]
    if len(np.unique(target)) < 2:
        return {}
    return {share: recall_at(target, score, share) for share in shares}


def calibration_error(target: Floats, score: Floats) -> float:
    """Return the mean gap between probability and truth, in 15 equal bins.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
    """
    bins = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(bins, score - target, BINS))
    return float(gaps.sum() / len(target))


def calibration_error_by_chance(score: Floats) -> float:
    """Return the calibration error that perfect probabilities show by chance.

    The fewer texts, the larger it is: no calibration can be shown to be better. In each
    bin the number of positives varies around the sum of the scores by about a normal
    distribution, whose mean distance is ``sqrt(2 / pi)`` standard deviations.
    """
    bins = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    variances = np.bincount(bins, np.maximum(score * (1 - score), 0), BINS)
    return float(np.sqrt(variances * 2 / np.pi).sum() / len(score))
