"""The quality gate: check by figures whether a candidate may be promoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from classifiers.evaluation.bootstrap import Estimate
from classifiers.evaluation.model_comparison import ModelComparison
from classifiers.evaluation.model_report import LabelReport, ModelReport
from classifiers.evaluation.slices import Slice

#: So much AUC may be lost on the held-out decisions, as noise.
TOLERATED_LOSS = 0.005
#: So much AUC may be lost on the frozen regression set.
TOLERATED_FORGETTING = 0.02
#: On a slice, a loss counts if it is so large and no chance.
TOLERATED_SLICE_LOSS = 0.02
#: Chance that some slice speaks against a candidate that loses on none, 0 to 1.
FALSE_REFUSALS = 0.05
#: So much the calibration error may grow, 0 to 1.
TOLERATED_MISCALIBRATION = 0.02
#: Decisions are the reverse of the active scorer's where its AUC is under this: what
#: one of .75 makes of verdicts that were mixed up. A site's own few words may give .35.
OPPOSITE_UNDER = 0.25
#: Labels with fewer positives or negatives are too thin to judge by.
MIN_EXAMPLES = 10  # examples


class Against(StrEnum):
    """An objection to a candidate."""

    NOT_SCORED = "not_scored"  #: it lacks a label
    OPPOSITE = "opposite"  #: people decided the reverse of the active scorer
    LOST_HELD_OUT = "lost_held_out"  #: AUC on the held-out decisions
    LOST_FROZEN = "lost_frozen"  #: AUC on the frozen regression set
    LESS_HONEST = "less_honest"  #: its calibration error grows
    LOST_SLICE = "lost_slice"  #: AUC for some of the comments
    TOO_FEW = "too_few"  #: no label can be judged


_SENTENCES = {
    Against.NOT_SCORED: "The candidate does not score {label}.",
    Against.OPPOSITE: "People decided the opposite of what the active model says about "
    "{label}: its AUC on the held-out decisions is {before}. Were verdicts mixed up?",
    Against.LOST_HELD_OUT: "On the held-out decisions, the AUC of {label} falls from "
    "{before} to {after}.",
    Against.LOST_FROZEN: "On the frozen regression set, the AUC of {label} falls from "
    "{before} to {after}.",
    Against.LESS_HONEST: "The probabilities of {label} are less honest: their "
    "calibration error grows from {before} to {after}.",
    Against.LOST_SLICE: "For {kind} “{name}”, the AUC of {label} falls from {before} "
    "to {after} ({n} held-out comments).",
    Against.TOO_FEW: "No label has held-out decisions enough to judge by.",
}


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One thing that speaks against a candidate, with its figures."""

    code: Against
    label: str | None = None
    #: AUC or calibration error, 0 to 1
    before: float | None = None
    after: float | None = None
    #: of a slice: what it is by, its name, and its held-out comments
    kind: str | None = None
    name: str | None = None
    n: int | None = None

    def sentence(self) -> str:
        """Return it in plain English."""
        figures = {
            name: "none" if figure is None else f"{figure:.3f}"
            for name, figure in (("before", self.before), ("after", self.after))
        }
        return _SENTENCES[self.code].format(**{**vars(self), **figures})


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The permission for a candidate's promotion, or the reasons against it."""

    allowed: bool
    #: one sentence for each thing that speaks against it
    reasons: tuple[str, ...]
    #: the same, to be translated
    objections: tuple[Objection, ...]


