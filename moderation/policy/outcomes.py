"""The outcome of a policy for given facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from moderation.policy.brakes import BrakeHold, BrakeKind
from moderation.policy.care import get_care_reasons, put_care_first
from moderation.policy.facts import Facts, Signal, StandingDecision
from moderation.policy.openness import Openness, hold_of_section
from moderation.policy.reasons import Reason, ReasonCode
from moderation.policy.rule_matches import RuleAction, RuleMatch
from moderation.policy.standings import REJECTING, Standing
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import Source, Verdict


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A verdict with its reasons and source."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    source: Source = Source.POLICY


def decide(policy: Policy, facts: Facts) -> Outcome:
    """Return the strictest verdict of scores, rules, and policy, with reasons.

    A comment that lacks a score is held: a missing score is a fault, never a pass.
    A verified author whom the site trusts is spared the review thresholds and
    pre-moderation; at a reject threshold a person looks. An administrator of the site
    publishes; what only a program fills in is rejected, unless scoring failed.

    A comment that calls for care is always held, with that as the first reason: no
    score approves or rejects it, and no field that people don't see. Rules still reject
    it, and so do people's decisions about its author or its campaign. An administrator
    of the site publishes it.

    A deceptive name is held, unless the author is trusted or an administrator. So is
    personal data in the text, where the site wants that.

    What staff decided about the author comes before all that speaks for a comment: who
    is suspended or banned is rejected, who is pre-moderated is held. A record that
    earns trust spares its author pre-moderation, and the hold thresholds of labels that
    have a reject threshold; it never spares a rejection.

    A standing decision about the text's campaign rejects even a comment that has no
    score; it approves only what has one, under every reject threshold.

    Rules of the site's admins can make a verdict stricter, never milder: a rejection by
    rule stands even where scoring failed, and is left to a person where the author is
    trusted or a person had decided about an earlier text. Where the rules could not be
    asked, nothing is published.
    """
    live = tuple(hit for hit in facts.hits if not hit.is_shadow)
    plain = _by_care(policy, facts, _by_scores(policy, facts))
    plain = _by_name(policy, facts, plain)
    plain = _by_personal_data(policy, facts, plain)
    plain = _by_standing(facts, plain)
    is_staff = facts.signal is Signal.STAFF
    noted = tuple(hit.as_reason() for hit in live)
    if is_staff or (not noted and facts.has_rules):
        return plain
    rule_verdict = _asked_by_rules(policy, facts, live)
    if not facts.has_rules:
        rule_verdict, noted = (
            Verdict.REVIEW,
            (Reason(code=ReasonCode.RULES_UNAVAILABLE),),
        )
    verdict = max(plain.verdict, rule_verdict, key=_STRICTNESS)
    reasons = (*_kept(plain, verdict), *noted)
    source = plain.source
    if verdict is not plain.verdict:  # a milder source decided nothing
        source = Source.RULE if facts.has_rules else Source.POLICY
    return Outcome(verdict=verdict, reasons=reasons, source=source)


_STRICTNESS = list(Verdict).index


def _asked_by_rules(
    policy: Policy, facts: Facts, live: tuple[RuleMatch, ...]
) -> Verdict:
    """Return the strictest verdict among the matching rules' actions."""
    actions = {hit.action for hit in live}
    is_for_person = facts.is_edit_of_decided or _is_trusted(policy, facts)
    if RuleAction.REJECT in actions:
        return Verdict.REVIEW if is_for_person else Verdict.REJECT
    return Verdict.REVIEW if RuleAction.HOLD in actions else Verdict.APPROVE


def _kept(plain: Outcome, verdict: Verdict) -> tuple[Reason, ...]:
    """Return the reasons that still apply after the rules.

    What speaks for publishing says nothing about a comment that is not published, and
    none is rejected because it calls for care.
    """
    if verdict is Verdict.REJECT and plain.verdict is Verdict.REVIEW:
        return tuple(each for each in plain.reasons if each.code != ReasonCode.CARE)
    if verdict is Verdict.APPROVE or plain.verdict is not Verdict.APPROVE:
        return plain.reasons
    return ()


