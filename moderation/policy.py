"""The pure core: thresholds, verdicts, allowed status changes, due times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from classifiers.text.labels import LABELS


class Verdict(StrEnum):
    """The outcome given to a comment."""

    APPROVE = "approve"  #: publish
    REVIEW = "review"  #: a person must look
    REJECT = "reject"  #: keep hidden


class Status(StrEnum):
    """Where a comment stands now."""

    PENDING = "pending"  #: waits for a person
    APPROVED = "approved"  #: shown to readers
    REJECTED = "rejected"  #: hidden


class Source(StrEnum):
    """Who gave a decision."""

    POLICY = "policy"  #: the thresholds of the site
    PERSON = "person"  #: a moderator
    AKISMET = "akismet"  #: the site's own people, as its software reports over Akismet
    CAMPAIGN = "campaign"  #: a person's verdict on a campaign, given before it came
    READERS = "readers"  #: reports that together passed the site's threshold
    AUTHOR = "author"  #: the comment's author, by an appeal
    RULE = "rule"  #: a rule of the site's admins, where the thresholds alone say less


#: Whose verdict settles a matter: a moderator's, or the site's own people's.
PEOPLE = frozenset({Source.PERSON, Source.AKISMET})
#: Sources of decisions that no person took, one comment at a time.
AUTOMATIC = frozenset({Source.POLICY, Source.RULE})
#: Sources that decide while nobody looks; a standing decision about a campaign, too.
UNATTENDED = AUTOMATIC | {Source.CAMPAIGN}


class Signal(StrEnum):
    """What a site's software knows of an author that no score can tell."""

    STAFF = "staff"  #: an administrator of the site, logged in
    BOT = "bot"  #: filled in a field that people don't see
    TEST = "test"  #: one of the values that a protocol keeps for tests: spam


class Moderation(StrEnum):
    """What happens to a comment that nothing speaks against."""

    PRE = "pre"  #: a person looks before it is shown
    POST = "post"  #: it is shown at once


class ReasonCode(StrEnum):
    """Why a verdict was given, where no person chose the reason."""

    SCORE = "score"  #: a label's score reached a threshold
    UNSCORED = "unscored"  #: no score to be had for a label that the policy needs
    LANGUAGE = "language"  #: the model is not known to be good in this language
    PREMODERATION = "premoderation"  #: the site or section looks at everything first
    TRUSTED_AUTHOR = "trusted_author"  #: the site's own verified author id is trusted
    CLEAR = "clear"  #: every score is under its threshold
    EDITED = "edited"  #: a person had decided about an earlier text
    CLAIMED = "claimed"  #: a moderator was looking at it when its author edited it
    STAFF = "staff"  #: the site's software says that its administrator wrote it
    BOT = "bot"  #: a field that people don't see was filled in
    TEST = "test"  #: a value that a protocol keeps for tests
    RULE = "rule"  #: a rule of the site's admins matched
    RULES_UNAVAILABLE = "rules_unavailable"  #: the site's rules could not be asked
    UNDONE = "undone"  #: the person took the decision before this one back
    CAMPAIGN = "campaign"  #: a person has decided about its near-duplicates in advance
    REPORTED = "reported"  #: readers reported it; `reported_for` says for what
    APPEAL = "appeal"  #: its author asks for another look


# What a moderator may give as the reason of a rejection: a harm that the model
# learns, or a rule of the house, which teaches it nothing.
HOUSE_REASONS = ("off_topic", "illegal", "personal_data", "duplicate", "other")
REASON_CODES = (*LABELS, *HOUSE_REASONS)
# What a reader may report a comment for; whether it was sent twice, readers can't know.
REPORT_REASONS = tuple(code for code in REASON_CODES if code != "duplicate")


