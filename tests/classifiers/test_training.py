"""A scorer learns what it is shown, and adapts only as far as evidence carries."""

from __future__ import annotations

import random

import numpy as np
import pytest

from classifiers import (
    artifact,
    corpus,
    datasets,
    evaluation,
    promotion,
    soft,
    training,
)
from classifiers.datasets import Example
from classifiers.errors import BadExample
from classifiers.scorer import Document, Scorer
from tests.classifiers.conftest import made_examples

PRAISED = ("gorbel", "plonk", "wuzzle", "flimp")
BLAMED = ("snark", "dweep", "glorf", "brizzle")


def site_examples(count: int, seed: int = 0) -> list[Example]:
    """Return a site's decisions about words that the base never saw."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        is_bad = number % 2 == 0
        word = chance.choice(BLAMED if is_bad else PRAISED)
        words = ["the", "old", "mayor", "said", "that", "this", "is", "one", "more"]
        chance.shuffle(words)
        found.append(
            Example(
                text=" ".join([*words[:5], word, *words[5:]]),
                labels={"toxicity": is_bad},
                group=str(number),
            )
        )
    return found


def test_same_examples_give_the_same_weights(small: Scorer) -> None:
    again = training.fit(made_examples(), recipe="plain", seed=0)
    assert artifact.dumps(again) == artifact.dumps(small)


def test_fitted_scorer_tells_rude_from_kind(small: Scorer) -> None:
    rude = small.score(Document(text="the baker is an idiot"))
    kind = small.score(Document(text="the baker is a friend"))
    assert rude["toxicity"] > kind["toxicity"]


def test_label_that_nobody_told_is_not_scored(small: Scorer) -> None:
    assert small.labels == ("toxicity", "insult")


def test_training_and_serving_see_the_same(small: Scorer) -> None:
    texts = ["you are an idiot!!", "What a LIAR, f*ol and cl0wn", "sooooo http://a.b"]
    made = corpus.encode(texts, small.weights)
    rows = small.weights.rows.astype(np.float64)
    pairs = small.weights.pairs.astype(np.float64) / corpus.ADAPTED_PAIR_RARITY
    sums = made.words @ (made.ngrams @ rows) + made.pairs @ pairs
    odds = small.weights.log_odds(sums)
    for said, row in zip(texts, odds, strict=True):
        told = small.score(Document(text=said))
        assert told["toxicity"] == pytest.approx(1 / (1 + np.exp(-row[0])), abs=1e-4)


@pytest.mark.parametrize("examples", [[], made_examples()[:4]])
def test_too_little_is_refused(examples: list[Example]) -> None:
    with pytest.raises(BadExample):
        training.fit(examples, recipe="plain", seed=0)


def test_unknown_recipe_is_refused() -> None:
    with pytest.raises(BadExample, match="magic"):
        training.fit(made_examples(), recipe="magic", seed=0)


def test_teacher_moves_the_scorer(tmp_path: object) -> None:
    examples = made_examples()
    keys = [soft.key(e.text) for e in examples]
    taught = soft.SoftLabels(
        rows={key: row for row, key in enumerate(keys)},
        labels={"toxicity": 0},
        probabilities=np.full((len(keys), 1), 0.5, np.float32),
    )
    plain = training.fit(examples, recipe="plain", seed=0)
    calm = training.fit(examples, recipe="plain", seed=0, soft=taught)
    spread = [
        np.abs(scorer.weights.rows[:, 0].astype(np.float64)).sum()
        for scorer in (plain, calm)
    ]
    assert spread[1] < spread[0]


def test_fitting_may_start_from_a_scorer(small: Scorer) -> None:
    few = [e for e in made_examples() if "author" not in e.text]
    texts = [e.text for e in few]
    again = training.fit(
        few, recipe="plain", seed=0, base=small, soft=soft.told_by(small, texts)
    )
    assert again.manifest["base"] == small.version
    rude = Document(text="what a moron this author is")
    assert again.score(rude)["insult"] == pytest.approx(
        small.score(rude)["insult"], abs=0.2
    )


def test_adapting_to_thirty_does_no_harm(shipped: Scorer) -> None:
    candidate = training.adapt(shipped, site_examples(30), seed=0, name="site")
    before = evaluation.evaluate_regression(shipped).labels["toxicity"].auc
    after = evaluation.evaluate_regression(candidate).labels["toxicity"].auc
    assert before is not None
    assert after is not None
    assert after.value > before.value - 0.01


def test_adapting_to_three_hundred_helps(shipped: Scorer) -> None:
    candidate = training.adapt(shipped, site_examples(300), seed=0, name="site")
    unseen = site_examples(200, seed=1)
    gained = evaluation.compare(shipped, candidate, unseen).auc["toxicity"]
    assert gained.candidate > 0.95
    assert gained.gain.low > 0
    gate = promotion.gate(
        evaluation.evaluate(shipped, unseen),
        evaluation.evaluate(candidate, unseen),
        active_regression=evaluation.evaluate_regression(shipped),
        candidate_regression=evaluation.evaluate_regression(candidate),
    )
    assert gate.allowed, gate.reasons


def test_adapting_is_repeatable_and_named(small: Scorer) -> None:
    examples = site_examples(40)
    one = training.adapt(small, examples, seed=3, name="daily-post")
    two = training.adapt(small, examples, seed=3, name="daily-post")
    assert artifact.dumps(one) == artifact.dumps(two)
    assert one.version.startswith("daily-post-")
    assert one.manifest["base"] == small.version
    assert one.manifest["moved"] == ["toxicity"]


def test_label_with_one_side_does_not_move(small: Scorer) -> None:
    examples = [e for e in site_examples(40) if e.labels["toxicity"]]
    same = training.adapt(small, examples, seed=0, name="site")
    assert (same.weights.rows == small.weights.rows).all()
    assert (same.weights.intercept == small.weights.intercept).all()


def test_adapting_to_nothing_is_refused(small: Scorer) -> None:
    with pytest.raises(BadExample):
        training.adapt(small, [], seed=0, name="site")


def test_frozen_set_is_held_out_and_measured(small: Scorer) -> None:
    report = evaluation.evaluate_regression(small)
    held = sum(datasets.held_out(made_examples()))
    assert 0 < report.n <= held
    assert set(report.labels) == set(small.labels)
