"""Decide, from figures alone, whether a candidate may take the active one's place."""

from __future__ import annotations

from dataclasses import dataclass

from classifiers.evaluation import LabelReport, Report

#: So much AUC may be lost on the held-out decisions, as noise.
TOLERATED_LOSS = 0.005
#: So much AUC may be lost on the frozen regression set.
TOLERATED_FORGETTING = 0.02
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
) -> Gate:
    """Return whether a candidate is no worse than the active scorer.

    Parameters
    ----------
    active, candidate : both measured on the same held-out decisions
    active_regression, candidate_regression : both on the frozen regression set
    """
    reasons = [*_missing(active, candidate)]
    reasons += _losses(active, candidate, TOLERATED_LOSS, "the held-out decisions")
    if active_regression is not None and candidate_regression is not None:
        reasons += _losses(
            active_regression,
            candidate_regression,
            TOLERATED_FORGETTING,
            "the frozen regression set",
        )
    if not any(_is_judged(report) for report in candidate.labels.values()):
        reasons.append("No label has held-out decisions enough to judge by.")
    return Gate(allowed=not reasons, reasons=tuple(reasons))


def _missing(active: Report, candidate: Report) -> list[str]:
    return [
        f"The candidate does not score {label}."
        for label in active.labels
        if label not in candidate.labels
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