class Action(StrEnum):
    """What a rule does to a comment that it matches."""

    HOLD = "hold"  #: a person looks
    REJECT = "reject"  #: it stays hidden
    TAG = "tag"  #: it is marked; nothing else changes
    RAISE = "raise"  #: a person should look sooner, where one must look
    LOWER = "lower"  #: a person may look later


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A rule that matched a comment."""

    rule_id: int
    version: int  #: of the rule
    name: str
    action: Action
    tag: str | None = None
    spans: tuple[tuple[int, int], ...] = ()  #: where in the text, in code points
    is_shadow: bool = False  #: it decides nothing; it is noted only

    def as_reason(self) -> Reason:
        """Return what is stored and shown of it."""
        return Reason(
            code=ReasonCode.RULE,
            rule=self.rule_id,
            name=self.name,
            action=self.action.value,
            tag=self.tag,
            spans=self.spans or None,
        )


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason of a verdict, with what it rests on."""

    code: str  #: a `ReasonCode`, or the code that a person chose
    label: str | None = None  #: the label whose score counted
    score: float | None = None  #: 0 to 1
    threshold: float | None = None  #: 0 to 1
    campaign: int | None = None  #: id of the near-duplicates that it is one of
    reported_for: str | None = None  #: one of `REPORT_REASONS`
    count: int | None = None  #: how many reported it for that
    rule: int | None = None  #: the rule that matched
    name: str | None = None  #: of the rule
    action: str | None = None  #: of the rule
    tag: str | None = None  #: that the rule gives
    spans: tuple[tuple[int, int], ...] | None = None  #: what it matched, code points

    def as_json(self) -> dict[str, Any]:
        """Return what is stored and answered, without the empty parts."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """The cut points of one label; a score at the point counts as over it."""

    review_at: float  #: 0 to 1
    reject_at: float | None = None  #: `review_at` to 1; None: never rejected by score

    def __post_init__(self) -> None:
        upper = 1.0 if self.reject_at is None else self.reject_at
        if not 0 <= self.review_at <= upper <= 1:
            raise ValueError("0 <= review_at <= reject_at <= 1 must hold")


# Three readers of whom nothing is known, or two who were always right.
REPORT_THRESHOLD = 3.0


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a site has decided in advance."""

    thresholds: Mapping[str, Threshold]
    default: Moderation = Moderation.PRE
    sections: Mapping[str, Moderation] = field(default_factory=dict)
    trusted_authors: frozenset[str] = frozenset()  #: ids that the site has verified
    #: weight of reports that sends a published comment back; None: none does
    report_threshold: float | None = REPORT_THRESHOLD
    second_look_share: float = 0.0  #: 0 to 1 of people's decisions: another looks too
    audit_share: float = 0.0  #: 0 to 1 of what the machine decided alone: people look

    def moderation_of(self, section: str | None) -> Moderation:
        """Return what holds in a section of the site."""
        return self.sections.get(section or "", self.default)


