"""Accuracy, precision, and recall of automatic decisions, from audits of a share.

The estimand is the share among the decisions that automation made alone in the period,
where a decision is right if a moderator who reviews the comment decides the same.
Audits are drawn at random from these decisions, with a chance that depends on the
decision's stratum alone: its verdict, and the share that was set when it was made. So

    N_h   decisions of stratum h, counted in the log
    n_h   of them, audited with an answer
    y_h   of those, overturned
    q_h = y_h / n_h

and, with sums over the strata of rejections (r) and of approvals (a),

    false rejections  F = sum of N_h q_h over r     true rejections  T = N_r - F
    missed comments   M = sum of N_h q_h over a
    precision  T / N_r      recall  T / (T + M)      accuracy  1 - (F + M) / (N_r + N_a)

Each audited decision so counts for N_h / n_h decisions, the inverse of the share that
was in fact answered. This is the stratified estimator of W. G. Cochran, "Sampling
Techniques", 3rd edition (1977), section 5.3; for the intervals see
`moderation.statistics`. What a person decides is random in neither: the moderators'
own errors are not in the interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from moderation.statistics import (
    ConfidenceInterval,
    part_of_both,
    sampled_share,
    weighted_sum,
)

MIN_AUDITS = 30  # of rejections, and of approvals where they count; else no figure
MIN_COVERED = 0.5  # of the decisions: made while audits ran; else no figure
MAX_WIDTH = 0.5  # of an interval; a wider one says next to nothing

#: Everything that automation rejects, whatever it is for.
ALL = ""


class Gap(StrEnum):
    """Why there is no figure."""

    NO_DECISIONS = "no_decisions"  #: automation decided nothing that it is about
    FEW_AUDITS = "few_audits"  #: fewer than `MIN_AUDITS`
    FEW_COVERED = "few_covered"  #: audits ran for less than `MIN_COVERED`
    NO_HARM = "no_harm"  #: audits found nothing to be rejected
    WIDE = "wide"  #: the interval is wider than `MAX_WIDTH`


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure for one system, or why there is none."""

    interval: ConfidenceInterval | None  #: 0 to 1
    gap: Gap | None
    rejections: int  #: audited, that it rests on
    approvals: int  #: audited, that it rests on; 0 for precision

    @property
    def value(self) -> float | None:
        """The figure, 0 to 1; None: it is left blank."""
        return self.interval.value if self.interval and self.gap is None else None


@dataclass(frozen=True, kw_only=True)
class SystemFigures:
    """The figures of all automation, or of one system."""

    system: str  #: a label, `rule`, `campaign`, …; `ALL`: all together
    decided: int  #: automatic decisions that the figures are about
    covered: int  #: of them, in strata with audits
    accuracy: Figure
    precision: Figure
    recall: Figure


@dataclass(kw_only=True)
class AuditedStratum:
    """Automatic decisions of one verdict, made while one share was audited."""

    decided: int = 0
    audited: int = 0
    wrong: int = 0  #: audited and overturned
    #: harmful ones among the audited, by the label that the moderator gave
    harmful: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True)
class AuditCounts:
    """What is counted of automatic decisions and their audits."""

    #: (share, system) to rejections; the system `ALL` has each of them once more
    rejections: dict[tuple[float, str], AuditedStratum] = field(default_factory=dict)
    #: share to approvals
    approvals: dict[float, AuditedStratum] = field(default_factory=dict)

    def add_rejection(
        self,
        share: float,
        system: str,
        is_upheld: bool | None,
        labels: Iterable[str] = (),
    ) -> None:
        """Count a rejection.

        Parameters
        ----------
        is_upheld
            None: not audited, or without an answer.
        labels
            That the moderator gave; else the decision's own.
        """
        for name in (ALL, system):
            stratum = self.rejections.setdefault((share, name), AuditedStratum())
            _count(stratum, None if is_upheld is None else not is_upheld)
            if is_upheld:
                stratum.harmful.update(set(labels))

    def add_approval(
        self, share: float, is_missed: bool | None, labels: Iterable[str] = ()
    ) -> None:
        """Count an approval; see `add_rejection`."""
        stratum = self.approvals.setdefault(share, AuditedStratum())
        _count(stratum, is_missed)
        if is_missed:
            stratum.harmful.update(set(labels))

    def systems(self) -> list[str]:
        """Return the systems that rejected anything, the busiest first."""
        sizes = Counter[str]()
        for (_, system), stratum in self.rejections.items():
            if system != ALL:
                sizes[system] += stratum.decided
        return sorted(sizes, key=lambda name: (-sizes[name], name))


def _count(stratum: AuditedStratum, is_wrong: bool | None) -> None:
    stratum.decided += 1
    if is_wrong is not None:
        stratum.audited += 1
        stratum.wrong += is_wrong


