"""Policies, outcomes, and matches for the tests of the policy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moderation.policy.facts import StandingDecision
from moderation.policy.openness import ArticleFacts, Openness, get_openness
from moderation.policy.outcomes import Outcome
from moderation.policy.reasons import Reason
from moderation.policy.rule_matches import RuleAction, RuleMatch
from moderation.policy.thresholds import Moderation, Policy, Threshold
from moderation.policy.verdicts import Source, Status, Verdict

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
RULE, IMPORT = Source.RULE, Source.IMPORT
APPROVE, REVIEW, REJECT = Verdict.APPROVE, Verdict.REVIEW, Verdict.REJECT


NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)  # a Monday


def in_section(policy: Policy, section: str | None) -> Openness:
    return get_openness(policy, ArticleFacts(section=section), NOON)


def outcome(verdict: Verdict, *reasons: Reason) -> Outcome:
    return Outcome(verdict=verdict, reasons=reasons)


def scores(spam: float = 0.0, toxicity: float = 0.0) -> dict[str, float]:
    return {"spam": spam, "toxicity": toxicity}


def by_score(label: str, score: float, threshold: float) -> Reason:
    return Reason(code="score", label=label, score=score, threshold=threshold)


APPROVED_IN_ADVANCE = StandingDecision(verdict=APPROVE, campaign=7, batch=3)
REJECTED_IN_ADVANCE = StandingDecision(verdict=REJECT, campaign=7, batch=3)
OF_CAMPAIGN = Reason(code="campaign", campaign=7)


def hit(action: RuleAction = RuleAction.HOLD, **parts: Any) -> RuleMatch:
    values = {"rule_id": 7, "version": 1, "name": "Gambling", **parts}
    return RuleMatch(action=action, **values)