@dataclass(frozen=True, kw_only=True)
class Advance:
    """What a person has said of a campaign's comments that were still to come."""

    verdict: Verdict  #: approve or reject
    campaign: int
    batch: int  #: the decision that it was given with, and is undone with


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the policy may look at."""

    scores: Mapping[str, float] | None  #: label to 0–1; None: there are none
    is_language_supported: bool = True
    #: labels that the model is not known to be good at in this language
    weak_labels: frozenset[str] = frozenset()
    section: str | None = None
    author_id: str | None = None
    is_edit_of_decided: bool = False  #: a person decided about an earlier text
    signal: Signal | None = None
    standing: Advance | None = None  #: on the campaign that the text belongs to
    hits: tuple[Hit, ...] = ()  #: rules that matched, those in shadow included
    has_rules: bool = True  #: False: the site's rules could not be asked


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A verdict and all that led to it."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    source: Source = Source.POLICY


def decide(policy: Policy, facts: Facts) -> Outcome:
    """Return the strictest verdict that anything asks for, with its reasons.

    Whatever is missing goes to a person: a missing score is a fault, never a pass.
    A verified author whom the site trusts is spared the review thresholds and
    pre-moderation; at a reject threshold a person looks. An administrator of the site
    publishes; what only a program fills in is rejected, unless scoring failed.

    What a person has said of the text's campaign in advance rejects even what has no
    score; it approves only what has one, under every reject threshold.

    Rules of the site's admins can make a verdict stricter, never milder: a rejection by
    rule stands even where scoring failed, and is left to a person where the author is
    trusted or a person had decided about an earlier text. Where the rules could not be
    asked, nothing is published.
    """
    live = tuple(hit for hit in facts.hits if not hit.is_shadow)
    plain = _by_scores(policy, facts)
    is_staff = facts.signal is Signal.STAFF
    noted = tuple(hit.as_reason() for hit in live)
    if is_staff or (not noted and facts.has_rules):
        return plain
    asked = _asked_by_rules(policy, facts, live)
    if not facts.has_rules:
        asked, noted = Verdict.REVIEW, (Reason(code=ReasonCode.RULES_UNAVAILABLE),)
    verdict = max(plain.verdict, asked, key=_STRICTNESS)
    reasons = (*_kept(plain, verdict), *noted)
    source = plain.source
    if verdict is not plain.verdict:  # whoever said something milder decided nothing
        source = Source.RULE if facts.has_rules else Source.POLICY
    return Outcome(verdict=verdict, reasons=reasons, source=source)


_STRICTNESS = list(Verdict).index


def _asked_by_rules(policy: Policy, facts: Facts, live: tuple[Hit, ...]) -> Verdict:
    """Return the strictest verdict that a rule asks for."""
    actions = {hit.action for hit in live}
    is_for_person = facts.is_edit_of_decided or (
        facts.author_id in policy.trusted_authors
    )
    if Action.REJECT in actions:
        return Verdict.REVIEW if is_for_person else Verdict.REJECT
    return Verdict.REVIEW if Action.HOLD in actions else Verdict.APPROVE


def _kept(plain: Outcome, verdict: Verdict) -> tuple[Reason, ...]:
    """Return the reasons that still hold once rules have had their say.

    What speaks for publishing says nothing about a comment that is not published.
    """
    if verdict is Verdict.APPROVE or plain.verdict is not Verdict.APPROVE:
        return plain.reasons
    return ()


def _by_scores(policy: Policy, facts: Facts) -> Outcome:
    """Return the verdict of signals, thresholds and defaults, whatever rules say."""
    if facts.signal is Signal.STAFF:
        staff = Reason(code=ReasonCode.STAFF)
        return Outcome(verdict=Verdict.APPROVE, reasons=(staff,))
    faults = _faults(policy, facts)
    if facts.signal is not None and facts.scores is not None:
        signalled = Reason(code=facts.signal.value)
        return Outcome(verdict=Verdict.REJECT, reasons=(signalled,))
    is_trusted = facts.author_id in policy.trusted_authors
    is_spared = is_trusted or facts.is_edit_of_decided
    standing = facts.standing
    if standing is not None and standing.verdict is Verdict.REJECT:
        return _rejected_in_advance(standing, faults, is_spared=is_spared)
    if faults:
        return Outcome(verdict=Verdict.REVIEW, reasons=faults)
    rejecting, reviewing = _over_thresholds(policy, facts.scores or {})
    if rejecting:
        verdict = Verdict.REVIEW if is_spared else Verdict.REJECT
        return Outcome(verdict=verdict, reasons=rejecting)
    if facts.is_edit_of_decided:
        edited = Reason(code=ReasonCode.EDITED)
        return Outcome(verdict=Verdict.REVIEW, reasons=(edited, *reviewing))
    if standing is not None:
        told = (_by_campaign(standing),)
        return Outcome(verdict=standing.verdict, reasons=told, source=Source.CAMPAIGN)
    if is_trusted:
        trusted = Reason(code=ReasonCode.TRUSTED_AUTHOR)
        return Outcome(verdict=Verdict.APPROVE, reasons=(trusted,))
    if reviewing:
        return Outcome(verdict=Verdict.REVIEW, reasons=reviewing)
    if policy.moderation_of(facts.section) is Moderation.PRE:
        held = Reason(code=ReasonCode.PREMODERATION)
        return Outcome(verdict=Verdict.REVIEW, reasons=(held,))
    return Outcome(verdict=Verdict.APPROVE, reasons=(Reason(code=ReasonCode.CLEAR),))


def _rejected_in_advance(
    standing: Advance, faults: tuple[Reason, ...], *, is_spared: bool
) -> Outcome:
    """Return what a rejection in advance comes to; of the spared, a person decides."""
    reasons = (_by_campaign(standing), *faults)
    if is_spared:
        return Outcome(verdict=Verdict.REVIEW, reasons=reasons)
    return Outcome(verdict=Verdict.REJECT, reasons=reasons, source=Source.CAMPAIGN)


def _by_campaign(standing: Advance) -> Reason:
    return Reason(code=ReasonCode.CAMPAIGN, campaign=standing.campaign)


def left_to_holder(outcome: Outcome) -> Outcome:
    """Return what becomes of an outcome while a moderator holds the comment.

    Nothing automatic approves or rejects under a person's hands: it stays pending,
    with what spoke against it.
    """
    if outcome.verdict is Verdict.REVIEW:
        return outcome
    against = outcome.reasons if outcome.verdict is Verdict.REJECT else ()
    claimed = Reason(code=ReasonCode.CLAIMED)
    return Outcome(verdict=Verdict.REVIEW, reasons=(claimed, *against))


def _faults(policy: Policy, facts: Facts) -> tuple[Reason, ...]:
    """Return why the scores can't be relied on; empty when they can."""
    if facts.scores is None:
        return (Reason(code=ReasonCode.UNSCORED),)
    missing = [label for label in policy.thresholds if label not in facts.scores]
    if missing:
        return tuple(Reason(code=ReasonCode.UNSCORED, label=each) for each in missing)
    if not facts.is_language_supported:
        return (Reason(code=ReasonCode.LANGUAGE),)
    weak = [label for label in policy.thresholds if label in facts.weak_labels]
    return tuple(Reason(code=ReasonCode.LANGUAGE, label=each) for each in weak)


