"""The curves of a label, and how true its probabilities are."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.evaluation.curves import POINTS, trace
from classifiers.evaluation.metrics import auc

TARGET = np.array([0, 0, 1, 0, 1, 1, np.nan], float)
SCORE = np.array([0.1, 0.2, 0.3, 0.4, 0.8, 0.9, 0.99])


def test_the_curves_go_through_every_cut() -> None:
    curves = trace(TARGET, SCORE)
    assert curves is not None
    assert curves.roc[0] == (0.0, 0.0)
    assert curves.roc[-1] == (1.0, 1.0)
    assert (0.0, 0.6667) in curves.roc
    assert (0.3333, 1.0) in curves.roc
    assert curves.precision[0] == (0.3333, 1.0)
    assert curves.precision[-1] == (1.0, 0.5)


def test_many_points_are_thinned_and_keep_the_area() -> None:
    draw = np.random.default_rng(1)
    target = draw.integers(0, 2, 5000).astype(float)
    score = np.clip(target * 0.3 + draw.random(5000) * 0.7, 0, 1)
    curves = trace(target, score)
    assert curves is not None
    assert len(curves.roc) <= POINTS + 1
    across, up = np.array(curves.roc).T
    area = float(np.trapezoid(up, across))
    assert area == pytest.approx(auc(target, score), abs=0.002)


def test_probabilities_are_set_beside_what_came_true() -> None:
    target = np.array([0.0] * 9 + [1.0] + [1.0] * 10)
    score = np.array([0.12] * 10 + [1.0] * 10)
    curves = trace(target, score)
    assert curves is not None
    low, high = curves.bins
    assert (low.n, low.predicted, low.observed) == (10, 0.12, 0.1)
    assert low.low < 0.1 < low.high < 0.5
    assert (high.n, high.observed, high.high) == (10, 1.0, 1.0)
    assert high.low < 1


@pytest.mark.parametrize("target", [[], [0.0, 0.0], [1.0, np.nan]])
def test_one_side_alone_has_no_curves(target: list[float]) -> None:
    assert trace(np.array(target, float), np.full(len(target), 0.5)) is None


def test_equal_scores_are_one_point() -> None:
    curves = trace(np.array([0.0, 1.0, 1.0]), np.full(3, 0.5))
    assert curves is not None
    assert curves.roc == ((0.0, 0.0), (1.0, 1.0))
    assert curves.precision == ((1.0, 0.6667),)