def _by_scores(policy: Policy, facts: Facts) -> Outcome:
    """Return the outcome without rules: signals, thresholds, and defaults."""
    if facts.signal is Signal.STAFF:
        staff = Reason(code=ReasonCode.STAFF)
        return Outcome(verdict=Verdict.APPROVE, reasons=(staff,))
    faults = _faults(policy, facts)
    if facts.signal is not None and facts.scores is not None:
        signalled = Reason(code=facts.signal.value)
        return Outcome(verdict=Verdict.REJECT, reasons=(signalled,))
    is_trusted = _is_trusted(policy, facts)
    is_spared = is_trusted or facts.is_edit_of_decided
    standing = facts.standing
    if standing is not None and standing.verdict is Verdict.REJECT:
        return _rejected_in_advance(standing, faults, is_spared=is_spared)
    if faults:
        # The signal is kept for when scores are to be had.
        noted = (Reason(code=facts.signal.value),) if facts.signal else ()
        return Outcome(verdict=Verdict.REVIEW, reasons=(*faults, *noted))
    rejecting, reviewing = _over_thresholds(policy, facts.scores or {})
    if rejecting:
        verdict = Verdict.REVIEW if is_spared else Verdict.REJECT
        return Outcome(verdict=verdict, reasons=rejecting)
    if facts.is_edit_of_decided:
        edited = Reason(code=ReasonCode.EDITED)
        return Outcome(verdict=Verdict.REVIEW, reasons=(edited, *reviewing))
    if standing is not None:
        reasons = (_by_campaign(standing),)
        return Outcome(
            verdict=standing.verdict, reasons=reasons, source=Source.CAMPAIGN
        )
    if is_trusted:
        trusted = Reason(code=ReasonCode.TRUSTED_AUTHOR)
        return Outcome(verdict=Verdict.APPROVE, reasons=(trusted,))
    if facts.author.has_earned(policy.earned_trust):
        reviewing = _without_reject_threshold(policy, reviewing)
        if not reviewing:
            earned = Reason(code=ReasonCode.EARNED_TRUST)
            return Outcome(verdict=Verdict.APPROVE, reasons=(earned,))
    if reviewing:
        return Outcome(verdict=Verdict.REVIEW, reasons=reviewing)
    held_because = _held_because(policy, facts.openness)
    if held_because is not None:
        held = Reason(code=held_because)
        return Outcome(verdict=Verdict.REVIEW, reasons=(held,))
    return Outcome(verdict=Verdict.APPROVE, reasons=(Reason(code=ReasonCode.CLEAR),))


def _held_because(policy: Policy, openness: Openness | None) -> ReasonCode | None:
    """Return why a moderator sees a comment first that nothing speaks against."""
    if openness is None:
        return hold_of_section(policy, None)
    return openness.held_because if openness.is_open else ReasonCode.CLOSED


def _by_care(policy: Policy, facts: Facts, plain: Outcome) -> Outcome:
    """Return the outcome, held where the comment calls for care and no person decided.

    A protocol's value for tests stays rejected.
    """
    care = get_care_reasons(policy.care_cuts, facts.scores)
    is_decided = plain.source is Source.CAMPAIGN and plain.verdict is Verdict.REJECT
    if not care or is_decided or facts.signal in (Signal.STAFF, Signal.TEST):
        return plain
    labels = {reason.label for reason in care}
    against = () if plain.verdict is Verdict.APPROVE else plain.reasons
    others = (
        reason
        for reason in against
        if reason.code != ReasonCode.SCORE or reason.label not in labels
    )
    return Outcome(verdict=Verdict.REVIEW, reasons=(*care, *others))


def _by_name(policy: Policy, facts: Facts, plain: Outcome) -> Outcome:
    """Return the outcome, held where the author's name deceives and nothing rejects."""
    is_spared = _is_trusted(policy, facts)
    is_staff = facts.signal is Signal.STAFF
    if not facts.is_name_deceptive or is_spared or is_staff:
        return plain
    if plain.verdict is Verdict.REJECT:
        return plain
    against = plain.reasons if plain.verdict is Verdict.REVIEW else ()
    deceptive = Reason(code=ReasonCode.DECEPTIVE_NAME)
    return Outcome(verdict=Verdict.REVIEW, reasons=(*against, deceptive))


def _by_personal_data(policy: Policy, facts: Facts, plain: Outcome) -> Outcome:
    """Return the outcome, held where the text holds personal data."""
    is_asked = policy.personal_data.is_held and facts.signal is not Signal.STAFF
    if not (facts.personal_data and is_asked) or _is_trusted(policy, facts):
        return plain
    if plain.verdict is Verdict.REJECT:
        return plain
    against = plain.reasons if plain.verdict is Verdict.REVIEW else ()
    reason = Reason(code=ReasonCode.PERSONAL_DATA, spans=facts.personal_data)
    return Outcome(verdict=Verdict.REVIEW, reasons=(*against, reason))


def _is_trusted(policy: Policy, facts: Facts) -> bool:
    """Return whether the site or its staff trusts the author, and nothing is newer.

    What staff decided about the author comes before the site's own list.
    """
    if facts.author.standing is not None:
        return facts.author.standing is Standing.TRUSTED
    return facts.author_id in policy.trusted_authors


def _without_reject_threshold(
    policy: Policy, reviewing: tuple[Reason, ...]
) -> tuple[Reason, ...]:
    """Return the reasons to hold by labels that never reject a comment.

    Nothing but the hold stops what they stand for.
    """
    return tuple(
        reason
        for reason in reviewing
        if policy.thresholds[reason.label or ""].reject_at is None
    )


#: The reason that each restriction of an author gives.
_RESTRICTED = {
    Standing.PREMODERATED: ReasonCode.PREMODERATED_AUTHOR,
    Standing.SUSPENDED: ReasonCode.SUSPENDED,
    Standing.BANNED: ReasonCode.BANNED,
    Standing.SHADOW_BANNED: ReasonCode.SHADOW_BANNED,
}