def _over_thresholds(
    policy: Policy, scores: Mapping[str, float]
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Return the reasons to reject and those to review, the strongest first."""
    rejecting, reviewing = [], []
    for label, cut in policy.thresholds.items():
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


STATUS_AFTER = {
    Verdict.APPROVE: Status.APPROVED,
    Verdict.REVIEW: Status.PENDING,
    Verdict.REJECT: Status.REJECTED,
}

VERDICT_FOR = {status: verdict for verdict, status in STATUS_AFTER.items()}

# (status before, who decides, verdict). The policy decides about a new text only: a
# comment just sent (status None), or one whose author has edited it. A person may
# decide at any time; sending back to the queue needs something decided. What a person
# has said of a campaign in advance meets new texts, as the policy does. A report over
# Akismet is what the site's own people have decided elsewhere: it always stands.
# Readers send back what is published, authors what is rejected, and nothing else.
ALLOWED: frozenset[tuple[Status | None, Source, Verdict]] = frozenset(
    [
        (status, source, verdict)
        for source in AUTOMATIC
        for status in (None, *Status)
        for verdict in Verdict
    ]
    + [
        (status, Source.PERSON, verdict)
        for status in Status
        for verdict in Verdict
        if (status, verdict) != (Status.PENDING, Verdict.REVIEW)
    ]
    + [
        (status, Source.CAMPAIGN, verdict)
        for status in (None, *Status)
        for verdict in (Verdict.APPROVE, Verdict.REJECT)
    ]
    + [
        (status, Source.AKISMET, verdict)
        for status in Status
        for verdict in (Verdict.APPROVE, Verdict.REJECT)
    ]
    + [
        (Status.APPROVED, Source.READERS, Verdict.REVIEW),
        (Status.REJECTED, Source.AUTHOR, Verdict.REVIEW),
    ]
)


class StatusChangeRefused(ValueError):
    """No decision of this kind may be given to a comment in this status."""


def status_after(before: Status | None, source: Source, verdict: Verdict) -> Status:
    """Return the status that a decision leads to.

    Raises
    ------
    StatusChangeRefused
        If the table `ALLOWED` has no such change.
    """
    if (before, source, verdict) not in ALLOWED:
        raise StatusChangeRefused(f"{source} can't {verdict} what is {before}")
    return STATUS_AFTER[verdict]


SHORTEST_PATIENCE = timedelta(minutes=15)  # what is surely harmful if it is shown
LONGEST_PATIENCE = timedelta(hours=8)  # a working day: the harmless one never starves
BUSY_ARTICLE = 20  # comments published in an hour: there, patience is three quarters
REACH_LASTS = timedelta(hours=1)  # "lately", where an article's comments are counted
RAISED_PATIENCE = timedelta(minutes=5)  # before all that no rule has raised
LOWERED_PATIENCE = timedelta(hours=16)  # behind all, and still within the day


def due_at(
    received_at: datetime,
    risk: float,
    published_lately: int = 0,
    hits: tuple[Hit, ...] = (),
) -> datetime:
    """Return when a person should have looked at a pending comment.

    Patience falls with what may be wrong and with how many will see it: where
    nobody writes it is whole, under the busiest article half.

    Parameters
    ----------
    received_at
        Arrival; what waits longer comes first among equals.
    risk
        0 to 1, the highest score of any label; unscored counts as 1.
    published_lately
        Comments published on the article within `REACH_LASTS`.
    hits
        Rules that matched; one that raises counts more than one that lowers.
    """
    actions = {hit.action for hit in hits if not hit.is_shadow}
    if Action.RAISE in actions:
        return received_at + RAISED_PATIENCE
    if Action.LOWER in actions:
        return received_at + LOWERED_PATIENCE
    span = LONGEST_PATIENCE - SHORTEST_PATIENCE
    reach = published_lately / (published_lately + BUSY_ARTICLE)
    return received_at + (SHORTEST_PATIENCE + span * (1 - risk)) * (1 - reach / 2)


TOSS_UP = 0.5  # where a label without a threshold could go either way


def margin(policy: Policy, scores: Mapping[str, float]) -> float | None:
    """Return how far the score nearest to a cut point is from it, 0 to 1.

    The nearer, the more a person's decision teaches. None: there are no scores.
    """
    found = nearest(policy, scores)
    return None if found is None else found[0]


def nearest(policy: Policy, scores: Mapping[str, float]) -> tuple[float, str] | None:
    """Return the margin and the label whose score it is; None: there are no scores."""
    return min(
        (
            (abs(score - cut), label)
            for label, score in scores.items()
            for cut in _cut_points(policy.thresholds.get(label))
        ),
        default=None,
    )


def _cut_points(threshold: Threshold | None) -> tuple[float, ...]:
    if threshold is None:
        return (TOSS_UP,)
    if threshold.reject_at is None:
        return (threshold.review_at,)
    return (threshold.review_at, threshold.reject_at)


REPORTED_PATIENCE = timedelta(hours=2)  # for what just passed the site's threshold
APPEAL_PATIENCE = timedelta(hours=4)  # half a working day: its author waits for it


def reporter_weight(right: int, settled: int) -> float:
    """Return how much one reader's report counts, from 0 to 2.

    Twice the mean of a Beta distribution: one right and one wrong report are assumed
    of everybody (Laplace's rule of succession), so that of whom nothing is known
    counts 1, as an average reporter does.

    Parameters
    ----------
    right, settled
        How many comments this reader has reported that a person then rejected, and
        how many that a person decided about at all.

    >>> reporter_weight(0, 0), reporter_weight(8, 8), reporter_weight(0, 8)
    (1.0, 1.8, 0.2)
    """
    return 2 * (right + 1) / (settled + 2)


def reported_due_at(now: datetime, weight: float, threshold: float) -> datetime:
    """Return when a person should have looked at a reported comment.

    The heavier the reports, the sooner: at the threshold after `REPORTED_PATIENCE`,
    at twice the threshold after half of that.
    """
    patience = REPORTED_PATIENCE * threshold / max(weight, threshold / 100)
    return now + min(max(patience, SHORTEST_PATIENCE), LONGEST_PATIENCE)
