"""Accuracy, precision, and recall of automatic decisions, from audits of a share.

The estimand is the share among the decisions that automation made alone in the period,
where a decision is right if a moderator who reviews the comment decides the same.
Audits are drawn at random from these decisions, with a chance that depends on the
decision's stratum alone: its verdict, and the share that was set when it was made. So

    N_h   decisions of stratum h, counted in the log
    q_h   share of the audited ones that were overturned

and, with sums over the strata of rejections (r) and of approvals (a),

    false rejections  F = sum of N_h q_h over r     true rejections  T = N_r - F
    missed comments   M = sum of N_h q_h over a
    precision  T / N_r      recall  T / (T + M)      accuracy  1 - (F + M) / (N_r + N_a)

This is the stratified estimator of W. G. Cochran, "Sampling Techniques", 3rd edition
(1977), section 5.3; for the intervals see `moderation.statistics`. The moderators' own
errors are not in them.

Not every audit drawn is answered. Where a moderator decided about the comment before
the audit came to it, as after a reader's report, this is its answer: leaving these out
would hide the worst mistakes. Of the rest, some weren't answered in time: the
answers represent these, each with the weight (answered + unanswered) / answered: a
weighting class, as in R. J. A. Little and D. B. Rubin, "Statistical Analysis with
Missing Data", 3rd edition (2019), section 3.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from moderation.statistics import (
    ConfidenceInterval,
    SampledStratum,
    part_of_both,
    stratified_share,
    weighted_sum,
)

MIN_AUDITS = 30  # of rejections, and of approvals where they count; else no figure
MIN_COVERED = 0.5  # of the decisions: made while audits ran; else no figure
MAX_WIDTH = 0.5  # of an interval; a wider one says next to nothing

#: Everything that automation rejects, for any reason.
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


class AuditState(StrEnum):
    """The outcome of the audit of a decision."""

    NOT_DRAWN = "not_drawn"
    UNANSWERED = "unanswered"  #: drawn, but not answered, or not yet
    ANSWERED = "answered"
    OVERTAKEN = "overtaken"  #: answered by what a moderator decided before


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """The audit of one decision."""

    state: AuditState
    is_wrong: bool = False  #: the moderator decided otherwise
    #: of the harm, if the comment is harmful: the moderator's, else the decision's own
    labels: frozenset[str] = frozenset()


NOT_DRAWN = AuditResult(state=AuditState.NOT_DRAWN)


@dataclass(kw_only=True)
class AuditedStratum:
    """Automatic decisions of one verdict, made while one share was audited."""

    decided: int = 0
    #: how many audits are in each state
    states: Counter[AuditState] = field(default_factory=Counter)
    wrong: Counter[AuditState] = field(default_factory=Counter)
    #: (state, label) to how many harmful comments were found
    harmful: Counter[tuple[AuditState, str]] = field(default_factory=Counter)

    @property
    def audited(self) -> int:
        """Audits with an answer."""
        return self.states[AuditState.ANSWERED] + self.states[AuditState.OVERTAKEN]

    @property
    def is_covered(self) -> bool:
        """Whether any audit was answered."""
        return self.states[AuditState.ANSWERED] > 0

    def add(self, result: AuditResult) -> None:
        """Count a decision."""
        self.decided += 1
        self.states[result.state] += 1
        self.wrong[result.state] += result.is_wrong
        self.harmful.update((result.state, label) for label in result.labels)

    def sample_of(self, hits: Hits) -> SampledStratum | None:
        """Return how many of the decisions audits found to be of a kind.

        None: no audit was answered.

        Parameters
        ----------
        hits
            How many of the audits answered, and of those overtaken.
        """
        if not self.is_covered:
            return None
        answered = self.states[AuditState.ANSWERED]
        overtaken = self.states[AuditState.OVERTAKEN]
        weight = 1 + self.states[AuditState.UNANSWERED] / answered
        weights = answered * weight + overtaken
        worth = weights**2 / (answered * weight**2 + overtaken)
        share = (hits.answered * weight + hits.overtaken) / weights
        return SampledStratum(hits=share * worth, sample=worth, population=self.decided)


@dataclass(frozen=True, kw_only=True)
class Hits:
    """The number of a stratum's audits that found something."""

    answered: int
    overtaken: int

    @classmethod
    def wrong(cls, stratum: AuditedStratum) -> Hits:
        """Return those that overturned the decision."""
        return cls(
            answered=stratum.wrong[AuditState.ANSWERED],
            overtaken=stratum.wrong[AuditState.OVERTAKEN],
        )

    @classmethod
    def harmful(cls, stratum: AuditedStratum, label: str) -> Hits:
        """Return those that found harm of a label."""
        return cls(
            answered=stratum.harmful[AuditState.ANSWERED, label],
            overtaken=stratum.harmful[AuditState.OVERTAKEN, label],
        )

    def others_of(self, stratum: AuditedStratum) -> Hits:
        """Return all other audits of a stratum."""
        return Hits(
            answered=stratum.states[AuditState.ANSWERED] - self.answered,
            overtaken=stratum.states[AuditState.OVERTAKEN] - self.overtaken,
        )


