"""Decide, from figures alone, whether a candidate may take the active one's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from classifiers.evaluation import Comparison, Interval, LabelReport, Report
from classifiers.slices import Slice

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
FEWEST = 10  # examples


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Whether a candidate may be promoted, and why not."""

    allowed: bool
    #: one sentence for each thing that speaks against it
    reasons: tuple[str, ...]


def gate(
    active: Report,
    candidate: Report,
    *,
    active_regression: Report | None = None,
    candidate_regression: Report | None = None,
    comparison: Comparison | None = None,
    slices: Sequence[Slice] = (),
) -> Gate:
    """Return whether a candidate is no worse than the active scorer.

    Parameters
    ----------
    active, candidate : both measured on the same held-out decisions
    active_regression, candidate_regression : both on the frozen regression set
    comparison, slices : both on the held-out decisions, in pairs
    """
    reasons = [*_missing(active, candidate), *_opposite(active)]
    reasons += _losses(active, candidate, TOLERATED_LOSS, "the held-out decisions")
    if active_regression is not None and candidate_regression is not None:
        reasons += _losses(
            active_regression,
            candidate_regression,
            TOLERATED_FORGETTING,
            "the frozen regression set",
        )
    if comparison is not None:
        reasons += _miscalibrated(active, candidate, comparison)
    reasons += _slice_losses(slices)
    if not any(_is_judged(report) for report in candidate.labels.values()):
        reasons.append("No label has held-out decisions enough to judge by.")
    return Gate(allowed=not reasons, reasons=tuple(reasons))


def _missing(active: Report, candidate: Report) -> list[str]:
    return [
        f"The candidate does not score {label}."
        for label in active.labels
        if label not in candidate.labels
    ]


def _opposite(active: Report) -> list[str]:
    """Tell where people decided the reverse of what the active scorer says.

    A site may see things otherwise, and its language may be unknown: then the AUC is
    about one half. Well below it, verdicts were mixed up, or somebody teaches wrongly,
    and a candidate that follows them looks good on their own decisions.
    """
    return [
        f"People decided the opposite of what the active model says about {label}: its "
        f"AUC on the held-out decisions is {report.auc.value:.3f}. Were verdicts mixed "
        "up?"
        for label, report in active.labels.items()
        if report.auc is not None
        and _is_judged(report)
        and report.auc.value < OPPOSITE_UNDER
        and report.auc.high < 0.5
    ]


def _is_judged(report: LabelReport) -> bool:
    return min(report.positives, report.n - report.positives) >= FEWEST


def _losses(
    active: Report, candidate: Report, tolerated: float, where: str
) -> list[str]:
    found = []
    for label, before in active.labels.items():
        after = candidate.labels.get(label)
        if after is None or before.auc is None or not _is_judged(before):
            continue
        if after.auc is None or after.auc.value < before.auc.value - tolerated:
            now = "none" if after.auc is None else f"{after.auc.value:.3f}"
            found.append(
                f"On {where}, the AUC of {label} falls from "
                f"{before.auc.value:.3f} to {now}."
            )
    return found


def _miscalibrated(
    active: Report, candidate: Report, comparison: Comparison
) -> list[str]:
    """Tell whose probabilities have become less honest, beyond chance."""
    found = []
    for label, error in comparison.brier.items():
        before, after = active.labels[label], candidate.labels[label]
        if before.ece is None or after.ece is None or not _is_judged(before):
            continue
        is_worse = after.ece > before.ece + TOLERATED_MISCALIBRATION
        if is_worse and error.gain.low > 0:
            found.append(
                f"The probabilities of {label} are less honest: their calibration "
                f"error grows from {before.ece:.3f} to {after.ece:.3f}."
            )
    return found


def _slice_losses(slices: Sequence[Slice]) -> list[str]:
    """Tell for whom the candidate is worse, beyond chance.

    With many slices one is worse by chance, so that all of them together may be wrong
    in 5 of 100 candidates that lose nowhere (Bonferroni's correction).
    """
    if not slices:
        return []
    clearly = NormalDist().inv_cdf(1 - FALSE_REFUSALS / len(slices))
    return [
        f"For {each.kind} “{each.name}”, the AUC of {each.label} falls from "
        f"{each.auc.active:.3f} to {each.auc.candidate:.3f} "
        f"({each.n} held-out comments)."
        for each in slices
        if each.auc.gain.value < -TOLERATED_SLICE_LOSS
        and each.auc.gain.value < -clearly * _deviation(each.auc.gain)
    ]


def _deviation(gain: Interval) -> float:
    """Return the standard deviation that a range of 95 % comes from."""
    return (gain.high - gain.low) / (2 * NormalDist().inv_cdf(0.975))
