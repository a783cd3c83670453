"""Make probabilities honest, and set thresholds by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from classifiers.evaluation import figures
from classifiers.evaluation.metrics import calibration_error
from classifiers.text import features
from classifiers.training.recipes import Recipe
from classifiers.training.supervision import MIN_EXAMPLES, Mask, Supervision

Floats = npt.NDArray[np.float64]

#: Share of harmless texts, unseen in training, that a threshold may hold back.
REVIEWED_SHARE = 0.03
REJECTED_SHARE = 0.002
#: Labels so rare under articles that fewer may be held back.
REVIEWED_SHARES = {"spam": 0.003, "self_harm": 0.002}


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The steps from a label's signs to probabilities, and its thresholds."""

    #: log-odds = slope * signs + intercept, one of each per label
    slope: Floats
    intercept: Floats
    #: label → `review_at` and `reject_at`
    thresholds: Mapping[str, Mapping[str, float]]
    #: label → calibration error, and the examples it was measured on
    errors: Mapping[str, Mapping[str, float]]

    def manifest(self, held_out: Supervision, signs: Floats) -> dict[str, Any]:
        """Return the manifest's part about probabilities, with figures by language.

        Parameters
        ----------
        held_out : the held-out examples only
        signs : theirs, examples × labels
        """
        labels = held_out.labels
        probabilities = expit(self.slope * signs + self.intercept)
        areas = figures.by_language(held_out.examples, labels, probabilities)
        return {
            "thresholds": self.thresholds,
            "calibration": self.errors,
            "languages": figures.deciding(areas, labels),
            "auc_by_language": areas,
            "good_for": figures.good_for(areas),
        }


def calibrate(data: Supervision, signs: Floats, recipe: Recipe) -> Calibration:
    """Fit each label's probabilities to the held-out examples.

    Parameters
    ----------
    signs : what the log-odds are linear in, examples × labels
    """
    slope, intercept = np.ones(len(data.labels)), np.zeros(len(data.labels))
    thresholds: dict[str, dict[str, float]] = {}
    errors: dict[str, dict[str, float]] = {}
    usual = np.array([e.source in recipe.threshold_sources for e in data.examples]) | (
        not recipe.threshold_sources
    )
    for column, (label, target) in enumerate(data.targets.items()):
        sign = signs[:, column]
        chosen = _calibrating(data, label, recipe)
        slope[column], intercept[column] = _platt(sign[chosen], target[chosen])
        scores = expit(slope[column] * sign + intercept[column])
        share = REVIEWED_SHARES.get(label, REVIEWED_SHARE)
        harmless = data.is_held_out & usual & (target == 0)
        thresholds[label] = _thresholds(scores[harmless], share)
        error = calibration_error(target[chosen], scores[chosen])
        errors[label] = {"n": len(chosen), "ece": round(error, 4)}
    return Calibration(
        slope=slope, intercept=intercept, thresholds=thresholds, errors=errors
    )


def _calibrating(data: Supervision, label: str, recipe: Recipe) -> features.Indices:
    """Choose examples for calibration: of sources with harm as it occurs."""
    target = data.targets[label]
    able: Mask = data.is_held_out & ~np.isnan(target)
    is_chosen = np.array(
        [e.source in recipe.calibration_sources for e in data.examples]
    )
    best = able & is_chosen
    sides = [int((best & (target == side)).sum()) for side in (0, 1)]
    return np.flatnonzero(best if min(sides) >= MIN_EXAMPLES else able)


def _platt(sign: Floats, target: Floats) -> tuple[float, float]:
    """Return slope and intercept of calibrated log-odds. Source: Platt 1999."""

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = theta[0] * sign + theta[1]
        residual = expit(z) - target
        value = float((np.logaddexp(0, z) - target * z).sum())
        return value, np.array([residual @ sign, residual.sum()])

    optimum = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B")
    return float(max(optimum.x[0], 1e-3)), float(optimum.x[1])


def _thresholds(harmless: Floats, reviewed: float) -> dict[str, float]:
    """Return thresholds that hold few harmless texts, and reject fewer."""
    if not len(harmless):
        return {"review_at": 0.5, "reject_at": 0.95}
    review_at = float(np.clip(np.quantile(harmless, 1 - reviewed), 0.05, 0.95))
    reject_at = float(np.quantile(harmless, 1 - REJECTED_SHARE))
    return {
        "review_at": round(review_at, 3),
        "reject_at": round(float(np.clip(reject_at, max(0.9, review_at), 0.999)), 3),
    }
