"""The weight of a reader's report, and how soon a reported comment is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from moderation.policy.due_times import (
    MAX_PATIENCE,
    MIN_PATIENCE,
    REPORTED_PATIENCE,
    reported_due_at,
)
from moderation.policy.reports import get_reporter_weight

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("right", "settled", "weight"),
    [(0, 0, 1.0), (8, 8, 1.8), (0, 8, 0.2), (4, 8, 1.0), (1000, 1000, 2.0)],
)
def test_a_report_weighs_as_its_reader_was_right_before(
    right: int, settled: int, weight: float
) -> None:
    assert get_reporter_weight(right, settled) == pytest.approx(weight, abs=2e-3)


@pytest.mark.parametrize(
    ("weight", "patience"),
    [
        (3.0, REPORTED_PATIENCE),  # at the threshold
        (6.0, REPORTED_PATIENCE / 2),
        (1000.0, MIN_PATIENCE),
        (0.0, MAX_PATIENCE),
    ],
)
def test_the_heavier_the_reports_the_sooner_is_the_comment_due(
    weight: float, patience: timedelta
) -> None:
    assert reported_due_at(NOW, weight, 3.0) == NOW + patience
