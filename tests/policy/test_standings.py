"""What an author's standing and record do to an outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from moderation.policy.facts import Facts, Signal
from moderation.policy.outcomes import decide
from moderation.policy.reasons import is_hidden_from_author
from moderation.policy.rule_matches import RuleAction
from moderation.policy.standings import (
    REJECTING,
    STANDING_REASONS,
    AuthorFacts,
    EarnedTrust,
    Standing,
)
from moderation.policy.thresholds import Moderation, Policy
from moderation.policy.verdicts import Source, Verdict
from tests.policy.builders import (
    APPROVE,
    APPROVED_IN_ADVANCE,
    POST,
    PRE,
    REJECT,
    REJECTED_IN_ADVANCE,
    REVIEW,
    hit,
    scores,
)

UNTIL = datetime(2026, 12, 6, tzinfo=UTC)
CLEAN, SPAM, ODD = scores(), scores(spam=0.95), scores(spam=0.6)


def facts(given: Standing, /, *, by_address: bool = False, **parts: object) -> Facts:
    author = AuthorFacts(standing=given, is_by_address=by_address)
    return replace(Facts(scores=CLEAN, author=author), **parts)  # type: ignore[arg-type]


def codes(policy: Policy, about: Facts) -> tuple[Verdict, list[str]]:
    outcome = decide(policy, about)
    return outcome.verdict, [reason.code for reason in outcome.reasons]


@pytest.mark.parametrize("standing", sorted(REJECTING))
def test_a_rejecting_standing_rejects_whatever_speaks_for_it(
    standing: Standing,
) -> None:
    code = standing.value
    assert codes(POST, facts(standing)) == (REJECT, [code])
    assert codes(POST, facts(standing, scores=None)) == (REJECT, [code])
    assert codes(POST, facts(standing, author_id="u1")) == (REJECT, [code])
    assert codes(POST, facts(standing, is_edit_of_decided=True)) == (REJECT, [code])
    approved = facts(standing, standing=APPROVED_IN_ADVANCE)
    assert codes(POST, approved) == (REJECT, [code])
    assert codes(POST, facts(standing, scores=SPAM)) == (REJECT, [code, "score"])


def test_a_batch_of_a_campaign_cannot_take_a_ban_back() -> None:
    about = facts(Standing.BANNED, standing=REJECTED_IN_ADVANCE)
    outcome = decide(POST, about)
    assert (outcome.verdict, outcome.source) == (REJECT, Source.POLICY)


def test_a_suspension_says_its_end() -> None:
    author = AuthorFacts(standing=Standing.SUSPENDED, until=UNTIL)
    (reason,) = decide(POST, Facts(scores=CLEAN, author=author)).reasons
    assert reason.as_json() == {
        "code": "suspended",
        "until": "2026-12-06T00:00:00+00:00",
    }


def test_who_is_premoderated_is_held_and_spared_no_rejection() -> None:
    held = Standing.PREMODERATED
    assert codes(POST, facts(held)) == (REVIEW, ["premoderated_author"])
    both = (REVIEW, ["premoderated_author", "score"])
    assert codes(POST, facts(held, scores=ODD)) == both
    assert codes(POST, facts(held, scores=SPAM)) == (REJECT, ["score"])
    hits = (hit(RuleAction.REJECT),)
    assert codes(POST, facts(held, hits=hits))[0] is REJECT


@pytest.mark.parametrize("standing", sorted({*Standing} - {Standing.TRUSTED}))
def test_a_restriction_by_address_alone_only_holds(standing: Standing) -> None:
    about = facts(standing, by_address=True)
    assert codes(POST, about) == (REVIEW, ["restricted_address"])
    assert codes(POST, replace(about, scores=SPAM)) == (REJECT, ["score"])


@pytest.mark.parametrize("standing", list(Standing))
def test_an_administrator_of_the_site_publishes(standing: Standing) -> None:
    about = facts(standing, signal=Signal.STAFF)
    assert codes(POST, about) == (APPROVE, ["staff"])


def test_trust_by_staff_is_as_the_sites_own() -> None:
    trusted = facts(Standing.TRUSTED)
    assert codes(PRE, trusted) == (APPROVE, ["trusted_author"])
    assert codes(POST, replace(trusted, scores=ODD)) == (APPROVE, ["trusted_author"])
    assert codes(POST, replace(trusted, scores=SPAM)) == (REVIEW, ["score"])
    hits = (hit(RuleAction.REJECT),)
    assert codes(POST, replace(trusted, hits=hits))[0] is REVIEW
    deceptive = replace(trusted, is_name_deceptive=True)
    assert codes(POST, deceptive) == (APPROVE, ["trusted_author"])


EARNED = EarnedTrust(approved=2, days=7)
GOOD = AuthorFacts(is_identified=True, approved=2, known_for=timedelta(days=7))


@pytest.mark.parametrize(
    ("author", "is_earned"),
    [
        (GOOD, True),
        (replace(GOOD, approved=1), False),
        (replace(GOOD, rejected=1), False),
        (replace(GOOD, known_for=timedelta(days=7, seconds=-1)), False),
        (replace(GOOD, is_identified=False), False),
        (replace(GOOD, standing=Standing.PREMODERATED), False),
        (AuthorFacts(), False),
    ],
)
def test_a_record_earns_trust(author: AuthorFacts, is_earned: bool) -> None:
    assert author.has_earned(EARNED) is is_earned
    assert not author.has_earned(None)


def test_earned_trust_spares_no_rejection_and_no_label_that_only_holds() -> None:
    policy = replace(POST, default=Moderation.PRE, earned_trust=EARNED)
    good = Facts(scores=CLEAN, author=GOOD)
    assert codes(policy, good) == (APPROVE, ["earned_trust"])
    assert codes(policy, replace(good, scores=ODD)) == (APPROVE, ["earned_trust"])
    assert codes(policy, replace(good, scores=SPAM)) == (REJECT, ["score"])
    rude = replace(good, scores=scores(toxicity=0.7))  # never rejected by score
    assert codes(policy, rude) == (REVIEW, ["score"])
    assert codes(policy, replace(good, is_edit_of_decided=True))[0] is REVIEW
    deceptive = replace(good, is_name_deceptive=True)
    assert codes(policy, deceptive) == (REVIEW, ["deceptive_name"])


def test_only_a_shadow_ban_is_hidden_from_its_author() -> None:
    assert is_hidden_from_author([{"code": "shadow_banned"}])
    assert not is_hidden_from_author([{"code": "banned"}, {"code": "score"}])


def test_reasons_fit_their_column() -> None:
    assert max(map(len, STANDING_REASONS)) <= 31
