"""The pure core: the table of status changes whole, every branch of `decide`."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moderation.policy.due_times import (
    LOWERED_PATIENCE,
    MAX_PATIENCE,
    MIN_PATIENCE,
    RAISED_PATIENCE,
    due_at,
)
from moderation.policy.facts import Facts, Signal, StandingDecision
from moderation.policy.outcomes import Outcome, decide, hold_for_claimant
from moderation.policy.reasons import Reason
from moderation.policy.rule_matches import RuleAction, RuleMatch
from moderation.policy.status_changes import StatusChangeRefused, status_after
from moderation.policy.thresholds import Moderation, Policy, Threshold, margin
from moderation.policy.verdicts import Source, Status, Verdict

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SPAM = Threshold(review_at=0.5, reject_at=0.9)
TOXICITY = Threshold(review_at=0.6)  # never rejected by score
POST = Policy(
    thresholds={"spam": SPAM, "toxicity": TOXICITY},
    default=Moderation.POST,
    sections={"Opinion": Moderation.PRE},
    trusted_authors=frozenset({"u1"}),
)
PRE = Policy(thresholds={"spam": SPAM}, sections={"Sport": Moderation.POST})

APPROVED, PENDING, REJECTED = Status.APPROVED, Status.PENDING, Status.REJECTED
POLICY, PERSON, AKISMET = Source.POLICY, Source.PERSON, Source.AKISMET
CAMPAIGN, READERS, AUTHOR = Source.CAMPAIGN, Source.READERS, Source.AUTHOR
RULE = Source.RULE
APPROVE, REVIEW, REJECT = Verdict.APPROVE, Verdict.REVIEW, Verdict.REJECT

# Every status before, every source, every verdict; None: refused. Written out on
# purpose: a table computed as the code computes it would prove nothing.
STATUS_CHANGES: list[tuple[Status | None, Source, Verdict, Status | None]] = [
    (None, POLICY, APPROVE, APPROVED),
    (None, POLICY, REVIEW, PENDING),
    (None, POLICY, REJECT, REJECTED),
    (None, PERSON, APPROVE, None),
    (None, PERSON, REVIEW, None),
    (None, PERSON, REJECT, None),
    (PENDING, POLICY, APPROVE, APPROVED),
    (PENDING, POLICY, REVIEW, PENDING),
    (PENDING, POLICY, REJECT, REJECTED),
    (PENDING, PERSON, APPROVE, APPROVED),
    (PENDING, PERSON, REVIEW, None),
    (PENDING, PERSON, REJECT, REJECTED),
    (APPROVED, POLICY, APPROVE, APPROVED),
    (APPROVED, POLICY, REVIEW, PENDING),
    (APPROVED, POLICY, REJECT, REJECTED),
    (APPROVED, PERSON, APPROVE, APPROVED),
    (APPROVED, PERSON, REVIEW, PENDING),
    (APPROVED, PERSON, REJECT, REJECTED),
    (REJECTED, POLICY, APPROVE, APPROVED),
    (REJECTED, POLICY, REVIEW, PENDING),
    (REJECTED, POLICY, REJECT, REJECTED),
    (REJECTED, PERSON, APPROVE, APPROVED),
    (REJECTED, PERSON, REVIEW, PENDING),
    (REJECTED, PERSON, REJECT, REJECTED),
    *(
        (before, RULE, verdict, after)
        for before in (None, *Status)
        for verdict, after in [
            (APPROVE, APPROVED),
            (REVIEW, PENDING),
            (REJECT, REJECTED),
        ]
    ),
    (None, AKISMET, APPROVE, None),
    (None, AKISMET, REVIEW, None),
    (None, AKISMET, REJECT, None),
    *(
        (before, AKISMET, verdict, after)
        for before in Status
        for verdict, after in [(APPROVE, APPROVED), (REVIEW, None), (REJECT, REJECTED)]
    ),
    *(
        (before, source, verdict, None)
        for before in (None, PENDING)
        for source in (READERS, AUTHOR)
        for verdict in Verdict
    ),
    (APPROVED, READERS, APPROVE, None),
    (APPROVED, READERS, REVIEW, PENDING),
    (APPROVED, READERS, REJECT, None),
    (REJECTED, READERS, APPROVE, None),
    (REJECTED, READERS, REVIEW, None),
    (REJECTED, READERS, REJECT, None),
    (APPROVED, AUTHOR, APPROVE, None),
    (APPROVED, AUTHOR, REVIEW, None),
    (APPROVED, AUTHOR, REJECT, None),
    (REJECTED, AUTHOR, APPROVE, None),
    (REJECTED, AUTHOR, REVIEW, PENDING),
    (REJECTED, AUTHOR, REJECT, None),
    *(
        (before, CAMPAIGN, verdict, after)
        for before in (None, *Status)
        for verdict, after in [(APPROVE, APPROVED), (REVIEW, None), (REJECT, REJECTED)]
    ),
]


def outcome(verdict: Verdict, *reasons: Reason) -> Outcome:
    return Outcome(verdict=verdict, reasons=reasons)


def scores(spam: float = 0.0, toxicity: float = 0.0) -> dict[str, float]:
    return {"spam": spam, "toxicity": toxicity}


def by_score(label: str, score: float, threshold: float) -> Reason:
    return Reason(code="score", label=label, score=score, threshold=threshold)


def test_the_table_names_every_status_change_once() -> None:
    every = {
        (before, source, verdict)
        for before in (None, *Status)
        for source in Source
        for verdict in Verdict
    }
    named = [change[:3] for change in STATUS_CHANGES]
    assert len(named) == len(every)
    assert set(named) == every


@pytest.mark.parametrize(("before", "source", "verdict", "after"), STATUS_CHANGES)
def test_a_status_change_leads_where_the_table_says(
    before: Status | None, source: Source, verdict: Verdict, after: Status | None
) -> None:
    if after is None:
        with pytest.raises(StatusChangeRefused):
            status_after(before, source, verdict)
    else:
        assert status_after(before, source, verdict) is after


def test_a_comment_without_scores_goes_to_a_person() -> None:
    assert decide(POST, Facts(scores=None)) == outcome(REVIEW, Reason(code="unscored"))


def test_a_missing_score_goes_to_a_person_whatever_the_others_say() -> None:
    facts = Facts(scores={"spam": 0.99})
    reason = Reason(code="unscored", label="toxicity")
    assert decide(POST, facts) == outcome(REVIEW, reason)


def test_every_missing_label_is_named() -> None:
    found = decide(POST, Facts(scores={}))
    assert [each.label for each in found.reasons] == ["spam", "toxicity"]


def test_a_missing_score_is_a_fault_for_trusted_authors_too() -> None:
    assert decide(POST, Facts(scores=None, author_id="u1")).verdict is REVIEW


@pytest.mark.parametrize("spam", [0.0, 0.95])
def test_a_language_that_the_model_does_not_know_goes_to_a_person(spam: float) -> None:
    facts = Facts(scores=scores(spam=spam), is_language_supported=False)
    assert decide(POST, facts) == outcome(REVIEW, Reason(code="language"))


@pytest.mark.parametrize("spam", [0.0, 0.95])
@pytest.mark.parametrize("author", [None, "u1"])
def test_a_label_that_is_weak_in_the_language_decides_nothing(
    spam: float, author: str | None
) -> None:
    weak = frozenset({"spam"})
    facts = Facts(scores=scores(spam=spam), weak_labels=weak, author_id=author)
    wanted = outcome(REVIEW, Reason(code="language", label="spam"))
    assert decide(POST, facts) == wanted


def test_a_weak_label_without_a_threshold_is_not_asked() -> None:
    facts = Facts(scores=scores(spam=0.0), weak_labels=frozenset({"threat"}))
    assert decide(POST, facts).verdict is APPROVE


@pytest.mark.parametrize(
    ("spam", "verdict"),
    [
        (0.0, APPROVE),
        (0.4999, APPROVE),
        (0.5, REVIEW),
        (0.8999, REVIEW),
        (0.9, REJECT),
        (1.0, REJECT),
    ],
)
def test_a_score_at_the_threshold_counts_as_over_it(
    spam: float, verdict: Verdict
) -> None:
    assert decide(POST, Facts(scores=scores(spam=spam))).verdict is verdict


def test_a_label_without_reject_threshold_never_rejects() -> None:
    reason = by_score("toxicity", 1.0, 0.6)
    assert decide(POST, Facts(scores=scores(toxicity=1.0))) == outcome(REVIEW, reason)


def test_a_rejection_names_only_what_rejects() -> None:
    facts = Facts(scores=scores(spam=0.9, toxicity=0.7))
    assert decide(POST, facts) == outcome(REJECT, by_score("spam", 0.9, 0.9))


def test_reasons_stand_with_the_strongest_first() -> None:
    found = decide(POST, Facts(scores=scores(spam=0.6, toxicity=0.7)))
    assert [each.label for each in found.reasons] == ["toxicity", "spam"]


def test_rejecting_reasons_stand_with_the_strongest_first() -> None:
    cut = Threshold(review_at=0.5, reject_at=0.5)
    policy = Policy(thresholds={"spam": cut, "threat": cut})
    found = decide(policy, Facts(scores={"spam": 0.6, "threat": 0.7}))
    assert [each.label for each in found.reasons] == ["threat", "spam"]


def test_a_threshold_of_zero_holds_a_score_of_zero() -> None:
    policy = Policy(thresholds={"spam": Threshold(review_at=0)})
    reason = by_score("spam", 0.0, 0)
    assert decide(policy, Facts(scores={"spam": 0.0})) == outcome(REVIEW, reason)


def test_nothing_against_a_comment_publishes_it_under_postmoderation() -> None:
    assert decide(POST, Facts(scores=scores())) == outcome(
        APPROVE, Reason(code="clear")
    )


@pytest.mark.parametrize(
    ("policy", "section", "verdict"),
    [
        (POST, None, APPROVE),
        (POST, "", APPROVE),
        (POST, "Opinion", REVIEW),
        (POST, "opinion", APPROVE),  # names of sections are compared letter by letter
        (PRE, None, REVIEW),
        (PRE, "Sport", APPROVE),
        (PRE, "Elsewhere", REVIEW),
    ],
)
def test_a_section_has_its_own_default(
    policy: Policy, section: str | None, verdict: Verdict
) -> None:
    found = decide(policy, Facts(scores=scores(), section=section))
    assert found.verdict is verdict


def test_premoderation_is_told_as_the_reason() -> None:
    assert decide(PRE, Facts(scores=scores())).reasons == (
        Reason(code="premoderation"),
    )


@pytest.mark.parametrize(
    ("spam", "section"), [(0.0, None), (0.0, "Opinion"), (0.89, None)]
)
def test_a_trusted_author_is_published_at_once(spam: float, section: str) -> None:
    facts = Facts(scores=scores(spam=spam), section=section, author_id="u1")
    assert decide(POST, facts) == outcome(APPROVE, Reason(code="trusted_author"))


def test_a_trusted_author_over_a_reject_threshold_goes_to_a_person() -> None:
    facts = Facts(scores=scores(spam=0.9), author_id="u1")
    assert decide(POST, facts) == outcome(REVIEW, by_score("spam", 0.9, 0.9))


@pytest.mark.parametrize("author_id", [None, "", "U1", "u2"])
def test_another_author_is_not_trusted(author_id: str | None) -> None:
    facts = Facts(scores=scores(spam=0.6), author_id=author_id)
    assert decide(POST, facts).verdict is REVIEW


@pytest.mark.parametrize("author_id", [None, "u1"])
def test_an_edit_of_what_a_person_decided_goes_to_a_person(
    author_id: str | None,
) -> None:
    facts = Facts(scores=scores(), is_edit_of_decided=True, author_id=author_id)
    assert decide(POST, facts) == outcome(REVIEW, Reason(code="edited"))


def test_an_edit_tells_also_what_the_scores_say() -> None:
    facts = Facts(scores=scores(spam=0.6), is_edit_of_decided=True)
    expected = (Reason(code="edited"), by_score("spam", 0.6, 0.5))
    assert decide(POST, facts) == outcome(REVIEW, *expected)


def test_an_edit_over_a_reject_threshold_goes_to_a_person() -> None:
    facts = Facts(scores=scores(spam=0.95), is_edit_of_decided=True)
    assert decide(POST, facts) == outcome(REVIEW, by_score("spam", 0.95, 0.9))


@pytest.mark.parametrize(
    ("review_at", "reject_at"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.0, None)]
)
def test_thresholds_in_order_are_accepted(
    review_at: float, reject_at: float | None
) -> None:
    assert Threshold(review_at=review_at, reject_at=reject_at).review_at == review_at


@pytest.mark.parametrize(
    ("review_at", "reject_at"),
    [(0.6, 0.5), (-0.1, None), (1.1, None), (0.5, 1.1), (float("nan"), None)],
)
def test_thresholds_out_of_order_are_refused(
    review_at: float, reject_at: float | None
) -> None:
    with pytest.raises(ValueError, match="must hold"):
        Threshold(review_at=review_at, reject_at=reject_at)


def test_a_reason_is_stored_without_its_empty_parts_but_with_its_zeros() -> None:
    assert by_score("spam", 0.0, 0.0).as_json() == {
        "code": "score",
        "label": "spam",
        "score": 0.0,
        "threshold": 0.0,
    }
    assert Reason(code="clear").as_json() == {"code": "clear"}


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


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, None),
        ({"spam": 0.5}, 0.0),  # at the threshold
        ({"spam": 0.85}, 0.05),  # the nearer of the two
        ({"toxicity": 0.0}, 0.6),
        ({"threat": 0.4}, 0.1),  # no threshold: the middle
        ({"spam": 0.0, "threat": 0.4, "toxicity": 0.58}, 0.02),
    ],
)
def test_the_margin_is_to_the_nearest_cut_point(
    known: dict[str, float], expected: float | None
) -> None:
    assert margin(POST, known) == (
        expected if expected is None else pytest.approx(expected)
    )


@pytest.mark.parametrize(
    ("verdict", "codes"),
    [
        (APPROVE, ["claimed"]),
        (REJECT, ["claimed", "spam"]),
        (REVIEW, ["spam"]),  # it goes to a person anyway
    ],
)
def test_nothing_automatic_decides_under_a_persons_hands(
    verdict: Verdict, codes: list[str]
) -> None:
    left = hold_for_claimant(outcome(verdict, Reason(code="spam")))
    assert left.verdict is REVIEW
    assert [reason.code for reason in left.reasons] == codes


def test_a_harmless_comment_that_waited_long_comes_before_a_harmful_new_one() -> None:
    assert due_at(NOW - MAX_PATIENCE, 0.0) < due_at(NOW, 1.0)


@pytest.mark.parametrize(
    ("signal", "known", "verdict", "code"),
    [
        (Signal.STAFF, None, APPROVE, "staff"),
        (Signal.STAFF, scores(toxicity=1), APPROVE, "staff"),
        (Signal.BOT, scores(), REJECT, "bot"),
        (Signal.TEST, scores(), REJECT, "test"),
        (Signal.BOT, None, REVIEW, "unscored"),
    ],
)
def test_what_a_site_knows_of_an_author_decides_unless_scoring_failed(
    signal: Signal, known: dict[str, float] | None, verdict: Verdict, code: str
) -> None:
    policy = Policy(thresholds={}, default=Moderation.POST)
    found = decide(policy, Facts(scores=known, signal=signal))
    assert found == outcome(verdict, Reason(code=code))


APPROVED_IN_ADVANCE = StandingDecision(verdict=APPROVE, campaign=7, batch=3)
REJECTED_IN_ADVANCE = StandingDecision(verdict=REJECT, campaign=7, batch=3)
OF_CAMPAIGN = Reason(code="campaign", campaign=7)


@pytest.mark.parametrize("found", [None, {}, scores(), scores(spam=1.0)])
def test_a_rejection_in_advance_rejects_whatever_the_scores(
    found: dict[str, float] | None,
) -> None:
    decided = decide(POST, Facts(scores=found, standing=REJECTED_IN_ADVANCE))
    assert decided.verdict is REJECT
    assert decided.source is CAMPAIGN
    assert decided.reasons[0] == OF_CAMPAIGN


@pytest.mark.parametrize(
    "spared", [{"author_id": "u1"}, {"is_edit_of_decided": True}], ids=str
)
def test_of_whom_a_rejection_in_advance_spares_a_person_decides(
    spared: dict[str, object],
) -> None:
    facts = Facts(scores=scores(), standing=REJECTED_IN_ADVANCE, **spared)  # type: ignore[arg-type]  # of both kinds
    assert decide(POST, facts) == outcome(REVIEW, OF_CAMPAIGN)


def test_an_administrator_publishes_in_a_rejected_campaign() -> None:
    facts = Facts(scores=None, signal=Signal.STAFF, standing=REJECTED_IN_ADVANCE)
    assert decide(POST, facts).verdict is APPROVE


@pytest.mark.parametrize(("policy", "spam"), [(PRE, 0.0), (PRE, 0.89), (POST, 0.5)])
def test_an_approval_in_advance_spares_the_queue(policy: Policy, spam: float) -> None:
    facts = Facts(scores=scores(spam=spam), standing=APPROVED_IN_ADVANCE)
    assert decide(policy, facts) == Outcome(
        verdict=APPROVE, reasons=(OF_CAMPAIGN,), source=CAMPAIGN
    )


@pytest.mark.parametrize(
    "facts",
    [
        Facts(scores=None),
        Facts(scores={}),
        Facts(scores=scores(), is_language_supported=False),
        Facts(scores=scores(spam=0.9)),
        Facts(scores=scores(), is_edit_of_decided=True),
        Facts(scores=scores(), signal=Signal.BOT),
    ],
    ids=str,
)
def test_an_approval_in_advance_overrides_no_fault_and_no_rejection(
    facts: Facts,
) -> None:
    said = dataclasses.replace(facts, standing=APPROVED_IN_ADVANCE)
    assert decide(POST, said) == decide(POST, facts)


def hit(action: RuleAction = RuleAction.HOLD, **parts: Any) -> RuleMatch:
    values = {"rule_id": 7, "version": 1, "name": "Gambling", **parts}
    return RuleMatch(action=action, **values)


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


def test_an_approval_in_advance_waits_where_rules_could_not_be_asked() -> None:
    facts = Facts(scores=scores(), standing=APPROVED_IN_ADVANCE, has_rules=False)
    decided = decide(POST, facts)
    assert (decided.verdict, decided.source) == (REVIEW, POLICY)
    assert status_after(None, decided.source, decided.verdict) is PENDING
