"""Ranges cut into slices of time, and texts that PostgreSQL's index finds by them."""

from __future__ import annotations

import functools
import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import identifiers
from moderation.queue.time_slices import TimeRange, cut
from tests.builders import ALL_HELD, Newsroom

LIST = "/api/v1/comments"
HOURS = (0, 1, 3, 9, 40, 300, 301, 2_500, 9_000, 20_000)  # two years

numbers = st.integers(min_value=-1, max_value=1 << 62)


@given(low=numbers, length=st.integers(0, 1 << 61), is_descending=st.booleans())
def test_slices_are_a_range_in_parts_without_gap_or_overlap(
    low: int, length: int, is_descending: bool
) -> None:
    whole = TimeRange(low=low, high=low + length, is_descending=is_descending)
    parts = list(cut(whole))
    ordered = parts[::-1] if is_descending else parts
    place = low
    for part in ordered:
        assert part.within.low == place
        place = part.within.high - 1
        for number in (part.within.low + 1, part.within.high - 1):
            assert number >> part.bits in part.numbers
    assert place == max(low, low + length - 1)
    assert len(parts) < 20


@pytest.fixture
def old_and_new(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Comments of two years, the oldest first; every other one is about a ferry."""
    newsroom.set_policy(ALL_HELD)
    now = time.time_ns()
    monkeypatch.setattr(identifiers, "_last", 0)
    made = []
    for place, hours in enumerate(HOURS):
        moment = now + hours * 3_600_000_000_000
        clock = SimpleNamespace(time_ns=functools.partial(int, moment))
        monkeypatch.setattr(identifiers, "time", clock)
        made.append(f"The {'ferry' if place % 2 else 'bridge'} of hour {hours}.")
        newsroom.send(body=made[-1])
    return made


def walk(newsroom: Newsroom, query: str) -> list[str]:
    """Return the texts on all pages of two comments."""
    found, cursor = [], ""
    while True:
        path = f"{LIST}?{query}&limit=2{cursor}"
        answer: dict[str, Any] = newsroom.as_staff().get(path).json
        found += [row["body"] for row in answer["comments"]]
        if answer["next"] is None:
            return found
        cursor = f"&cursor={answer['next']}"


def test_texts_of_all_times_are_found_in_their_order(
    newsroom: Newsroom, old_and_new: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.queue.listing.WALKED", 0)  # by the index at once
    ferries = old_and_new[1::2]
    assert walk(newsroom, "text=ferry&order=oldest") == ferries
    assert walk(newsroom, "text=ferry") == ferries[::-1]
    assert walk(newsroom, "text=fe") == ferries[::-1]
    assert walk(newsroom, "text=hour") == old_and_new[::-1]
    assert walk(newsroom, "text=nothing") == []