def measure(counts: AuditCounts, labels: Sequence[str]) -> list[SystemFigures]:
    """Return the figures of all automation, then of each system.

    Parameters
    ----------
    labels
        The systems for which harm can be told apart: only these have a recall and an
        accuracy of their own.
    """
    systems = [ALL, *counts.systems()]
    return [_figures(counts, system, system in labels) for system in systems]


def _figures(counts: AuditCounts, system: str, is_label: bool) -> SystemFigures:
    rejections = [
        stratum for (_, name), stratum in counts.rejections.items() if name == system
    ]
    approvals = list(counts.approvals.values())
    decided = _sum(rejections, "decided") + _sum(approvals, "decided")
    covered = _covered(rejections) + _covered(approvals)
    precision = _precision(rejections)
    if system == ALL:
        missed = [(each, each.wrong) for each in approvals]
        found = [(each, each.audited - each.wrong) for each in rejections]
    else:
        # Harm of a label, whichever label it was rejected for.
        all_rejected = [
            each for (_, name), each in counts.rejections.items() if name == ALL
        ]
        missed = [(each, each.harmful[system]) for each in approvals]
        found = [(each, each.harmful[system]) for each in all_rejected]
    nothing = Figure(interval=None, gap=Gap.NO_HARM, rejections=0, approvals=0)
    has_both = system == ALL or is_label
    return SystemFigures(
        system=system,
        decided=decided,
        covered=covered,
        accuracy=_accuracy(rejections, missed) if has_both else nothing,
        precision=precision,
        recall=_recall(found, missed) if has_both else nothing,
    )


_Hits = Sequence[tuple[AuditedStratum, int]]  # each stratum, and how many of its audits


def _precision(rejections: Sequence[AuditedStratum]) -> Figure:
    hits = [(each, each.audited - each.wrong) for each in rejections]
    total = _estimated_total(hits)
    interval = _divided(total, _covered(rejections))
    return _figure(interval, rejections, None)


def _accuracy(rejections: Sequence[AuditedStratum], missed: _Hits) -> Figure:
    approvals = [stratum for stratum, _ in missed]
    right = [(each, each.audited - each.wrong) for each in rejections]
    right += [(each, each.audited - number) for each, number in missed]
    total = _estimated_total(right)
    interval = _divided(total, _covered(rejections) + _covered(approvals))
    return _figure(interval, rejections, approvals)


def _recall(found: _Hits, missed: _Hits) -> Figure:
    first, second = _estimated_total(found), _estimated_total(missed)
    interval = part_of_both(first, second) if first and second else None
    return _figure(
        interval,
        [stratum for stratum, _ in found],
        [stratum for stratum, _ in missed],
    )


def _estimated_total(hits: _Hits) -> ConfidenceInterval | None:
    """Return how many decisions are of a kind, from how many audits found it."""
    parts = []
    for stratum, number in hits:
        share = sampled_share(number, stratum.audited, stratum.decided)
        if share is not None:
            parts.append((float(stratum.decided), share))
    return weighted_sum(parts) if parts else None


def _divided(total: ConfidenceInterval | None, by: int) -> ConfidenceInterval | None:
    if total is None or not by:
        return None
    return ConfidenceInterval(
        value=total.value / by,
        low=max(0.0, total.low / by),
        high=min(1.0, total.high / by),
    )


def _figure(
    interval: ConfidenceInterval | None,
    rejections: Sequence[AuditedStratum],
    approvals: Sequence[AuditedStratum] | None,
) -> Figure:
    """Return a figure, with why it is left blank if it is."""
    numbers = {
        "rejections": _sum(rejections, "audited"),
        "approvals": _sum(approvals or [], "audited"),
    }
    parts = [rejections] if approvals is None else [rejections, approvals]
    return Figure(interval=interval, gap=_gap(interval, parts), **numbers)


def _gap(
    interval: ConfidenceInterval | None, parts: Sequence[Sequence[AuditedStratum]]
) -> Gap | None:
    for part in parts:
        decided = _sum(part, "decided")
        if not decided:
            return Gap.NO_DECISIONS
        audited = _sum(part, "audited")
        if audited < MIN_AUDITS:
            return Gap.FEW_AUDITS
        if _covered(part) < MIN_COVERED * decided:
            return Gap.FEW_COVERED
    if interval is None:
        return Gap.NO_HARM
    return Gap.WIDE if interval.high - interval.low > MAX_WIDTH else None


def _covered(strata: Iterable[AuditedStratum]) -> int:
    return sum(stratum.decided for stratum in strata if stratum.audited)


def _sum(strata: Iterable[AuditedStratum], name: str) -> int:
    return sum(getattr(stratum, name) for stratum in strata)