def _by_standing(facts: Facts, plain: Outcome) -> Outcome:
    """Return the outcome as staff decided about the author; a rejection stays one.

    A mere fault is no further reason when a person has decided.
    """
    author = facts.author
    code = _RESTRICTED.get(author.standing) if author.standing else None
    if code is None or facts.signal is Signal.STAFF:
        return plain
    until = author.until.isoformat() if author.until else None
    if author.is_by_address:
        code, until = ReasonCode.RESTRICTED_ADDRESS, None
    reason = Reason(code=code, until=until)
    if author.standing in REJECTING and not author.is_by_address:
        against = plain.reasons if plain.verdict is Verdict.REJECT else ()
        return Outcome(verdict=Verdict.REJECT, reasons=(reason, *against))
    if plain.verdict is Verdict.REJECT:
        return plain
    against = plain.reasons if plain.verdict is Verdict.REVIEW else ()
    reasons = put_care_first((reason, *against))
    return Outcome(verdict=Verdict.REVIEW, reasons=reasons)


def _rejected_in_advance(
    standing: StandingDecision, faults: tuple[Reason, ...], *, is_spared: bool
) -> Outcome:
    """Return the outcome of a standing rejection; hold trusted authors' comments."""
    reasons = (_by_campaign(standing), *faults)
    if is_spared:
        return Outcome(verdict=Verdict.REVIEW, reasons=reasons)
    return Outcome(verdict=Verdict.REJECT, reasons=reasons, source=Source.CAMPAIGN)


def _by_campaign(standing: StandingDecision) -> Reason:
    return Reason(code=ReasonCode.CAMPAIGN, campaign=standing.campaign)


def hold_for_claimant(outcome: Outcome) -> Outcome:
    """Return the outcome for a comment that a moderator has claimed.

    Nothing automatic approves or rejects under a person's hands: it stays pending,
    with what spoke against it.
    """
    if outcome.verdict is Verdict.REVIEW:
        return outcome
    against = outcome.reasons if outcome.verdict is Verdict.REJECT else ()
    claimed = Reason(code=ReasonCode.CLAIMED)
    return Outcome(verdict=Verdict.REVIEW, reasons=(claimed, *against))


def is_spared_by_brakes(policy: Policy, facts: Facts) -> bool:
    """Return whether brakes neither hold nor count a comment, as its author is known.

    So are the site's administrators and those whom it or its staff trusts.
    """
    return facts.signal is Signal.STAFF or _is_trusted(policy, facts)


def can_be_braked(outcome: Outcome, kind: BrakeKind) -> bool:
    """Return whether a brake can hold a comment of this outcome.

    A rejection stays one. Near-duplicates that a person has approved in advance are
    published however fast they come.
    """
    is_approved_in_advance = (
        outcome.source is Source.CAMPAIGN and kind is BrakeKind.NEAR_DUPLICATES
    )
    return outcome.verdict is not Verdict.REJECT and not is_approved_in_advance


def hold_for_brakes(outcome: Outcome, holds: Sequence[BrakeHold]) -> Outcome:
    """Return the outcome for a comment that brakes hold, with what spoke against it."""
    if not holds:
        return outcome
    braked = tuple(
        Reason(code=ReasonCode.BRAKE, brake=hold.brake_id, limit=hold.kind.value)
        for hold in holds
    )
    if outcome.verdict is Verdict.REVIEW:
        return replace(outcome, reasons=(*outcome.reasons, *braked))
    by_rules = tuple(each for each in outcome.reasons if each.code == ReasonCode.RULE)
    return Outcome(verdict=Verdict.REVIEW, reasons=(*braked, *by_rules))


def _faults(policy: Policy, facts: Facts) -> tuple[Reason, ...]:
    """Return the reasons not to rely on the scores."""
    if facts.scores is None:
        return (Reason(code=ReasonCode.UNSCORED),)
    harms = policy.harm_thresholds
    missing = [label for label in harms if label not in facts.scores]
    if missing:
        return tuple(Reason(code=ReasonCode.UNSCORED, label=label) for label in missing)
    if not facts.is_language_supported:
        return (Reason(code=ReasonCode.LANGUAGE),)
    if not facts.is_read_whole:
        return (Reason(code=ReasonCode.PARTLY_READ),)
    weak = [label for label in harms if label in facts.weak_labels]
    return tuple(Reason(code=ReasonCode.LANGUAGE, label=label) for label in weak)


def _over_thresholds(
    policy: Policy, scores: Mapping[str, float]
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Return the reasons to reject and those to review, the strongest first."""
    rejecting, reviewing = [], []
    for label, cut in policy.harm_thresholds.items():
        score = scores[label]
        if cut.reject_at is not None and score >= cut.reject_at:
            rejecting.append(_by_score(label, score, cut.reject_at))
        elif score >= cut.review_at:
            reviewing.append(_by_score(label, score, cut.review_at))
    rejecting.sort(key=lambda reason: -(reason.score or 0))
    reviewing.sort(key=lambda reason: -(reason.score or 0))
    return tuple(rejecting), tuple(reviewing)


def _by_score(label: str, score: float, threshold: float) -> Reason:
    return Reason(code=ReasonCode.SCORE, label=label, score=score, threshold=threshold)
