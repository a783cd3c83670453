"""Which sentence an author reads before a comment is sent."""

from __future__ import annotations

import pytest

from classifiers.text.labels import HARMS
from moderation.policy.nudges import SENTENCES, Nudge, choose


def test_every_language_has_every_sentence() -> None:
    for sentences in SENTENCES.values():
        assert set(sentences) == set(Nudge)


@pytest.mark.parametrize("label", HARMS)
def test_each_label_over_its_limit_has_a_nudge(label: str) -> None:
    assert isinstance(choose({label: 0.5}, {label: 0.5}), Nudge)
    assert choose({label: 0.49}, {label: 0.5}) is None
    assert choose({label: 0.99}, {}) is None


def test_of_several_the_gravest_is_said() -> None:
    scores = {"spam": 0.99, "profanity": 0.9, "threat": 0.6}
    assert choose(scores, dict.fromkeys(scores, 0.5)) is Nudge.THREATENS
