"""Brakes of a policy: read from JSON, and when they let go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moderation.policy.brakes import (
    BRAKES,
    NO_BRAKES,
    BrakeKind,
    BrakeLimit,
    BrakePolicy,
    lets_go_at,
)
from tests.builders import NOW


def test_a_policy_that_says_nothing_has_brakes() -> None:
    assert BrakePolicy.read(None) == BrakePolicy.read({}) == BRAKES
    assert all(BRAKES.limit_of(kind) for kind in BrakeKind)


@pytest.mark.parametrize("brakes", [BRAKES, NO_BRAKES])
def test_brakes_come_back_as_they_were_stored(brakes: BrakePolicy) -> None:
    assert BrakePolicy.read(brakes.as_json()) == brakes


def test_what_is_said_of_one_kind_leaves_the_others() -> None:
    stored: dict[str, Any] = {"author": {"count": 3, "minutes": 60}, "article": None}
    brakes = BrakePolicy.read(stored)
    assert brakes.author == BrakeLimit(count=3, minutes=60)
    assert (brakes.article, brakes.network) == (None, BRAKES.network)
    assert BrakeLimit(count=3, minutes=60).window == timedelta(hours=1)


@pytest.mark.parametrize(
    ("held_for", "minutes"),
    [(None, 15), (timedelta(minutes=14), 15), (timedelta(hours=2), 120)],
)
def test_a_brake_holds_until_it_is_quiet_and_as_a_person_says(
    held_for: timedelta | None, minutes: int
) -> None:
    held_until = NOW + held_for if held_for is not None else None
    assert lets_go_at(NOW, 15, held_until) == NOW + timedelta(minutes=minutes)
