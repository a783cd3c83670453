"""Figures are right on cases worked out by hand, and agree with scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from classifiers.evaluation import metrics


def test_figures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, 500).astype(float)
    score = np.round(rng.random(500) * 0.5 + target * 0.2, 2)  # with ties
    assert metrics.auc(target, score) == pytest.approx(roc_auc_score(target, score))
    assert metrics.average_precision(target, score) == pytest.approx(
        average_precision_score(target, score)
    )


def test_perfect_order_is_one_and_reversed_is_nothing() -> None:
    target = np.array([0.0, 0.0, 1.0, 1.0])
    assert metrics.auc(target, np.array([0.1, 0.2, 0.8, 0.9])) == 1
    assert metrics.auc(target, np.array([0.9, 0.8, 0.2, 0.1])) == 0
    assert metrics.recall_at(target, np.array([0.1, 0.2, 0.8, 0.9])) == 1


def test_calibration_error_of_an_honest_score_is_nothing() -> None:
    target = np.array([0.0] * 8 + [1.0] * 2)
    assert metrics.calibration_error(target, np.full(10, 0.2)) == pytest.approx(0)
    assert metrics.calibration_error(target, np.full(10, 0.9)) == pytest.approx(0.7)


@pytest.mark.parametrize("n", [100, 5000])
def test_perfect_probabilities_err_by_chance(n: int) -> None:
    rng = np.random.default_rng(0)
    score = rng.beta(0.5, 1, n)
    errors = [
        metrics.calibration_error((rng.random(n) < score).astype(float), score)
        for _ in range(300)
    ]
    expected = metrics.calibration_error_by_chance(score)
    assert expected == pytest.approx(np.mean(errors), rel=0.1)


def test_recall_is_reported_at_each_share_of_false_alarms() -> None:
    truth = np.array([0.0] * 101 + [1.0] * 4 + [np.nan])
    score = np.array([*np.arange(101) / 101, 0.2, 0.955, 0.985, 0.995, 1.0])
    recalls = metrics.recalls(truth, score, (0.001, 0.01, 0.05))
    assert recalls == {0.001: 0.25, 0.01: 0.5, 0.05: 0.75}
    assert metrics.recalls(truth[:100], score[:100], (0.01,)) == {}
