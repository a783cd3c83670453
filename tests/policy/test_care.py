"""Calls for care: held first, with any scores and signals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.policy.care import CARE, SELF_HARM_AT, CarePolicy
from moderation.policy.due_times import RAISED_PATIENCE, due_at
from moderation.policy.facts import Facts, Signal
from moderation.policy.outcomes import decide
from moderation.policy.provenance import DETECTIONS
from moderation.policy.reasons import REASON_CODES, Reason, ReasonCode
from moderation.policy.rule_matches import RuleAction
from moderation.policy.standings import AuthorFacts, EarnedTrust, Standing
from moderation.policy.thresholds import Policy, Threshold, margin
from moderation.policy.verdicts import Source
from tests.policy.builders import (
    APPROVE,
    APPROVED_IN_ADVANCE,
    NOON,
    OF_CAMPAIGN,
    POST,
    REJECT,
    REJECTED_IN_ADVANCE,
    REVIEW,
    by_score,
    hit,
    outcome,
    scores,
)

THREAT = Threshold(review_at=0.4, reject_at=0.9)
POLICY = replace(POST, thresholds={**POST.thresholds, "threat": THREAT})
DESPAIR = {**scores(), "threat": 0.0, "self_harm": 0.8}
THREATENED = {**scores(), "threat": 0.95}
SELF_HARM = Reason(code="care", label="self_harm", score=0.8, threshold=SELF_HARM_AT)
TO_LIFE = Reason(code="care", label="threat", score=0.95, threshold=0.9)


def test_self_harm_is_held() -> None:
    assert decide(POLICY, Facts(scores=DESPAIR)) == outcome(REVIEW, SELF_HARM)


def test_a_threat_that_would_be_rejected_is_held_and_named_once() -> None:
    assert decide(POLICY, Facts(scores=THREATENED)) == outcome(REVIEW, TO_LIFE)


def test_a_threat_under_its_reject_threshold_is_held_as_ever() -> None:
    facts = Facts(scores={**scores(), "threat": 0.5})
    assert decide(POLICY, facts) == outcome(REVIEW, by_score("threat", 0.5, 0.4))


def test_without_a_reject_threshold_no_threat_calls_for_care() -> None:
    policy = replace(
        POST, thresholds={**POST.thresholds, "threat": Threshold(review_at=0.4)}
    )
    found = decide(policy, Facts(scores=THREATENED))
    assert found == outcome(REVIEW, by_score("threat", 0.95, 0.4))


def test_both_calls_come_before_what_else_speaks_against() -> None:
    facts = Facts(scores={**scores(spam=0.99), "threat": 0.95, "self_harm": 0.8})
    found = decide(POLICY, facts)
    assert found == outcome(REVIEW, SELF_HARM, TO_LIFE, by_score("spam", 0.99, 0.9))


@pytest.mark.parametrize("label", ["spam", "toxicity"])
def test_no_other_score_rejects_it(label: str) -> None:
    strict = Threshold(review_at=0.5, reject_at=0.9)
    policy = replace(POLICY, thresholds={**POLICY.thresholds, label: strict})
    facts = Facts(scores={**DESPAIR, label: 1.0})
    assert decide(policy, facts) == outcome(
        REVIEW, SELF_HARM, by_score(label, 1.0, 0.9)
    )


@pytest.mark.parametrize("score", [None, 0.49])
def test_without_a_score_that_calls_nothing_changes(score: float | None) -> None:
    plain = {**scores(), "threat": 0.0}
    with_score = plain if score is None else {**plain, "self_harm": score}
    for facts in (Facts(scores=with_score), Facts(scores={**with_score, "spam": 0.95})):
        assert decide(POLICY, facts).verdict in (APPROVE, REJECT)


@pytest.mark.parametrize(("score", "is_held"), [(0.3, True), (0.29, False)])
def test_the_sites_own_threshold_counts(score: float, is_held: bool) -> None:
    own = {**POLICY.thresholds, "self_harm": Threshold(review_at=0.3)}
    facts = Facts(scores={**DESPAIR, "self_harm": score})
    found = decide(replace(POLICY, thresholds=own), facts)
    assert (found.verdict is REVIEW) == is_held


def test_a_missing_score_of_self_harm_is_no_fault() -> None:
    own = {**POLICY.thresholds, "self_harm": Threshold(review_at=0.3)}
    facts = Facts(
        scores={**scores(), "threat": 0.0}, weak_labels=frozenset({"self_harm"})
    )
    assert decide(replace(POLICY, thresholds=own), facts).verdict is APPROVE


def test_no_scores_call_for_nothing() -> None:
    assert decide(POLICY, Facts(scores=None)).reasons == (Reason(code="unscored"),)


def test_it_comes_before_the_models_faults() -> None:
    facts = Facts(scores=DESPAIR, is_language_supported=False)
    assert decide(POLICY, facts) == outcome(REVIEW, SELF_HARM, Reason(code="language"))


def test_trust_approves_none() -> None:
    known = AuthorFacts(is_identified=True, approved=9, known_for=timedelta(days=9))
    earned = replace(POLICY, earned_trust=EarnedTrust(approved=1, days=1))
    for policy, facts in (
        (POLICY, Facts(scores=DESPAIR, author_id="u1")),
        (earned, Facts(scores=DESPAIR, author=known)),
    ):
        assert decide(policy, facts) == outcome(REVIEW, SELF_HARM)


def test_it_comes_before_a_pre_moderated_author() -> None:
    author = AuthorFacts(standing=Standing.PREMODERATED)
    found = decide(POLICY, Facts(scores=DESPAIR, author=author))
    assert found == outcome(REVIEW, SELF_HARM, Reason(code="premoderated_author"))


def test_what_staff_decided_about_the_author_still_rejects() -> None:
    author = AuthorFacts(standing=Standing.BANNED)
    found = decide(POLICY, Facts(scores=DESPAIR, author=author))
    assert found == outcome(REJECT, Reason(code="banned"))


def test_a_campaign_approved_in_advance_is_held() -> None:
    facts = Facts(scores=DESPAIR, standing=APPROVED_IN_ADVANCE)
    assert decide(POLICY, facts) == outcome(REVIEW, SELF_HARM)


def test_a_campaign_rejected_in_advance_is_rejected_by_that_person() -> None:
    found = decide(POLICY, Facts(scores=DESPAIR, standing=REJECTED_IN_ADVANCE))
    assert (found.verdict, found.source) == (REJECT, Source.CAMPAIGN)
    assert found.reasons == (OF_CAMPAIGN,)


def test_a_trusted_author_in_a_rejected_campaign_is_held() -> None:
    facts = Facts(scores=DESPAIR, standing=REJECTED_IN_ADVANCE, author_id="u1")
    assert decide(POLICY, facts) == outcome(REVIEW, SELF_HARM, OF_CAMPAIGN)


@pytest.mark.parametrize(
    ("signal", "verdict", "codes"),
    [
        (Signal.BOT, REVIEW, ["care", "bot"]),
        (Signal.TEST, REJECT, ["test"]),
        (Signal.STAFF, APPROVE, ["staff"]),
    ],
)
def test_signals_beside_a_call(signal: Signal, verdict: str, codes: list[str]) -> None:
    found = decide(POLICY, Facts(scores=DESPAIR, signal=signal))
    assert (found.verdict, [each.code for each in found.reasons]) == (verdict, codes)


def test_a_rule_that_rejects_does_so_for_the_rule_alone() -> None:
    rule = hit(RuleAction.REJECT)
    facts = Facts(scores={**DESPAIR, "toxicity": 0.7}, hits=(rule,))
    found = decide(POLICY, facts)
    assert (found.verdict, found.source) == (REJECT, Source.RULE)
    assert found.reasons == (by_score("toxicity", 0.7, 0.6), rule.as_reason())


def test_a_rule_that_holds_comes_behind_the_call() -> None:
    found = decide(POLICY, Facts(scores=DESPAIR, hits=(hit(),)))
    assert found == outcome(REVIEW, SELF_HARM, hit().as_reason())


@pytest.mark.parametrize("action", [RuleAction.LOWER, RuleAction.TAG])
def test_it_is_due_in_minutes_whatever_lowers(action: RuleAction) -> None:
    due = due_at(NOON, 0.0, hits=(hit(action),), care=CARE.patience)
    assert due == NOON + timedelta(minutes=15)


def test_what_is_raised_is_due_sooner_still() -> None:
    due = due_at(NOON, 0.0, hits=(hit(RuleAction.RAISE),), care=CARE.patience)
    assert due == NOON + RAISED_PATIENCE


def test_self_harm_is_no_reason_to_reject_and_teaches_nothing() -> None:
    assert "self_harm" not in REASON_CODES
    assert margin(POLICY, {"self_harm": 0.5}) is None
    assert ReasonCode.CARE in DETECTIONS


def test_settings_are_read_as_they_were_stored() -> None:
    stored = CarePolicy(minutes=5, text="Call the editor.")
    assert CarePolicy.read(stored.as_json()) == stored
    assert CarePolicy.read(None) == CARE
    assert Policy(thresholds={}).care_cuts == {"self_harm": SELF_HARM_AT}
