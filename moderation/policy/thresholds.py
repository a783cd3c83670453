"""A site's policy: its thresholds, and how near scores are to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from classifiers.text.labels import SELF_HARM
from moderation.policy.brakes import BRAKES, BrakePolicy
from moderation.policy.care import CARE, SELF_HARM_AT, CarePolicy
from moderation.policy.opening_hours import OpeningHours
from moderation.policy.personal_data import PERSONAL_DATA, PersonalDataPolicy
from moderation.policy.standings import EarnedTrust


class Moderation(StrEnum):
    """The treatment of a comment without objections."""

    PRE = "pre"  #: a person looks before it is shown
    POST = "post"  #: it is shown at once
    CLOSED = "closed"  #: it is refused


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """The thresholds of one label; a score equal to one counts as over it."""

    review_at: float  #: 0 to 1
    reject_at: float | None = None  #: `review_at` to 1; None: never rejected by score

    def __post_init__(self) -> None:
        upper = 1.0 if self.reject_at is None else self.reject_at
        if not 0 <= self.review_at <= upper <= 1:
            raise ValueError("0 <= review_at <= reject_at <= 1 must hold")


THREAT = "threat"  # at its reject threshold, a threat to life

# Three readers of whom nothing is known, or two who were always right.
REPORT_THRESHOLD = 3.0


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A site's moderation policy."""

    thresholds: Mapping[str, Threshold]
    default: Moderation = Moderation.PRE
    sections: Mapping[str, Moderation] = field(default_factory=dict)
    trusted_authors: frozenset[str] = frozenset()  #: ids that the site has verified
    #: what a record must show to be trusted by it; None: no record is enough
    earned_trust: EarnedTrust | None = None
    #: weight of reports that sends a published comment back; None: none does
    report_threshold: float | None = REPORT_THRESHOLD
    second_look_share: float = 0.0  #: 0 to 1 of people's decisions: another looks too
    audit_share: float = 0.0  #: 0 to 1 of automatic decisions: people look
    brakes: BrakePolicy = BRAKES
    opening_hours: OpeningHours | None = None  #: None: always open
    personal_data: PersonalDataPolicy = PERSONAL_DATA
    #: days after which an article takes no comments; None: it never closes
    close_after_days: int | None = None
    #: the same, where a section differs
    section_close_after_days: Mapping[str, int | None] = field(default_factory=dict)
    care: CarePolicy = CARE
    #: ISO 639-1 codes of languages in which scores decide, beyond those that the model
    #: is good in; one that it doesn't read has no effect
    languages: frozenset[str] = frozenset()

    @property
    def harm_thresholds(self) -> Mapping[str, Threshold]:
        """The thresholds of harms: all but self-harm, which only calls for care."""
        return {
            label: cut for label, cut in self.thresholds.items() if label != SELF_HARM
        }

    @property
    def care_cuts(self) -> Mapping[str, float]:
        """The scores, by label, from which on a comment calls for care."""
        self_harm, threat = (self.thresholds.get(each) for each in (SELF_HARM, THREAT))
        cuts = {SELF_HARM: self_harm.review_at if self_harm else SELF_HARM_AT}
        if threat is not None and threat.reject_at is not None:
            cuts[THREAT] = threat.reject_at
        return cuts

    def moderation_of(self, section: str | None) -> Moderation:
        """Return the moderation mode of a section."""
        return self.sections.get(section or "", self.default)

    def closes_after(self, section: str | None) -> int | None:
        """Return the days after which a section's articles close; None: never."""
        return self.section_close_after_days.get(section or "", self.close_after_days)


TOSS_UP = 0.5  # where a label without a threshold could go either way


def margin(policy: Policy, scores: Mapping[str, float]) -> float | None:
    """Return the smallest distance of a score to a threshold, 0 to 1.

    The nearer, the more a person's decision teaches. None: there are no scores.
    """
    nearest_score = nearest(policy, scores)
    return None if nearest_score is None else nearest_score[0]


def nearest(policy: Policy, scores: Mapping[str, float]) -> tuple[float, str] | None:
    """Return the smallest distance to a threshold, and its label.

    Decisions teach nothing about self-harm: its score is left out.
    """
    return min(
        (
            (abs(score - cut), label)
            for label, score in scores.items()
            if label != SELF_HARM
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
