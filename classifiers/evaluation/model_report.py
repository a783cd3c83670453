"""Measure a model on examples, with ranges, and a baseline for comparison."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from classifiers.data.datasets import Example
from classifiers.evaluation.bootstrap import Estimate, draws, estimate
from classifiers.evaluation.metrics import (
    FALSE_ALARMS,
    calibration_error,
    calibration_error_by_chance,
)
from classifiers.evaluation.model_scores import ModelScores, Targets, targets
from classifiers.evaluation.ranking import Floats, RankedScores, ScoreCounts
from classifiers.serving.scorer import Scorer


@dataclass(frozen=True, kw_only=True)
class LabelReport:
    """Figures of one label. They are None where one side is missing."""

    #: examples that carry the label
    n: int
    #: those where it holds
    positives: int
    #: area under the ROC curve, 0 to 1; 0.5 is chance
    auc: Estimate | None
    #: average precision, 0 to 1
    ap: Estimate | None
    #: share of positives found when 1% of the others are held
    recall_at_1pct_fpr: Estimate | None
    #: expected calibration error in 15 bins, 0 to 1
    ece: float | None
    #: average precision of the baseline, which gives every text the same score
    dummy_ap: float | None
    #: mean squared error of the probabilities, 0 to 1
    brier: float | None
    #: the calibration error that these probabilities would show if they were perfect
    ece_by_chance: float | None = None


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    """Figures of a model on one set of examples."""

    version: str
    n: int
    labels: dict[str, LabelReport]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values that JSON can carry."""
        return dataclasses.asdict(self)


def evaluate(
    scorer: Scorer, examples: Sequence[Example], *, seed: int = 0
) -> ModelReport:
    """Measure a scorer on examples that it was not fitted to."""
    truth = {label: targets(examples, label) for label in scorer.labels}
    return evaluate_scores(ModelScores.of(scorer, examples), truth, seed=seed)


def evaluate_scores(
    scores: ModelScores, truth: Targets, *, seed: int = 0
) -> ModelReport:
    """Measure a model by its scores of examples; see `evaluate`."""
    reports = {
        label: label_report(truth[label], scores.of_label(label), seed=seed)
        for label in scores.labels
    }
    return ModelReport(version=scores.version, n=len(scores.scores), labels=reports)


def evaluate_regression(scorer: Scorer, *, seed: int = 0) -> ModelReport:
    """Measure a scorer on the frozen set that is stored in its file.

    Without such a set the report has no labels.
    """
    frozen, weights = scorer.fast.frozen, scorer.fast.weights
    if frozen is None:
        return ModelReport(version=scorer.version, n=0, labels={})
    logits = weights.log_odds(frozen.sums(weights.rows, weights.pairs))
    if frozen.beyond is not None:
        logits = logits + frozen.beyond
    scores = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
    target = np.where(frozen.labels < 0, np.nan, frozen.labels)
    reports = {
        label: label_report(target[:, column], scores[:, column], seed=seed)
        for column, label in enumerate(scorer.fast.labels)
    }
    return ModelReport(version=scorer.version, n=len(frozen), labels=reports)


def label_report(target: Floats, score: Floats, *, seed: int = 0) -> LabelReport:
    """Measure one label; rows with an unknown target are left out."""
    is_known = ~np.isnan(target)
    target, score = target[is_known], score[is_known]
    positives = int(target.sum())
    if positives in (0, len(target)):
        return _one_sided(target, score)
    ranked = RankedScores.of(target, score)
    whole = ranked.counted()
    redrawn = [ranked.counted(draw) for draw in draws(target, seed)]
    recall = partial(ScoreCounts.recall, false_alarms=FALSE_ALARMS)
    return LabelReport(
        n=len(target),
        positives=positives,
        auc=estimate(ScoreCounts.auc, whole, redrawn),
        ap=estimate(ScoreCounts.average_precision, whole, redrawn),
        recall_at_1pct_fpr=estimate(recall, whole, redrawn),
        ece=calibration_error(target, score),
        dummy_ap=positives / len(target),
        brier=float(np.mean((score - target) ** 2)),
        ece_by_chance=calibration_error_by_chance(score),
    )


def _one_sided(target: Floats, score: Floats) -> LabelReport:
    has_texts = len(target) > 0
    return LabelReport(
        n=len(target),
        positives=int(target.sum()),
        auc=None,
        ap=None,
        recall_at_1pct_fpr=None,
        ece=calibration_error(target, score) if has_texts else None,
        dummy_ap=None,
        brier=float(np.mean((score - target) ** 2)) if has_texts else None,
        ece_by_chance=calibration_error_by_chance(score) if has_texts else None,
    )
