"""Reasons as they are stored."""

from __future__ import annotations

from moderation.policy.reasons import Reason
from tests.policy.builders import by_score


def test_a_reason_is_stored_without_its_empty_parts_but_with_its_zeros() -> None:
    assert by_score("spam", 0.0, 0.0).as_json() == {
        "code": "score",
        "label": "spam",
        "score": 0.0,
        "threshold": 0.0,
    }
    assert Reason(code="clear").as_json() == {"code": "clear"}
