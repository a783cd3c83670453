"""Thresholds follow from a target that people understand."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.evaluation.threshold_targets import (
    MIN_REJECTED,
    hold,
    lower_bound,
    reject,
)

LABELS = ("spam", "insult")


def made(count: int = 2000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return scores of two labels and which texts are harmful."""
    chance = np.random.default_rng(seed)
    is_harmful = chance.random(count) < 0.2
    scores = chance.random((count, 2)) * 0.7
    scores[is_harmful, 1] += 0.3
    return scores.round(6), is_harmful


@pytest.mark.parametrize("one_in", [20, 100, 200, 1000])
def test_no_more_harmless_texts_are_held_than_asked(one_in: int) -> None:
    scores, is_harmful = made()
    held = hold(LABELS, scores, is_harmful, one_in)
    assert held.harmless_held <= held.harmless / one_in
    assert held.harmless_held >= held.harmless / one_in - len(LABELS)
    over = np.any(scores >= [held.cuts[label] for label in LABELS], axis=1)
    assert int(np.sum(over & is_harmful)) == held.harmful_held


def test_a_stricter_target_holds_less_harm() -> None:
    inputs = LABELS, *made()
    assert hold(*inputs, 20).harmful_held > hold(*inputs, 500).harmful_held


def test_too_few_harmless_texts_allow_no_slip() -> None:
    scores, is_harmful = made(50)
    assert hold(LABELS, scores, is_harmful, 1000).harmless_held == 0


def test_without_harmless_texts_nothing_is_held() -> None:
    held = hold(LABELS, np.full((5, 2), 0.5), np.ones(5, bool), 100)
    assert held.cuts == {"spam": 1.0, "insult": 1.0}


@pytest.mark.parametrize("right", [0.9, 0.99])
def test_what_is_rejected_is_right_so_often(right: float) -> None:
    thresholds = reject(LABELS, *made(), right)
    assert thresholds.cuts["spam"] is None  # it tells nothing
    assert thresholds.cuts["insult"] is not None
    assert thresholds.rejected >= MIN_REJECTED
    assert 1 - thresholds.wrong / thresholds.rejected >= right
    assert thresholds.right_at_least is not None
    assert thresholds.right_at_least < 1 - thresholds.wrong / thresholds.rejected


def test_few_texts_show_no_threshold_to_be_right() -> None:
    scores, is_harmful = made(60)
    thresholds = reject(LABELS, scores, is_harmful, 0.99)
    assert thresholds.cuts == {"spam": None, "insult": None}
    assert (thresholds.rejected, thresholds.wrong, thresholds.right_at_least) == (
        0,
        0,
        None,
    )


def test_equal_scores_stand_on_one_side() -> None:
    scores = np.array([[0.9]] * 25 + [[0.5]] * 25)
    is_harmful = np.array([True] * 25 + [True] * 20 + [False] * 5)
    assert reject(("spam",), scores, is_harmful, 0.95).cuts == {"spam": 0.9}
    assert reject(("spam",), scores, is_harmful, 0.9).cuts == {"spam": 0.5}


@pytest.mark.parametrize(("hits", "total"), [(0, 10), (5, 10), (10, 10)])
def test_the_lower_end_lies_below_the_share(hits: int, total: int) -> None:
    low = lower_bound(hits, total)
    assert low is not None
    assert -1e-9 <= low <= hits / total


def alike() -> tuple[np.ndarray, np.ndarray]:
    """Return scores of two labels that find the same harm and err on other texts.

    Either is right in 95 of 100 over 0.5; together they are in 95 of 105.
    """
    scores = np.zeros((205, 2))
    scores[:95] = 0.9
    scores[95:100, 0] = 0.5
    scores[100:105, 1] = 0.5
    return scores, np.arange(205) < 95


def test_all_labels_together_are_right_so_often() -> None:
    thresholds = reject(LABELS, *alike(), 0.95)
    assert thresholds.cuts == {"spam": 0.9, "insult": 0.9}
    assert (thresholds.rejected, thresholds.wrong) == (95, 0)
    assert reject(LABELS, *alike(), 0.9).wrong == 10  # 95 of 105 are enough for that


def test_a_cut_is_not_under_its_floor() -> None:
    thresholds = reject(LABELS, *alike(), 0.9, floors={"spam": 0.6, "insult": 0.95})
    assert thresholds.cuts == {"spam": 0.9, "insult": None}
