"""Facts that a model's result gives."""

from __future__ import annotations

from moderation.models.serving import ScoredText
from moderation.policy.facts import Facts
from moderation.policy.outcomes import decide
from tests.policy.builders import POST, REVIEW


def test_facts_hold_what_the_model_returned() -> None:
    scored = ScoredText(
        scores={"spam": 0.2},
        model_version="m1",
        is_language_supported=True,
        weak_labels=frozenset({"spam"}),
        is_read_whole=False,
    )
    assert Facts.of(scored) == Facts(
        scores={"spam": 0.2}, weak_labels=frozenset({"spam"}), is_read_whole=False
    )


def test_facts_of_a_failed_scoring_hold_the_comment() -> None:
    facts = Facts.of(None)
    assert facts.scores is None
    assert not facts.is_language_supported
    assert decide(POST, facts).verdict is REVIEW
