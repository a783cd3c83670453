"""Sheet 11 of the report: drafts of its texts, from the settings and the figures.

They say what the log and the policy show. A site reads them, corrects them, and adds
what only it knows before it publishes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from moderation.policy.thresholds import Moderation, Policy
from moderation.transparency.accuracy import ALL, SystemFigures
from moderation.transparency.audits import HumanReview
from moderation.transparency.measures import MeasureAutomation
from moderation.transparency.rows import Cell, RowHead, median_hours
from moderation.transparency.sheet_automation import describe, name_system
from moderation.transparency.tally import MeasureTally
from moderation.transparency.templates import read_sheets


@dataclass(frozen=True, kw_only=True)
class TextFacts:
    """The facts from which the texts are made."""

    counts: MeasureTally
    figures: Sequence[SystemFigures]
    people: HumanReview
    policy: Policy
    model_versions: Sequence[str]  #: that decided in the period


def rows(head: RowHead, facts: TextFacts) -> Iterator[list[Cell]]:
    """Yield sheet 11; blank is what is asked of very large platforms alone."""
    drafts = {
        "Summary of": _summary(facts),
        "Meaningful and": _detection(facts),
        "Qualitative description of the automated": _means(facts),
        "Qualitative description of indicators": _indicators(facts),
        "Specification of": PURPOSES,
        "Safeguards": _safeguards(facts),
    }
    for applicability, _, _, indicator, *_ in read_sheets()["11_qualitative"].rows:
        text = next(
            (
                draft
                for beginning, draft in drafts.items()
                if indicator.startswith(beginning)
            ),
            None,
        )
        yield [applicability, *head.cells()[1:], indicator, text]


def _summary(facts: TextFacts) -> str:
    counts = facts.counts
    own = counts.count(is_own=True)
    fully = counts.count(is_own=True, automation=MeasureAutomation.FULLY)
    return (
        f"Comments of readers are moderated before or after publication. {own:,} "
        f"measures were taken at our own initiative, {fully:,} of them by automation "
        f"alone and {own - fully:,} by moderators; {counts.after_reports:,} followed "
        "reports by readers for the site's own rules. A measure is a comment that "
        "isn't shown, or an author who can't comment for some time or any more. "
        "Comments are neither demoted nor labeled, nor restricted by age. A measure "
        "counts in the period in which it was taken, also if it was overturned later; "
        "one that was undone within the undo period isn't counted."
    )


def _detection(facts: TextFacts) -> str:
    counts = facts.counts
    partly = counts.count(is_own=True, automation=MeasureAutomation.PARTIALLY)
    shown = facts.counts.shown_for
    text = (
        "Comments are found by a text classifier, by rules of the site, by comparison "
        "with near-duplicates, by limits on how fast comments arrive, by reports of "
        f"readers, and by moderators who read them. Moderators rejected {partly:,} "
        "comments that automation had held. "
    )
    if not shown:
        return text + (
            "Measure of exposure: none of the restricted comments had been published "
            "before. Views of comments aren't recorded."
        )
    hours = median_hours(shown)
    within = sum(each <= timedelta(hours=1) for each in shown)
    return text + (
        f"Measure of exposure: {len(shown):,} of the restricted comments had been "
        f"published before, for a median of {hours} hours; {within:,} of them for up "
        "to an hour. Views of comments aren't recorded."
    )


def _means(facts: TextFacts) -> str:
    cuts = [
        f"{label}: held from {cut.review_at:g}, "
        + (
            "never rejected"
            if cut.reject_at is None or label in facts.policy.care_cuts
            else f"rejected from {cut.reject_at:g}"
        )
        for label, cut in facts.policy.thresholds.items()
    ]
    mode = {
        Moderation.PRE: "is reviewed by a moderator before publication",
        Moderation.POST: "is published",
        Moderation.CLOSED: "isn't taken",
    }[facts.policy.default]
    versions = ", ".join(facts.model_versions) or "none"
    return (
        "A text classifier gives each comment a probability from 0 to 1 for each "
        f"label. Thresholds at the end of the period: {'; '.join(cuts) or 'none'}. A "
        f"comment under all thresholds {mode}, unless its section differs. In "
        "languages for which the classifier isn't known to be good, scores decide "
        f"nothing. Versions of the classifier that decided: {versions}. Rules of the "
        "site match words, patterns, links, and authors, and hold or reject. "
        "Near-duplicates of comments that a moderator rejected as a group can be "
        "rejected for as long as the moderator set. Limits on how fast "
        "comments arrive only hold them."
    )


def _indicators(facts: TextFacts) -> str:
    lines = []
    for each in facts.figures:
        if each.system == ALL:
            lines += [
                f"{name}: {_number(getattr(each, name.lower()).value)}. "
                + describe(name, each.system, getattr(each, name.lower()))
                for name in ("Accuracy", "Precision", "Recall")
            ]
        elif each.precision.value is not None:
            lines.append(
                f"{name_system(each.system)}: precision {each.precision.value:.3f}"
                + (
                    ""
                    if each.recall.value is None
                    else f", recall {each.recall.value:.3f}"
                )
                + "."
            )
    kappa = facts.people.kappa
    text = " ".join(lines) + (
        " Method: a random share of automatic decisions is reviewed by moderators, who "
        "don't see that, or what, automation decided. Each reviewed decision is "
        "weighted by the share reviewed among its kind. The false discovery rate is 1 "
        "less precision, the miss rate 1 less recall."
    )
    if kappa.kappa is not None:
        text += (
            f" Human reviewers: in {kappa.pairs:,} second reviews, moderators agreed "
            f"in {kappa.observed:.1%} (Cohen's kappa {kappa.kappa.value:.2f}, 95% "
            f"interval {kappa.kappa.low:.2f} to {kappa.kappa.high:.2f}); "
            f"{facts.people.overturned:,} decisions were overturned."
        )
    return text


PURPOSES = (
    "Automation rejects what is very likely not allowed, so that readers don't see it; "
    "holds what may not be allowed, so that moderators review the riskiest comments "
    "first; publishes what nothing speaks against; and stops advertising and attacks "
    "that arrive in numbers."
)


def _safeguards(facts: TextFacts) -> str:
    policy = facts.policy
    return (
        "Authors are given the reason of a rejection and can appeal; a person who did "
        "not reject the comment decides. Without scores, or in languages that the "
        "classifier isn't known to read well, moderators decide. No automation "
        "suspends an author. A new version of the classifier is compared with the "
        "earlier one on decisions that it wasn't trained on; to use a worse one, an "
        f"admin must give a reason. {policy.audit_share:.1%} of automatic "
        f"decisions and {policy.second_look_share:.1%} of moderators' are reviewed by "
        "another moderator, as set at the end of the period. Every decision is kept in "
        "a log, and can be undone by a further one."
    )


def _number(value: float | None) -> str:
    return "left blank" if value is None else f"{value:.3f}"
