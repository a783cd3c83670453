"""Two models are compared on the same examples."""

from __future__ import annotations

from classifiers.evaluation import model_comparison
from classifiers.serving.scorer import Scorer
from tests.classifiers.conftest import made_examples


def test_scorer_gains_nothing_over_itself(small: Scorer) -> None:
    comparison = model_comparison.compare(small, small, made_examples())
    gain = comparison.auc["toxicity"].gain
    assert (gain.value, gain.low, gain.high) == (0, 0, 0)
