"""Figures that people can trust: with intervals, and a dummy beside them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.datasets import Example
from classifiers.scorer import Document, Scorer

Floats = npt.NDArray[np.float64]

#: Redrawn samples behind each interval.
REDRAWN = 200
#: Bins of the calibration error.
BINS = 15
#: The share of harmless texts that recall is told at.
FALSE_ALARMS = 0.01


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure with the range that 95 % of redrawn samples fall into."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class LabelReport:
    """How well one label is scored. Figures are None where one side is missing."""

    #: examples that carry the label
    n: int
    #: those where it holds
    positives: int
    #: area under the ROC curve, 0 to 1; 0.5 is chance
    auc: Interval | None
    #: average precision, 0 to 1
    ap: Interval | None
    #: share of positives found when 1 % of the others are held back
    recall_at_1pct_fpr: Interval | None
    #: expected calibration error in 15 bins, 0 to 1
    ece: float | None
    #: average precision of a scorer that gives every text the same
    dummy_ap: float | None
    #: mean squared error of the probabilities, 0 to 1
    brier: float | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """How well a scorer does on one set of examples."""

    version: str
    n: int
    labels: dict[str, LabelReport]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values that JSON can carry."""
        return dataclasses.asdict(self)


def evaluate(scorer: Scorer, examples: Sequence[Example], *, seed: int = 0) -> Report:
    """Measure a scorer on examples that it was not fitted to."""
    scores = score_examples(scorer, examples)
    reports = {
        label: label_report(targets(examples, label), scores[:, column], seed=seed)
        for column, label in enumerate(scorer.labels)
    }
    return Report(version=scorer.version, n=len(examples), labels=reports)


def document(example: Example) -> Document:
    """Return what the scorer may see of an example."""
    return Document(
        text=example.text,
        author_name=example.author_name,
        author_url=example.author_url,
        article_title=example.article_title,
    )


def score_examples(scorer: Scorer, examples: Sequence[Example]) -> Floats:
    """Return probabilities, one row an example and one column a label."""
    found = scorer.score_many([document(example) for example in examples])
    rows = [[scores[label] for label in scorer.labels] for scores in found]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(scorer.labels))


def targets(examples: Sequence[Example], label: str) -> Floats:
    """Return 1 where the label holds, 0 where not, NaN where it is unknown."""
    return np.array([float(e.labels.get(label, np.nan)) for e in examples])


def label_report(target: Floats, score: Floats, *, seed: int = 0) -> LabelReport:
    """Measure one label; rows with an unknown target are left out."""
    told = ~np.isnan(target)
    target, score = target[told], score[told]
    positives = int(target.sum())
    if positives in (0, len(target)):
        return _one_sided(target, score)
    draws = _draws(target, seed)
    return LabelReport(
        n=len(target),
        positives=positives,
        auc=_interval(auc, target, score, draws),
        ap=_interval(average_precision, target, score, draws),
        recall_at_1pct_fpr=_interval(recall_at, target, score, draws),
        ece=calibration_error(target, score),
        dummy_ap=positives / len(target),
        brier=float(np.mean((score - target) ** 2)),
    )


def _one_sided(target: Floats, score: Floats) -> LabelReport:
    known = len(target) > 0
    return LabelReport(
        n=len(target),
        positives=int(target.sum()),
        auc=None,
        ap=None,
        recall_at_1pct_fpr=None,
        ece=calibration_error(target, score) if known else None,
        dummy_ap=None,
        brier=float(np.mean((score - target) ** 2)) if known else None,
    )


def _draws(target: Floats, seed: int) -> list[npt.NDArray[np.int64]]:
    """Redraw each side with replacement, so that both are in every sample."""
    rng = np.random.default_rng(seed)
    sides = [np.flatnonzero(target == 0), np.flatnonzero(target == 1)]
    return [
        np.concatenate([rng.choice(side, len(side)) for side in sides])
        for _ in range(REDRAWN)
    ]


