"""A scorer learns what it is shown."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.data import datasets, teacher_labels
from classifiers.data.datasets import Example
from classifiers.errors import BadExample
from classifiers.evaluation import model_report
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.training import corpus, fit
from tests.classifiers.conftest import made_examples


def test_same_examples_give_the_same_weights(small: FastScorer) -> None:
    again = fit.fit(made_examples(), recipe="plain", seed=0)
    assert artifact.dumps(again) == artifact.dumps(small)


def test_fitted_scorer_tells_rude_from_kind(small: FastScorer) -> None:
    rude = small.score(Document(text="the baker is an idiot"))
    kind = small.score(Document(text="the baker is a friend"))
    assert rude["toxicity"] > kind["toxicity"]


def test_label_that_nobody_told_is_not_scored(small: FastScorer) -> None:
    assert small.labels == ("toxicity", "insult")


def test_training_and_serving_see_the_same(small: FastScorer) -> None:
    texts = [
        "you are an idiot!!",
        "What a LIAR, f*ol and cl0wn",
        "sooooo http://a.b",
        "you are not a great idiot, said nobody",
    ]
    weights = small.weights
    assert weights.denied_share < 1
    encoded = corpus.encode(texts, weights, denied_share=weights.denied_share)
    rows = small.weights.rows.astype(np.float64)
    pairs = small.weights.pairs.astype(np.float64) / corpus.ADAPTED_PAIR_RARITY
    sums = encoded.words @ (encoded.ngrams @ rows) + encoded.pairs @ pairs
    odds = small.weights.log_odds(sums)
    for text, row in zip(texts, odds, strict=True):
        scores = small.score(Document(text=text))
        assert scores["toxicity"] == pytest.approx(1 / (1 + np.exp(-row[0])), abs=1e-4)


@pytest.mark.parametrize("examples", [[], made_examples()[:4]])
def test_too_little_is_refused(examples: list[Example]) -> None:
    with pytest.raises(BadExample):
        fit.fit(examples, recipe="plain", seed=0)


def test_unknown_recipe_is_refused() -> None:
    with pytest.raises(BadExample, match="magic"):
        fit.fit(made_examples(), recipe="magic", seed=0)


def test_teacher_moves_the_scorer(tmp_path: object) -> None:
    examples = made_examples()
    keys = [teacher_labels.key(e.text) for e in examples]
    taught = teacher_labels.SoftLabels(
        rows={key: row for row, key in enumerate(keys)},
        labels={"toxicity": 0},
        probabilities=np.full((len(keys), 1), 0.5, np.float32),
    )
    plain = fit.fit(examples, recipe="plain", seed=0)
    calm = fit.fit(examples, recipe="plain", seed=0, soft=taught)
    spread = [
        np.abs(scorer.weights.rows[:, 0].astype(np.float64)).sum()
        for scorer in (plain, calm)
    ]
    assert spread[1] < spread[0]


def test_fitting_may_start_from_a_scorer(small: FastScorer) -> None:
    few = [e for e in made_examples() if "author" not in e.text]
    texts = [e.text for e in few]
    again = fit.fit(
        few,
        recipe="plain",
        seed=0,
        base=small,
        soft=teacher_labels.by_scorer(small, texts),
    )
    assert again.manifest["base"] == small.version
    rude = Document(text="what a moron this author is")
    assert again.score(rude)["insult"] == pytest.approx(
        small.score(rude)["insult"], abs=0.2
    )


def test_frozen_set_is_held_out_and_measured(small: FastScorer) -> None:
    report = model_report.evaluate_regression(small)
    held = sum(datasets.held_out(made_examples()))
    assert 0 < report.n <= held
    assert set(report.labels) == set(small.labels)
