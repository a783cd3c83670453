"""Every branch of `decide` but those about rules."""

from __future__ import annotations

import dataclasses

import pytest

from moderation.policy.brakes import BrakeHold, BrakeKind
from moderation.policy.facts import Facts, Signal
from moderation.policy.openness import ClosedBy, Openness
from moderation.policy.outcomes import (
    Outcome,
    can_be_braked,
    decide,
    hold_for_brakes,
    hold_for_claimant,
    is_spared_by_brakes,
)
from moderation.policy.reasons import Reason, ReasonCode
from moderation.policy.thresholds import Moderation, Policy, Threshold
from moderation.policy.verdicts import Verdict
from tests.policy.builders import (
    APPROVE,
    APPROVED_IN_ADVANCE,
    CAMPAIGN,
    OF_CAMPAIGN,
    POST,
    PRE,
    REJECT,
    REJECTED_IN_ADVANCE,
    REVIEW,
    by_score,
    in_section,
    outcome,
    scores,
)


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
def test_a_text_that_was_not_read_whole_goes_to_a_person(spam: float) -> None:
    facts = Facts(scores=scores(spam=spam), is_read_whole=False)
    assert decide(POST, facts) == outcome(REVIEW, Reason(code="partly_read"))


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
    found = decide(policy, Facts(scores=scores(), openness=in_section(policy, section)))
    assert found.verdict is verdict


def test_premoderation_is_told_as_the_reason() -> None:
    assert decide(PRE, Facts(scores=scores())).reasons == (
        Reason(code="premoderation"),
    )


@pytest.mark.parametrize(
    ("openness", "code"),
    [
        (Openness(held_because=ReasonCode.OUTSIDE_HOURS), "outside_hours"),
        (Openness(closed_by=ClosedBy.ARTICLE), "closed"),
        (
            Openness(held_because=ReasonCode.PREMODERATION, closed_by=ClosedBy.SECTION),
            "closed",
        ),
    ],
)
def test_hours_and_closed_articles_hold_what_nothing_speaks_against(
    openness: Openness, code: str
) -> None:
    facts = Facts(scores=scores(), openness=openness)
    assert decide(POST, facts) == outcome(REVIEW, Reason(code=code))
    rejected = Facts(scores=scores(spam=0.95), openness=openness)
    assert decide(POST, rejected).verdict is REJECT


@pytest.mark.parametrize(
    ("spam", "section"), [(0.0, None), (0.0, "Opinion"), (0.89, None)]
)
def test_a_trusted_author_is_published_at_once(spam: float, section: str) -> None:
    facts = dataclasses.replace(
        Facts(scores=scores(spam=spam), author_id="u1"),
        openness=in_section(POST, section),
    )
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


@pytest.mark.parametrize(
    ("signal", "known", "verdict", "codes"),
    [
        (Signal.STAFF, None, APPROVE, ["staff"]),
        (Signal.STAFF, scores(toxicity=1), APPROVE, ["staff"]),
        (Signal.BOT, scores(), REJECT, ["bot"]),
        (Signal.TEST, scores(), REJECT, ["test"]),
        (Signal.BOT, None, REVIEW, ["unscored", "bot"]),
    ],
)
def test_what_a_site_knows_of_an_author_decides_unless_scoring_failed(
    signal: Signal,
    known: dict[str, float] | None,
    verdict: Verdict,
    codes: list[str],
) -> None:
    policy = Policy(thresholds={}, default=Moderation.POST)
    found = decide(policy, Facts(scores=known, signal=signal))
    assert found == outcome(verdict, *[Reason(code=code) for code in codes])


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
        Facts(scores=scores(), is_read_whole=False),
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


BRAKED = BrakeHold(brake_id=3, kind=BrakeKind.NETWORK)
BY_BRAKE = Reason(code="brake", brake=3, limit="network")


def test_a_brake_holds_what_would_be_published() -> None:
    clear = outcome(APPROVE, Reason(code="clear"))
    assert hold_for_brakes(clear, [BRAKED]) == outcome(REVIEW, BY_BRAKE)
    assert hold_for_brakes(clear, []) == clear


def test_a_brake_comes_after_what_speaks_against_a_comment() -> None:
    held = outcome(REVIEW, by_score("spam", 0.6, 0.5))
    found = hold_for_brakes(held, [BRAKED])
    assert found == outcome(REVIEW, by_score("spam", 0.6, 0.5), BY_BRAKE)


def test_rules_that_only_tag_are_kept_beside_a_brake() -> None:
    tagged = Reason(code="rule", rule=7, action="tag", tag="local")
    noted = outcome(APPROVE, Reason(code="clear"), tagged)
    assert hold_for_brakes(noted, [BRAKED]) == outcome(REVIEW, BY_BRAKE, tagged)


@pytest.mark.parametrize("kind", list(BrakeKind))
def test_a_rejection_is_no_matter_for_a_brake(kind: BrakeKind) -> None:
    rejected = outcome(REJECT, by_score("spam", 0.9, 0.9))
    assert not can_be_braked(rejected, kind)
    assert can_be_braked(outcome(REVIEW), kind)


@pytest.mark.parametrize("kind", list(BrakeKind))
def test_what_is_approved_in_advance_passes_the_brake_on_its_campaign(
    kind: BrakeKind,
) -> None:
    approved = Outcome(verdict=APPROVE, reasons=(OF_CAMPAIGN,), source=CAMPAIGN)
    assert can_be_braked(approved, kind) is (kind is not BrakeKind.NEAR_DUPLICATES)


@pytest.mark.parametrize(
    ("facts", "is_spared"),
    [
        (Facts(scores=scores()), False),
        (Facts(scores=scores(), author_id="u1"), True),
        (Facts(scores=scores(), author_id="u2"), False),
        (Facts(scores=scores(), signal=Signal.STAFF), True),
        (Facts(scores=scores(), signal=Signal.BOT), False),
    ],
)
def test_brakes_spare_whom_the_site_knows(facts: Facts, is_spared: bool) -> None:
    assert is_spared_by_brakes(POST, facts) is is_spared


def test_a_deceptive_name_softens_no_rejection() -> None:
    cut = Threshold(review_at=0.5, reject_at=0.5)
    policy = Policy(thresholds={"spam": cut})
    facts = Facts(scores={"spam": 0.9}, is_name_deceptive=True)
    assert decide(policy, facts) == outcome(REJECT, by_score("spam", 0.9, 0.5))


def test_a_deceptive_name_is_held_beside_what_speaks_against_the_text() -> None:
    facts = Facts(scores=scores(), is_name_deceptive=True)
    assert decide(POST, facts) == outcome(REVIEW, Reason(code="deceptive_name"))