def _interval(
    figure: Any, target: Floats, score: Floats, draws: list[npt.NDArray[np.int64]]
) -> Interval:
    redrawn = [figure(target[draw], score[draw]) for draw in draws]
    low, high = np.quantile(redrawn, [0.025, 0.975])
    return Interval(value=figure(target, score), low=float(low), high=float(high))


def auc(target: Floats, score: Floats) -> float:
    """Return the chance that a positive scores above a negative; ties count half."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    positives = target == 1
    many = float(positives.sum())
    above = ranks[inverse][positives].sum() - many * (many + 1) / 2
    return float(above / (many * (len(target) - many)))


def average_precision(target: Floats, score: Floats) -> float:
    """Return the mean of the precision at each positive; ties are taken together."""
    values, inverse = np.unique(-score, return_inverse=True)
    hits = np.cumsum(np.bincount(inverse, target, len(values)))
    seen = np.cumsum(np.bincount(inverse, minlength=len(values)))
    gained = np.diff(hits, prepend=0)
    return float((hits / seen) @ gained / hits[-1])


def recall_at(target: Floats, score: Floats, alarms: float = FALSE_ALARMS) -> float:
    """Return the share of positives above all but `alarms` of the negatives."""
    cut = np.quantile(score[target == 0], 1 - alarms, method="higher")
    return float(np.mean(score[target == 1] > cut))


def calibration_error(target: Floats, score: Floats) -> float:
    """Return the mean gap between probability and truth, in 15 equal bins.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
    """
    bins = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(bins, score - target, BINS))
    return float(gaps.sum() / len(target))


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a candidate gains over the active scorer on the same examples."""

    #: examples that carry the label
    n: int
    active: float
    candidate: float
    #: candidate minus active, on paired samples
    gain: Interval


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two scorers side by side; labels without both sides are left out."""

    active: str
    candidate: str
    auc: dict[str, Difference]
    brier: dict[str, Difference]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values that JSON can carry."""
        return dataclasses.asdict(self)


def compare(
    active: Scorer, candidate: Scorer, examples: Sequence[Example], *, seed: int = 0
) -> Comparison:
    """Measure two scorers on the same examples and the same redrawn samples."""
    before = score_examples(active, examples)
    after = score_examples(candidate, examples)
    areas, errors = {}, {}
    for label in active.labels:
        if label not in candidate.labels:
            continue
        target = targets(examples, label)
        told = ~np.isnan(target)
        if len(np.unique(target[told])) < 2:
            continue
        pair = (
            target[told],
            before[told, active.labels.index(label)],
            after[told, candidate.labels.index(label)],
        )
        draws = _draws(pair[0], seed)
        areas[label] = _difference(auc, *pair, draws)
        errors[label] = _difference(_brier, *pair, draws)
    return Comparison(
        active=active.version, candidate=candidate.version, auc=areas, brier=errors
    )


def _brier(target: Floats, score: Floats) -> float:
    return float(np.mean((score - target) ** 2))


def _difference(
    figure: Any,
    target: Floats,
    before: Floats,
    after: Floats,
    draws: list[npt.NDArray[np.int64]],
) -> Difference:
    gains = [
        figure(target[draw], after[draw]) - figure(target[draw], before[draw])
        for draw in draws
    ]
    low, high = np.quantile(gains, [0.025, 0.975])
    old, new = figure(target, before), figure(target, after)
    gain = Interval(value=new - old, low=float(low), high=float(high))
    return Difference(n=len(target), active=old, candidate=new, gain=gain)


def evaluate_regression(scorer: Scorer, *, seed: int = 0) -> Report:
    """Measure a scorer on the frozen set that travels in its file.

    Without such a set the report has no labels.
    """
    frozen, weights = scorer.frozen, scorer.weights
    if frozen is None:
        return Report(version=scorer.version, n=0, labels={})
    logits = weights.log_odds(frozen.sums(weights.rows, weights.pairs))
    scores = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
    target = np.where(frozen.labels < 0, np.nan, frozen.labels)
    reports = {
        label: label_report(target[:, column], scores[:, column], seed=seed)
        for column, label in enumerate(scorer.labels)
    }
    return Report(version=scorer.version, n=len(frozen), labels=reports)
