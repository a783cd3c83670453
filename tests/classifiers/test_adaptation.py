"""A scorer adapts to a site only as far as evidence carries."""

from __future__ import annotations

import random

import pytest

from classifiers import adaptation, artifact, evaluation, promotion
from classifiers.datasets import Example
from classifiers.errors import BadExample
from classifiers.scorer import Scorer

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


def test_adapting_to_thirty_does_no_harm(shipped: Scorer) -> None:
    candidate = adaptation.adapt(shipped, site_examples(30), seed=0, name="site")
    before = evaluation.evaluate_regression(shipped).labels["toxicity"].auc
    after = evaluation.evaluate_regression(candidate).labels["toxicity"].auc
    assert before is not None
    assert after is not None
    assert after.value > before.value - 0.01


def test_adapting_to_three_hundred_helps(shipped: Scorer) -> None:
    candidate = adaptation.adapt(shipped, site_examples(300), seed=0, name="site")
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
    one = adaptation.adapt(small, examples, seed=3, name="daily-post")
    two = adaptation.adapt(small, examples, seed=3, name="daily-post")
    assert artifact.dumps(one) == artifact.dumps(two)
    assert one.version.startswith("daily-post-")
    assert one.manifest["base"] == small.version
    assert one.manifest["moved"] == ["toxicity"]


def test_label_with_one_side_does_not_move(small: Scorer) -> None:
    examples = [e for e in site_examples(40) if e.labels["toxicity"]]
    same = adaptation.adapt(small, examples, seed=0, name="site")
    assert (same.weights.rows == small.weights.rows).all()
    assert (same.weights.intercept == small.weights.intercept).all()


def test_adapting_to_nothing_is_refused(small: Scorer) -> None:
    with pytest.raises(BadExample):
        adaptation.adapt(small, [], seed=0, name="site")
