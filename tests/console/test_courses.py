"""Charts of changes over time: in the right places, and described in words."""

from __future__ import annotations

import re

import pytest

from moderation.console import courses


def points(drawing: str) -> list[str]:
    return re.findall(r'<polyline class="path" points="([^"]*)"', drawing)


def test_the_highest_value_is_at_the_head_and_zero_at_the_foot() -> None:
    drawing = courses.line([0.0, 5.0, 10.0], "Comments: from 0 to 10")
    assert points(drawing) == ["0.0,40.0 50.0,21.5 100.0,3.0"]
    assert 'role="img"' in drawing
    assert 'aria-label="Comments: from 0 to 10"' in drawing


def test_what_is_not_known_breaks_the_line() -> None:
    drawing = courses.line([None, 1.0, 2.0, None, 2.0], "A name")
    assert points(drawing) == ["25.0,21.5 50.0,3.0", "93.75,3.0 100.0,3.0"]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_is_drawn_of_nothing(values: list[float | None]) -> None:
    assert points(courses.line(values, "A name")) == []


def test_values_beyond_their_scale_stay_in_the_drawing() -> None:
    drawing = courses.line([0.5, 2.0], "A name", scale=(0.6, 1.0))
    assert points(drawing) == ["0.0,40.0 100.0,3.0"]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.9, None, 0.6], (0.6, 1.0)),
        ([0.9, 0.59], (0.0, 1.0)),
        ([None], (0.6, 1.0)),
        ([], (0.6, 1.0)),
    ],
)
def test_shares_have_a_fixed_scale(
    values: list[float | None], scale: tuple[float, float]
) -> None:
    assert courses.scale_of_shares(values) == scale


def test_bars_stand_upon_each_other() -> None:
    drawing = courses.bars([[("approved", 3), ("rejected", 1)], [("approved", 0)]], "A")
    assert re.findall(r'class="(\w+)" x="([\d.]+)" y="([\d.]+)"', drawing) == [
        ("approved", "5.0", "12.25"),
        ("rejected", "5.0", "3.0"),
    ]


def test_a_name_is_escaped() -> None:
    assert 'aria-label="&lt;b&gt;"' in courses.bars([], "<b>")
