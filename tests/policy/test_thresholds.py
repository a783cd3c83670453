"""Thresholds in order, and margins to them."""

from __future__ import annotations

import pytest

from moderation.policy.thresholds import Threshold, margin
from tests.policy.builders import POST


@pytest.mark.parametrize(
    ("review_at", "reject_at"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.0, None)]
)
def test_thresholds_in_order_are_accepted(
    review_at: float, reject_at: float | None
) -> None:
    assert Threshold(review_at=review_at, reject_at=reject_at).review_at == review_at


@pytest.mark.parametrize(
    ("review_at", "reject_at"),
    [(0.6, 0.5), (-0.1, None), (1.1, None), (0.5, 1.1), (float("nan"), None)],
)
def test_thresholds_out_of_order_are_refused(
    review_at: float, reject_at: float | None
) -> None:
    with pytest.raises(ValueError, match="must hold"):
        Threshold(review_at=review_at, reject_at=reject_at)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, None),
        ({"spam": 0.5}, 0.0),  # at the threshold
        ({"spam": 0.85}, 0.05),  # the nearer of the two
        ({"toxicity": 0.0}, 0.6),
        ({"threat": 0.4}, 0.1),  # no threshold: the middle
        ({"spam": 0.0, "threat": 0.4, "toxicity": 0.58}, 0.02),
    ],
)
def test_the_margin_is_to_the_nearest_cut_point(
    known: dict[str, float], expected: float | None
) -> None:
    assert margin(POST, known) == (
        expected if expected is None else pytest.approx(expected)
    )
