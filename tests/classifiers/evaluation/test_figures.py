"""The figures of the model card."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.data.datasets import Example
from classifiers.evaluation import figures
from classifiers.serving.fast_scorer import FastScorer
from tests.classifiers.conftest import made_examples


def test_mean_auc_is_reported_for_sets_with_several_labels(small: FastScorer) -> None:
    rows = figures.table(small, {"made": made_examples()})
    areas = [row.report.auc.value for row in rows if row.report.auc is not None]
    (mean,) = figures.mean_auc(rows).values()
    assert mean == pytest.approx(np.mean(areas))


def test_news_figures_need_both_sides(small: FastScorer) -> None:
    assert figures.news(small, {}) == {}
    assert figures.identity_bias(small, {}) == {}


def test_identity_bias_is_reported_by_group(small: FastScorer) -> None:
    examples = [
        Example(
            text=f"you {term} {word}",
            labels={"toxicity": word == "idiot"},
            source=figures.TEMPLATES,
        )
        for term in ("young", "old")
        for word in ("idiot", "friend")
        for _ in range(30)
    ]
    bias = figures.identity_bias(small, {figures.TEMPLATES: examples})
    assert set(bias["groups"]) == {"young", "old"}


def test_language_is_good_for_what_its_figures_allow() -> None:
    sides = [True] * 20 + [False] * 20
    examples = [
        Example(text=str(i), labels={"toxicity": side}, source=source)
        for source in ("german_germeval2018_train", "jigsaw_wiki", "site")
        for i, side in enumerate(sides)
    ]
    german = [0.5] * 40
    scores = np.array([*german, *map(float, sides), *german])[:, None]
    areas = figures.by_language(examples, ["toxicity"], scores)
    assert areas == {"de": {"toxicity": 0.5}, "en": {"toxicity": 1.0}}
    assert figures.good_for(areas) == {"de": [], "en": ["toxicity"]}


def test_language_decides_only_if_it_is_good_for_every_label() -> None:
    areas = {
        "de": {"toxicity": 0.9},
        "fr": {"toxicity": 0.9, "spam": 0.9},
        "pt": {"toxicity": 0.8, "spam": 0.9},
    }
    assert figures.deciding(areas, ["spam", "toxicity"]) == ["en", "fr"]