def gate(
    active: ModelReport,
    candidate: ModelReport,
    *,
    active_regression: ModelReport | None = None,
    candidate_regression: ModelReport | None = None,
    comparison: ModelComparison | None = None,
    slices: Sequence[Slice] = (),
) -> Gate:
    """Return whether a candidate is no worse than the active scorer.

    Parameters
    ----------
    active, candidate : both measured on the same held-out decisions
    active_regression, candidate_regression : both on the frozen regression set
    comparison, slices : both on the held-out decisions, in pairs
    """
    against = [*_missing(active, candidate), *_opposite(active)]
    against += _losses(active, candidate, TOLERATED_LOSS, Against.LOST_HELD_OUT)
    if active_regression is not None and candidate_regression is not None:
        against += _losses(
            active_regression,
            candidate_regression,
            TOLERATED_FORGETTING,
            Against.LOST_FROZEN,
        )
    if comparison is not None:
        against += _miscalibrated(active, candidate, comparison)
    against += _slice_losses(slices)
    if not any(_is_judged(report) for report in candidate.labels.values()):
        against.append(Objection(code=Against.TOO_FEW))
    return Gate(
        allowed=not against,
        reasons=tuple(objection.sentence() for objection in against),
        objections=tuple(against),
    )


def _missing(active: ModelReport, candidate: ModelReport) -> list[Objection]:
    return [
        Objection(code=Against.NOT_SCORED, label=label)
        for label in active.labels
        if label not in candidate.labels
    ]


def _opposite(active: ModelReport) -> list[Objection]:
    """Tell where people decided the reverse of what the active scorer says.

    A site may see things otherwise, and its language may be unknown: then the AUC is
    about one half. Well below it, verdicts were mixed up, or someone teaches wrongly,
    and a candidate that follows them looks good on their own decisions.
    """
    return [
        Objection(code=Against.OPPOSITE, label=label, before=report.auc.value)
        for label, report in active.labels.items()
        if report.auc is not None
        and _is_judged(report)
        and report.auc.value < OPPOSITE_UNDER
        and report.auc.high < 0.5
    ]


def _is_judged(report: LabelReport) -> bool:
    return min(report.positives, report.n - report.positives) >= MIN_EXAMPLES


def _losses(
    active: ModelReport, candidate: ModelReport, tolerated: float, code: Against
) -> list[Objection]:
    objections = []
    for label, before in active.labels.items():
        after = candidate.labels.get(label)
        if after is None or before.auc is None or not _is_judged(before):
            continue
        if after.auc is None or after.auc.value < before.auc.value - tolerated:
            now = None if after.auc is None else after.auc.value
            objections.append(
                Objection(code=code, label=label, before=before.auc.value, after=now)
            )
    return objections


def _miscalibrated(
    active: ModelReport, candidate: ModelReport, comparison: ModelComparison
) -> list[Objection]:
    """Tell whose probabilities have become less honest, beyond chance."""
    objections = []
    for label, error in comparison.brier.items():
        before, after = active.labels[label], candidate.labels[label]
        if before.ece is None or after.ece is None or not _is_judged(before):
            continue
        is_worse = after.ece > before.ece + TOLERATED_MISCALIBRATION
        if is_worse and error.gain.low > 0:
            objections.append(
                Objection(
                    code=Against.LESS_HONEST,
                    label=label,
                    before=before.ece,
                    after=after.ece,
                )
            )
    return objections


def _slice_losses(slices: Sequence[Slice]) -> list[Objection]:
    """Tell for whom the candidate is worse, beyond chance.

    With many slices one is worse by chance, so that all of them together may be wrong
    in 5 of 100 candidates that lose nowhere (Bonferroni's correction).
    """
    if not slices:
        return []
    clearly = NormalDist().inv_cdf(1 - FALSE_REFUSALS / len(slices))
    return [
        Objection(
            code=Against.LOST_SLICE,
            label=part.label,
            before=part.auc.active,
            after=part.auc.candidate,
            kind=part.kind,
            name=part.name,
            n=part.n,
        )
        for part in slices
        if part.auc.gain.value < -TOLERATED_SLICE_LOSS
        and part.auc.gain.value < -clearly * _deviation(part.auc.gain)
    ]


def _deviation(gain: Estimate) -> float:
    """Return the standard deviation that a range of 95% comes from."""
    return (gain.high - gain.low) / (2 * NormalDist().inv_cdf(0.975))
