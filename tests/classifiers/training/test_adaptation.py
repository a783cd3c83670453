"""A scorer adapts to a site only as far as evidence carries."""

from __future__ import annotations

import random
from functools import partial

import pytest

from classifiers.data.datasets import Example
from classifiers.errors import BadExample
from classifiers.evaluation import gate as promotion
from classifiers.evaluation import model_comparison, model_report, model_scores
from classifiers.serving import artifact
from classifiers.serving.fast_scorer import FastScorer
from classifiers.training import adaptation, blocks
from classifiers.training.memmap import Spill

PRAISED = ("gorbel", "plonk", "wuzzle", "flimp")
BLAMED = ("snark", "dweep", "glorf", "brizzle")


def site_examples(count: int, seed: int = 0) -> list[Example]:
    """Return a site's decisions about words that the base never saw."""
    chance = random.Random(seed)
    examples = []
    for number in range(count):
        is_bad = number % 2 == 0
        word = chance.choice(BLAMED if is_bad else PRAISED)
        words = ["the", "old", "mayor", "said", "that", "this", "is", "one", "more"]
        chance.shuffle(words)
        examples.append(
            Example(
                text=" ".join([*words[:5], word, *words[5:]]),
                labels={"toxicity": is_bad},
                group=str(number),
            )
        )
    return examples


def test_adapting_to_thirty_does_no_harm(shipped: FastScorer) -> None:
    candidate = adaptation.adapt(shipped, site_examples(30), seed=0, name="site")
    before = model_report.evaluate_regression(shipped).labels["toxicity"].auc
    after = model_report.evaluate_regression(candidate).labels["toxicity"].auc
    assert before is not None
    assert after is not None
    assert after.value > before.value - 0.01


def test_adapting_to_three_hundred_helps(shipped: FastScorer) -> None:
    candidate = adaptation.adapt(shipped, site_examples(300), seed=0, name="site")
    unseen = site_examples(200, seed=1)
    gained = model_comparison.compare(shipped, candidate, unseen).auc["toxicity"]
    assert gained.candidate > 0.95
    assert gained.gain.low > 0
    gate = promotion.gate(
        model_report.evaluate(shipped, unseen),
        model_report.evaluate(candidate, unseen),
        active_regression=model_report.evaluate_regression(shipped),
        candidate_regression=model_report.evaluate_regression(candidate),
    )
    assert gate.allowed, gate.reasons


def test_adapting_is_repeatable_and_named(small: FastScorer) -> None:
    examples = site_examples(40)
    one = adaptation.adapt(small, examples, seed=3, name="daily-post")
    two = adaptation.adapt(small, examples, seed=3, name="daily-post")
    assert artifact.dumps(one) == artifact.dumps(two)
    assert one.version.startswith("daily-post-")
    assert one.manifest["base"] == small.version
    assert one.manifest["moved"] == ["toxicity"]


def test_texts_on_disk_teach_what_texts_in_memory_do(
    small: FastScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = site_examples(60)
    whole = adaptation.adapt(small, examples, seed=3, name="site")
    monkeypatch.setattr(adaptation, "BLOCK_TEXTS", 13)
    monkeypatch.setattr(blocks, "Spill", partial(Spill, 0))
    parted = adaptation.adapt(small, iter(examples), seed=3, name="site")
    assert parted.manifest["data"] == whole.manifest["data"]
    unseen = [model_scores.document(example) for example in site_examples(20, seed=1)]
    for one, other in zip(
        whole.score_many(unseen), parted.score_many(unseen), strict=True
    ):
        assert other == pytest.approx(one, abs=1e-3)


def test_label_with_one_side_does_not_move(small: FastScorer) -> None:
    examples = [e for e in site_examples(40) if e.labels["toxicity"]]
    same = adaptation.adapt(small, examples, seed=0, name="site")
    assert (same.weights.rows == small.weights.rows).all()
    assert (same.weights.intercept == small.weights.intercept).all()


def test_adapting_to_nothing_is_refused(small: FastScorer) -> None:
    with pytest.raises(BadExample):
        adaptation.adapt(small, [], seed=0, name="site")
