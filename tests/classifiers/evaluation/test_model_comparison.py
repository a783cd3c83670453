"""Two models are compared on the same examples."""

from __future__ import annotations

from classifiers.evaluation import model_comparison
from classifiers.serving.fast_scorer import FastScorer
from tests.classifiers.conftest import made_examples


def test_scorer_gains_nothing_over_itself(small: FastScorer) -> None:
    comparison = model_comparison.compare(small, small, made_examples())
    gain = comparison.auc["toxicity"].gain
    assert (gain.value, gain.low, gain.high) == (0, 0, 0)
