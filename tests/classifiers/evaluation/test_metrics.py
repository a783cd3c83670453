"""Figures are right on cases that can be worked out by hand, and agree with others."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from classifiers.data.datasets import Example
from classifiers.evaluation import figures, metrics, report, slices
from classifiers.serving.scorer import Scorer
from tests.classifiers.conftest import made_examples


def test_figures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, 500).astype(float)
    score = np.round(rng.random(500) * 0.5 + target * 0.2, 2)  # with ties
    assert metrics.auc(target, score) == pytest.approx(roc_auc_score(target, score))
    assert metrics.average_precision(target, score) == pytest.approx(
        average_precision_score(target, score)
    )


def test_perfect_order_is_one_and_reversed_is_nothing() -> None:
    target = np.array([0.0, 0.0, 1.0, 1.0])
    assert metrics.auc(target, np.array([0.1, 0.2, 0.8, 0.9])) == 1
    assert metrics.auc(target, np.array([0.9, 0.8, 0.2, 0.1])) == 0
    assert metrics.recall_at(target, np.array([0.1, 0.2, 0.8, 0.9])) == 1


def test_calibration_error_of_an_honest_score_is_nothing() -> None:
    target = np.array([0.0] * 8 + [1.0] * 2)
    assert metrics.calibration_error(target, np.full(10, 0.2)) == pytest.approx(0)
    assert metrics.calibration_error(target, np.full(10, 0.9)) == pytest.approx(0.7)


@pytest.mark.parametrize("n", [100, 5000])
def test_perfect_probabilities_err_by_chance(n: int) -> None:
    rng = np.random.default_rng(0)
    score = rng.beta(0.5, 1, n)
    shown = [
        metrics.calibration_error((rng.random(n) < score).astype(float), score)
        for _ in range(300)
    ]
    told = metrics.calibration_error_by_chance(score)
    assert told == pytest.approx(np.mean(shown), rel=0.1)


def test_interval_holds_its_value() -> None:
    rng = np.random.default_rng(1)
    target = rng.integers(0, 2, 300).astype(float)
    found = metrics.label_report(target, rng.random(300) + target / 2 / 2).auc
    assert found is not None
    assert found.low < found.value < found.high


def test_one_sided_label_has_no_auc_but_json(small: Scorer) -> None:
    examples = [Example(text="you are a fool", labels={"toxicity": True})]
    found = metrics.evaluate(small, examples)
    assert found.labels["toxicity"].auc is None
    assert found.labels["insult"].n == 0
    json.dumps(found.to_dict(), allow_nan=False)


def test_nothing_can_be_measured(small: Scorer) -> None:
    assert metrics.evaluate(small, []).n == 0


def test_scorer_gains_nothing_over_itself(small: Scorer) -> None:
    found = metrics.compare(small, small, made_examples()).auc["toxicity"]
    assert (found.gain.value, found.gain.low, found.gain.high) == (0, 0, 0)


def test_report_stands_alone_and_escapes(small: Scorer) -> None:
    rows = figures.table(small, {"<b>": made_examples()})
    told = {"<i>": {"share": 0.5, "range": [0.1, 0.2]}}
    drawn = report.curves("<u>", np.array([0.0, 1.0]), np.array([0.2, 0.9]))
    parts = slices.of_sets(small, {"<u>": made_examples()})
    page = report.page(small.version, rows, told, [drawn], parts)
    assert "&lt;b&gt;" in page
    assert "&lt;u&gt;" in page.partition("Toxicity by length")[2]
    assert not any(tag in page for tag in ("<b>", "<i>", "<u>", "http:", "https:"))


def test_recall_is_told_at_each_share_of_false_alarms() -> None:
    truth = np.array([0.0] * 101 + [1.0] * 4 + [np.nan])
    score = np.array([*np.arange(101) / 101, 0.2, 0.955, 0.985, 0.995, 1.0])
    found = metrics.recalls(truth, score, (0.001, 0.01, 0.05))
    assert found == {0.001: 0.25, 0.01: 0.5, 0.05: 0.75}
    assert metrics.recalls(truth[:100], score[:100], (0.01,)) == {}


def test_mean_auc_is_told_of_sets_with_several_labels(small: Scorer) -> None:
    rows = figures.table(small, {"made": made_examples()})
    told = [row.report.auc.value for row in rows if row.report.auc is not None]
    (found,) = figures.mean_auc(rows).values()
    assert found == pytest.approx(np.mean(told))


def test_news_figures_need_both_sides(small: Scorer) -> None:
    assert figures.news(small, {}) == {}
    assert figures.identity_bias(small, {}) == {}


def test_identity_bias_is_told_by_group(small: Scorer) -> None:
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
    found = figures.identity_bias(small, {figures.TEMPLATES: examples})
    assert set(found["groups"]) == {"young", "old"}


def test_language_is_good_for_what_its_figures_allow() -> None:
    sides = [True] * 20 + [False] * 20
    examples = [
        Example(text=str(i), labels={"toxicity": side}, source=source)
        for source in ("german_germeval2018_train", "jigsaw_wiki", "site")
        for i, side in enumerate(sides)
    ]
    german = [0.5] * 40
    scores = np.array([*german, *map(float, sides), *german])[:, None]
    told = figures.by_language(examples, ["toxicity"], scores)
    assert told == {"de": {"toxicity": 0.5}, "en": {"toxicity": 1.0}}
    assert figures.good_for(told) == {"de": [], "en": ["toxicity"]}


def test_language_decides_only_if_it_is_good_for_every_label() -> None:
    told = {
        "de": {"toxicity": 0.9},
        "fr": {"toxicity": 0.9, "spam": 0.9},
        "pt": {"toxicity": 0.8, "spam": 0.9},
    }
    assert figures.deciding(told, ["spam", "toxicity"]) == ["en", "fr"]