@dataclass(kw_only=True)
class AuditCounts:
    """Counts of automatic decisions and their audits."""

    #: (share, system) to rejections; the system `ALL` has each of them once more
    rejections: dict[tuple[float, str], AuditedStratum] = field(default_factory=dict)
    #: share to approvals
    approvals: dict[float, AuditedStratum] = field(default_factory=dict)

    def add_rejection(self, share: float, system: str, result: AuditResult) -> None:
        """Count a rejection."""
        for name in (ALL, system):
            self.rejections.setdefault((share, name), AuditedStratum()).add(result)

    def add_approval(self, share: float, result: AuditResult) -> None:
        """Count an approval."""
        self.approvals.setdefault(share, AuditedStratum()).add(result)

    def systems(self) -> list[str]:
        """Return the systems that rejected anything, the busiest first."""
        sizes = Counter[str]()
        for (_, system), stratum in self.rejections.items():
            if system != ALL:
                sizes[system] += stratum.decided
        return sorted(sizes, key=lambda name: (-sizes[name], name))


def measure(counts: AuditCounts, labels: Sequence[str]) -> list[SystemFigures]:
    """Return the figures of all automation, then of each system.

    Parameters
    ----------
    labels
        The systems for which harm is known: only these have a recall and an
        accuracy of their own.
    """
    systems = [ALL, *counts.systems()]
    return [_figures(counts, system, system in labels) for system in systems]


def _figures(counts: AuditCounts, system: str, is_label: bool) -> SystemFigures:
    rejections = _rejections(counts, system)
    approvals = list(counts.approvals.values())
    if system == ALL:
        missed = [(each, Hits.wrong(each)) for each in approvals]
        found = [(each, Hits.wrong(each).others_of(each)) for each in rejections]
    else:
        # Harm of a label, of any label that it was rejected for.
        missed = [(each, Hits.harmful(each, system)) for each in approvals]
        found = [
            (each, Hits.harmful(each, system)) for each in _rejections(counts, ALL)
        ]
    nothing = Figure(interval=None, gap=Gap.NO_HARM, rejections=0, approvals=0)
    has_both = system == ALL or is_label
    return SystemFigures(
        system=system,
        decided=_decided(rejections) + _decided(approvals),
        covered=_covered(rejections) + _covered(approvals),
        accuracy=_accuracy(rejections, missed) if has_both else nothing,
        precision=_precision(rejections),
        recall=_recall(found, missed) if has_both else nothing,
    )


def _rejections(counts: AuditCounts, system: str) -> list[AuditedStratum]:
    return [
        stratum for (_, name), stratum in counts.rejections.items() if name == system
    ]


_AllHits = Sequence[tuple[AuditedStratum, Hits]]


def _precision(rejections: Sequence[AuditedStratum]) -> Figure:
    share = _share([(each, Hits.wrong(each).others_of(each)) for each in rejections])
    return _figure(share, rejections, None)


def _accuracy(rejections: Sequence[AuditedStratum], missed: _AllHits) -> Figure:
    approvals = [stratum for stratum, _ in missed]
    parts = [
        (
            _covered(rejections),
            _share([(each, Hits.wrong(each).others_of(each)) for each in rejections]),
        ),
        (
            _covered(approvals),
            _share([(each, hits.others_of(each)) for each, hits in missed]),
        ),
    ]
    every = sum(number for number, _ in parts)
    interval = weighted_sum(
        [(number / every, share) for number, share in parts if share is not None]
    )
    return _figure(interval if every else None, rejections, approvals)


def _recall(found: _AllHits, missed: _AllHits) -> Figure:
    totals = [
        weighted_sum([(_covered(stratum for stratum, _ in hits), share)])
        for hits in (found, missed)
        if (share := _share(hits)) is not None
    ]
    return _figure(
        part_of_both(*totals) if len(totals) == 2 else None,
        [stratum for stratum, _ in found],
        [stratum for stratum, _ in missed],
    )


def _share(all_hits: _AllHits) -> ConfidenceInterval | None:
    """Return the share of a kind among the decisions of strata of one verdict."""
    samples = [stratum.sample_of(hits) for stratum, hits in all_hits]
    return stratified_share([each for each in samples if each is not None])


def _figure(
    interval: ConfidenceInterval | None,
    rejections: Sequence[AuditedStratum],
    approvals: Sequence[AuditedStratum] | None,
) -> Figure:
    """Return a figure, with why it is left blank if it is."""
    parts = [rejections] if approvals is None else [rejections, approvals]
    return Figure(
        interval=interval,
        gap=_gap(interval, parts),
        rejections=_audited(rejections),
        approvals=_audited(approvals or ()),
    )


def _gap(
    interval: ConfidenceInterval | None, parts: Sequence[Sequence[AuditedStratum]]
) -> Gap | None:
    for part in parts:
        if not _decided(part):
            return Gap.NO_DECISIONS
        if _audited(part) < MIN_AUDITS:
            return Gap.FEW_AUDITS
        if _covered(part) < MIN_COVERED * _decided(part):
            return Gap.FEW_COVERED
    if interval is None:
        return Gap.NO_HARM
    return Gap.WIDE if interval.high - interval.low > MAX_WIDTH else None


def _decided(strata: Iterable[AuditedStratum]) -> int:
    return sum(stratum.decided for stratum in strata)


def _audited(strata: Iterable[AuditedStratum]) -> int:
    return sum(stratum.audited for stratum in strata)


def _covered(strata: Iterable[AuditedStratum]) -> int:
    return sum(stratum.decided for stratum in strata if stratum.is_covered)
