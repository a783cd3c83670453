"""When a moderator should have decided a comment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from moderation.policy.due_times import (
    LOWERED_PATIENCE,
    MAX_PATIENCE,
    MIN_PATIENCE,
    RAISED_PATIENCE,
    due_at,
)
from moderation.policy.rule_matches import RuleAction
from tests.policy.builders import hit

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("risk", "patience"), [(1.0, MIN_PATIENCE), (0.0, MAX_PATIENCE)]
)
def test_patience_lies_between_its_bounds(risk: float, patience: timedelta) -> None:
    assert due_at(NOW, risk) == NOW + patience


def test_the_riskier_is_due_sooner() -> None:
    assert due_at(NOW, 0.51) < due_at(NOW, 0.5)


def test_what_more_will_see_is_due_sooner_but_never_at_once() -> None:
    moments = [due_at(NOW, 0.5, lately) for lately in (10_000, 20, 1, 0)]
    assert moments == sorted(set(moments))
    assert moments[0] - NOW > (moments[-1] - NOW) / 2


def test_a_harmless_comment_that_waited_long_comes_before_a_harmful_new_one() -> None:
    assert due_at(NOW - MAX_PATIENCE, 0.0) < due_at(NOW, 1.0)


@pytest.mark.parametrize(
    ("actions", "patience"),
    [
        ([RuleAction.RAISE], RAISED_PATIENCE),
        ([RuleAction.LOWER], LOWERED_PATIENCE),
        ([RuleAction.LOWER, RuleAction.RAISE], RAISED_PATIENCE),
        ([RuleAction.HOLD, RuleAction.TAG], MIN_PATIENCE),
    ],
)
def test_rules_set_when_a_person_should_look(
    actions: list[RuleAction], patience: timedelta
) -> None:
    hits = tuple(hit(action) for action in actions)
    assert due_at(NOW, 1.0, hits=hits) == NOW + patience
    shadow = tuple(hit(action, is_shadow=True) for action in actions)
    assert due_at(NOW, 1.0, hits=shadow) == NOW + MIN_PATIENCE
