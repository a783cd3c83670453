"""What the pages of the models draw, and how they say it in a word."""

from __future__ import annotations

import re
from typing import Any

import pytest

from moderation.console import gains, plots
from moderation.console.plots import PlotLine

AXES = {"across": "a <b>", "up": "u", "name": "n"}


def area(value: float, low: float, high: float) -> dict[str, Any]:
    gain = {"value": value, "low": low, "high": high}
    return {"n": 90, "active": 0.8, "candidate": 0.8 + value, "gain": gain}


REPORT = {
    "candidate": {"labels": {"insult": {"positives": 40}, "spam": {"positives": 9}}},
    "comparison": {"auc": {"insult": area(0.1, 0.05, 0.2), "spam": area(0, -0.1, 0.1)}},
    "slices": [
        {
            "kind": "section",
            "name": "Sport",
            "label": "any",
            "positives": 30,
            "auc": area(-0.2, -0.4, -0.1),
        }
    ],
}


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.001, 0.2, "better"),
        (-0.2, -0.001, "worse"),
        (-0.1, 0.1, "unclear"),
        (0.0, 0.1, "unclear"),
        (-0.1, 0.0, "unclear"),
    ],
)
def test_a_range_that_touches_zero_tells_nothing(
    low: float, high: float, outcome: str
) -> None:
    assert plots.outcome(low, high) == outcome


def test_a_report_becomes_rows_in_one_word_each() -> None:
    labels, slices = gains.by_label(REPORT), gains.by_slice(REPORT)
    assert [(each.label, each.outcome) for each in labels] == [
        ("insult", "better"),
        ("spam", "unclear"),
    ]
    (sport,) = slices["section"]
    assert (sport.name, sport.outcome, sport.positives) == ("Sport", "worse", 30)
    assert gains.counted([*labels, sport]) == {"better": 1, "worse": 1, "unclear": 1}


def test_gains_are_drawn_on_one_axis_around_zero() -> None:
    rows = gains.by_label(REPORT)
    (_, better), (_, unclear) = gains.drawn(rows, gains.reach_of(rows))

    def point(drawing: str) -> float:
        found = re.search(r'class="point" x="([\d.]+)"', drawing)
        assert found is not None
        return float(found[1]) + 2  # its middle

    assert point(better) == pytest.approx(200 + 200 * 0.96 * 0.1 / 0.2, abs=0.1)
    assert point(unclear) == 200
    assert 'class="gain better"' in better


def test_small_gains_are_not_blown_up() -> None:
    assert plots.reach([0.001, -0.002]) == plots.LEAST
    assert plots.reach([]) == plots.LEAST


def test_a_square_has_its_lines_ranges_and_words_escaped() -> None:
    lines = [
        PlotLine(kind="active", points=[(0, 0), (1, 1)], ranges=[(0, 0.1), (0.8, 1)])
    ]
    drawn = plots.square(lines, AXES, ideal=True)
    assert "a &lt;b&gt;" in drawn
    assert drawn.count('class="active spread"') == 2
    assert 'class="ideal"' in drawn
    assert 'class="ideal"' not in plots.square(lines, AXES, ideal=False)


def test_a_report_from_before_curves_were_kept_has_none() -> None:
    assert list(gains.curves_of(REPORT, {})) == []
    assert list(gains.curves_of({"curves": None}, {})) == []
