"""The icons: each has a drawing that fits its box."""

from __future__ import annotations

import re

import pytest

from moderation.console.icons import ICONS, TURNING

BOX = 24


def test_icons_that_turn_round_are_icons() -> None:
    assert set(ICONS) >= TURNING


@pytest.mark.parametrize("name", ICONS)
def test_a_drawing_is_a_path_within_its_box(name: str) -> None:
    assert re.fullmatch(r"[MmLlHhVvAaCcSsZz\d .-]+", ICONS[name])
    absolute = re.findall(r"[ML](\d+\.?\d*) (\d+\.?\d*)", ICONS[name])
    assert all(float(each) <= BOX for pair in absolute for each in pair)
