"""Figures that people can trust: with intervals, and a dummy beside them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.data.datasets import Example
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer

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
    #: the calibration error that these probabilities would show if they were perfect
    ece_by_chance: float | None = None


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
    known = {label: targets(examples, label) for label in scorer.labels}
    return evaluate_scored(Scored.of(scorer, examples), known, seed=seed)


@dataclass(frozen=True)
class Scored:
    """What one model says of examples."""

    version: str
    labels: tuple[str, ...]
    #: probabilities, one row an example and one column a label
    scores: Floats

    @classmethod
    def of(cls, scorer: Scorer, examples: Sequence[Example]) -> Scored:
        """Score examples."""
        return cls(scorer.version, scorer.labels, score_examples(scorer, examples))

    def row(self, place: int) -> dict[str, float]:
        """Return the probabilities of one example."""
        return dict(zip(self.labels, self.scores[place].tolist(), strict=True))

    def of_label(self, label: str) -> Floats:
        """Return the probabilities of one label."""
        return self.scores[:, self.labels.index(label)]


Known = Mapping[str, Floats]  #: label → of each example, as `targets` tells


def evaluate_scored(scored: Scored, known: Known, *, seed: int = 0) -> Report:
    """Measure a model by what it says of examples; see `evaluate`."""
    reports = {
        label: label_report(known[label], scored.of_label(label), seed=seed)
        for label in scored.labels
    }
    return Report(version=scored.version, n=len(scored.scores), labels=reports)


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


def recalls(
    target: Floats, score: Floats, shares: Sequence[float]
) -> dict[float, float]:
    """Return which share of positives is found at each share of false alarms.

    Empty where one side is missing. Rows with an unknown target are left out.
    """
    told = ~np.isnan(target)
    target, score = target[told], score[told]
    if len(np.unique(target)) < 2:
        return {}
    return {share: recall_at(target, score, share) for share in shares}


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
    ranked = _Ranked.of(target, score)
    whole = ranked.counted()
    redrawn = [ranked.counted(draw) for draw in _draws(target, seed)]
    return LabelReport(
        n=len(target),
        positives=positives,
        auc=_interval(_auc, whole, redrawn),
        ap=_interval(_average_precision, whole, redrawn),
        recall_at_1pct_fpr=_interval(_recall, whole, redrawn),
        ece=calibration_error(target, score),
        dummy_ap=positives / len(target),
        brier=float(np.mean((score - target) ** 2)),
        ece_by_chance=calibration_error_by_chance(score),
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
        ece_by_chance=calibration_error_by_chance(score) if known else None,
    )


Draw = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _draws(target: Floats, seed: int) -> Iterator[Draw]:
    """Redraw each side with replacement, so that both are in every sample."""
    rng = np.random.default_rng(seed)
    sides = [np.flatnonzero(target == 0), np.flatnonzero(target == 1)]
    for _ in range(REDRAWN):
        harmless, harmful = (rng.choice(side, len(side)) for side in sides)
        yield harmless, harmful


@dataclass(frozen=True)
class _Counted:
    """How many of either side have each distinct score, the lowest first."""

    positives: Floats
    negatives: Floats


@dataclass(frozen=True)
class _Ranked:
    """Scores ranked once, so that no sample needs to be sorted again."""

    target: Floats
    #: the place of each example's score among the distinct ones
    places: npt.NDArray[np.int64]
    kinds: int

    @classmethod
    def of(cls, target: Floats, score: Floats) -> _Ranked:
        values, places = np.unique(score, return_inverse=True)
        return cls(target, places, len(values))

    def counted(self, draw: Draw | None = None) -> _Counted:
        """Count all examples, or those that were drawn, harmless and harmful."""
        chosen = draw or tuple(np.flatnonzero(self.target == side) for side in (0, 1))
        negatives, positives = (
            np.bincount(self.places[each], minlength=self.kinds).astype(np.float64)
            for each in chosen
        )
        return _Counted(positives, negatives)


def _interval(
    figure: Callable[[_Counted], float], whole: _Counted, redrawn: Sequence[_Counted]
) -> Interval:
    low, high = np.quantile([figure(each) for each in redrawn], [0.025, 0.975])
    return Interval(value=figure(whole), low=float(low), high=float(high))


def auc(target: Floats, score: Floats) -> float:
    """Return the chance that a positive scores above a negative; ties count half."""
    return _auc(_Ranked.of(target, score).counted())


def _auc(of: _Counted) -> float:
    below = np.cumsum(of.negatives) - of.negatives / 2
    # Not by `@`: threads of BLAS cost more than they bring, beside other work.
    hits = np.einsum("i,i->", of.positives, below)
    return float(hits / (of.positives.sum() * of.negatives.sum()))


def average_precision(target: Floats, score: Floats) -> float:
    """Return the mean of the precision at each positive; ties are taken together."""
    return _average_precision(_Ranked.of(target, score).counted())


def _average_precision(of: _Counted) -> float:
    gained = of.positives[::-1]
    hits = np.cumsum(gained)
    seen = np.maximum(hits + np.cumsum(of.negatives[::-1]), 1)
    return float((hits / seen) @ gained / hits[-1])


def recall_at(target: Floats, score: Floats, alarms: float = FALSE_ALARMS) -> float:
    """Return the share of positives above all but `alarms` of the negatives."""
    return _recall(_Ranked.of(target, score).counted(), alarms)


def _recall(of: _Counted, alarms: float = FALSE_ALARMS) -> float:
    total = of.negatives.sum()
    rank = np.ceil((total - 1) * (1 - alarms))  # of the cut among the negatives
    cut = int(np.searchsorted(np.cumsum(of.negatives), rank, side="right"))
    return float(of.positives[cut + 1 :].sum() / of.positives.sum())


def calibration_error(target: Floats, score: Floats) -> float:
    """Return the mean gap between probability and truth, in 15 equal bins.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
    """
    bins = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(bins, score - target, BINS))
    return float(gaps.sum() / len(target))


def calibration_error_by_chance(score: Floats) -> float:
    """Return the calibration error that perfect probabilities show by chance.

    The fewer texts, the larger it is: no calibration can be shown to be better. In each
    bin the number of positives varies around the sum of the scores by about a normal
    distribution, whose mean distance is ``sqrt(2 / pi)`` standard deviations.
    """
    bins = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    variances = np.bincount(bins, np.maximum(score * (1 - score), 0), BINS)
    return float(np.sqrt(variances * 2 / np.pi).sum() / len(score))


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
    known = {label: targets(examples, label) for label in active.labels}
    pair = Scored.of(active, examples), Scored.of(candidate, examples)
    return compare_scored(*pair, known, seed=seed)


def compare_scored(
    active: Scored, candidate: Scored, known: Known, *, seed: int = 0
) -> Comparison:
    """Measure two models by what they say of the same examples; see `compare`."""
    areas, errors = {}, {}
    for label in active.labels:
        if label not in candidate.labels:
            continue
        target = known[label]
        told = ~np.isnan(target)
        if len(np.unique(target[told])) < 2:
            continue
        areas[label], errors[label] = differences(
            target[told],
            active.of_label(label)[told],
            candidate.of_label(label)[told],
            seed=seed,
        )
    return Comparison(
        active=active.version, candidate=candidate.version, auc=areas, brier=errors
    )


def differences(
    target: Floats, before: Floats, after: Floats, *, seed: int = 0
) -> tuple[Difference, Difference]:
    """Return what two models' scores gain in AUC, and in the Brier score.

    Parameters
    ----------
    target : 1 where the label holds, 0 where not; both sides must be there
    before, after : the active model's probabilities and the candidate's
    """
    pair = _Ranked.of(target, before), _Ranked.of(target, after)
    areas = [_auc(each.counted()) for each in pair]
    faults = (before - target) ** 2, (after - target) ** 2
    errors = [float(each.mean()) for each in faults]
    gains = faults[1] - faults[0]
    redrawn = np.array(
        [
            [
                *(_auc(each.counted(draw)) for each in pair),
                sum(gains[side].sum() for side in draw) / len(gains),
            ]
            for draw in _draws(target, seed)
        ]
    )
    return (
        _difference(len(target), areas, redrawn[:, 1] - redrawn[:, 0]),
        _difference(len(target), errors, redrawn[:, 2]),
    )


def _difference(n: int, pair: Sequence[float], gains: Floats) -> Difference:
    low, high = np.quantile(gains, [0.025, 0.975])
    before, after = pair
    gain = Interval(value=after - before, low=float(low), high=float(high))
    return Difference(n=n, active=before, candidate=after, gain=gain)


def evaluate_regression(scorer: Scorer, *, seed: int = 0) -> Report:
    """Measure a scorer on the frozen set that travels in its file.

    Without such a set the report has no labels.
    """
    frozen, weights = scorer.frozen, scorer.weights
    if frozen is None:
        return Report(version=scorer.version, n=0, labels={})
    logits = weights.log_odds(frozen.sums(weights.rows, weights.pairs))
    if frozen.beyond is not None:
        logits = logits + frozen.beyond
    scores = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
    target = np.where(frozen.labels < 0, np.nan, frozen.labels)
    reports = {
        label: label_report(target[:, column], scores[:, column], seed=seed)
        for column, label in enumerate(scorer.labels)
    }
    return Report(version=scorer.version, n=len(frozen), labels=reports)
