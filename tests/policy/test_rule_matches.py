"""What rules change about an outcome."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.policy.facts import Facts, Signal
from moderation.policy.outcomes import Outcome, decide
from moderation.policy.reasons import Reason
from moderation.policy.rule_matches import RuleAction
from moderation.policy.status_changes import status_after
from moderation.policy.verdicts import Source, Verdict
from tests.policy.builders import (
    APPROVE,
    APPROVED_IN_ADVANCE,
    PENDING,
    POLICY,
    POST,
    REJECT,
    REVIEW,
    RULE,
    hit,
    outcome,
    scores,
)


def by_rule(action: str) -> Reason:
    return Reason(code="rule", rule=7, name="Gambling", action=action)


@pytest.mark.parametrize(
    ("spam", "action", "verdict", "codes", "source"),
    [
        (0.0, RuleAction.HOLD, REVIEW, ["rule"], RULE),
        (0.0, RuleAction.REJECT, REJECT, ["rule"], RULE),
        (0.0, RuleAction.TAG, APPROVE, ["clear", "rule"], POLICY),
        (0.0, RuleAction.RAISE, APPROVE, ["clear", "rule"], POLICY),
        (0.0, RuleAction.LOWER, APPROVE, ["clear", "rule"], POLICY),
        (0.6, RuleAction.HOLD, REVIEW, ["score", "rule"], POLICY),
        (0.6, RuleAction.REJECT, REJECT, ["score", "rule"], RULE),
        (0.6, RuleAction.TAG, REVIEW, ["score", "rule"], POLICY),
        (0.95, RuleAction.HOLD, REJECT, ["score", "rule"], POLICY),
        (0.95, RuleAction.REJECT, REJECT, ["score", "rule"], POLICY),
    ],
)
def test_a_rule_makes_a_verdict_stricter_never_milder(
    spam: float, action: RuleAction, verdict: Verdict, codes: list[str], source: Source
) -> None:
    found = decide(POST, Facts(scores=scores(spam=spam), hits=(hit(action),)))
    assert found.verdict is verdict
    assert [reason.code for reason in found.reasons] == codes
    assert found.source is source


def test_the_strictest_rule_counts_and_all_are_named() -> None:
    hits = (hit(RuleAction.TAG, tag="x"), hit(RuleAction.HOLD), hit(RuleAction.REJECT))
    found = decide(POST, Facts(scores=scores(), hits=hits))
    assert found.verdict is REJECT
    assert [reason.action for reason in found.reasons] == ["tag", "hold", "reject"]


def test_a_rule_in_shadow_says_nothing() -> None:
    hits = (hit(RuleAction.REJECT, is_shadow=True),)
    assert decide(POST, Facts(scores=scores(), hits=hits)) == decide(
        POST, Facts(scores=scores())
    )


@pytest.mark.parametrize("fact", [{"author_id": "u1"}, {"is_edit_of_decided": True}])
def test_a_rejection_by_rule_of_the_spared_is_left_to_a_person(
    fact: dict[str, Any],
) -> None:
    found = decide(POST, Facts(scores=scores(), hits=(hit(RuleAction.REJECT),), **fact))
    assert found.verdict is REVIEW
    assert by_rule("reject") in found.reasons


def test_a_rejection_by_rule_needs_no_scores() -> None:
    found = decide(POST, Facts(scores=None, hits=(hit(RuleAction.REJECT),)))
    assert found == Outcome(
        verdict=REJECT,
        reasons=(Reason(code="unscored"), by_rule("reject")),
        source=RULE,
    )


def test_staff_publish_whatever_rules_say() -> None:
    facts = Facts(scores=scores(), hits=(hit(RuleAction.REJECT),), signal=Signal.STAFF)
    assert decide(POST, facts) == outcome(APPROVE, Reason(code="staff"))


@pytest.mark.parametrize(
    ("spam", "verdict"), [(0.0, REVIEW), (0.6, REVIEW), (0.95, REJECT)]
)
def test_rules_that_cannot_be_asked_publish_nothing(
    spam: float, verdict: Verdict
) -> None:
    found = decide(POST, Facts(scores=scores(spam=spam), has_rules=False))
    assert found.verdict is verdict
    assert found.reasons[-1] == Reason(code="rules_unavailable")
    assert found.source is POLICY


def test_an_approval_in_advance_waits_where_rules_could_not_be_asked() -> None:
    facts = Facts(scores=scores(), standing=APPROVED_IN_ADVANCE, has_rules=False)
    decided = decide(POST, facts)
    assert (decided.verdict, decided.source) == (REVIEW, POLICY)
    assert status_after(None, decided.source, decided.verdict) is PENDING
