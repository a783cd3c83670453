"""Reports carry ranges, and None where one side is missing."""

from __future__ import annotations

import json

import numpy as np

from classifiers.data.datasets import Example
from classifiers.evaluation import model_report
from classifiers.serving.fast_scorer import FastScorer


def test_range_holds_its_value() -> None:
    rng = np.random.default_rng(1)
    target = rng.integers(0, 2, 300).astype(float)
    auc = model_report.label_report(target, rng.random(300) + target / 2 / 2).auc
    assert auc is not None
    assert auc.low < auc.value < auc.high


def test_one_sided_label_has_no_auc_but_json(small: FastScorer) -> None:
    examples = [Example(text="you are a fool", labels={"toxicity": True})]
    report = model_report.evaluate(small, examples)
    assert report.labels["toxicity"].auc is None
    assert report.labels["insult"].n == 0
    json.dumps(report.to_dict(), allow_nan=False)


def test_nothing_can_be_measured(small: FastScorer) -> None:
    assert model_report.evaluate(small, []).n == 0
