"""A candidate is measured for some, too, and refused where it is worse for them."""

from __future__ import annotations

import numpy as np

from classifiers.data.datasets import Example
from classifiers.evaluation import slices
from classifiers.evaluation.gate import FALSE_REFUSALS, gate
from classifiers.evaluation.model_scores import ModelScores, targets
from classifiers.evaluation.slices import ANY, MIN_EXAMPLES
from classifiers.serving.fast_scorer import FastScorer
from tests.classifiers.evaluation.test_gate import measured


def examples(count: int = 400) -> list[Example]:
    return [
        Example(
            text="a gay poet" if number % 2 else "a short note on bridges",
            labels={"insult": number % 4 < 2},
        )
        for number in range(count)
    ]


def scores(samples: list[Example], wrong_for: str | None) -> np.ndarray:
    chance = np.random.default_rng(0)
    truth = np.array([float(sample.labels["insult"]) for sample in samples])
    for place, sample in enumerate(samples):
        if wrong_for is not None and wrong_for in sample.text:
            truth[place] = 1 - truth[place]
    return (0.25 + truth / 2 + chance.random(len(samples)) / 4)[:, None]


def measure_both(
    samples: list[Example],
    before: np.ndarray,
    after: np.ndarray,
    kinds: dict[str, list[str | None]] | None = None,
) -> list[slices.Slice]:
    labels = ("insult", "spam")[: before.shape[1]]
    return slices.measure(
        ModelScores("a-1", labels, before),
        ModelScores("b-1", labels, after),
        {label: targets(samples, label) for label in labels},
        np.array([any(sample.labels.values()) for sample in samples]),
        slices.SliceFacts.of(sample.text for sample in samples),
        kinds or {},
    )


def measure(wrong_for: str | None) -> list[slices.Slice]:
    samples = examples()
    kinds: dict[str, list[str | None]] = {
        "section": ["sport" if n < 300 else None for n in range(400)]
    }
    pair = scores(samples, None), scores(samples, wrong_for)
    return measure_both(samples, *pair, kinds)


def test_slices_with_examples_enough_are_measured() -> None:
    names = {(part.kind, part.name, part.label) for part in measure(None)}
    assert names == {
        ("length", "to 10 words", "insult"),
        ("identity", "gay", "insult"),
        ("section", "sport", "insult"),
    }


def test_a_loss_for_some_is_refused_in_plain_words() -> None:
    parts = measure("gay")
    answer = gate(measured(0.8), measured(0.9), slices=parts)
    assert not answer.allowed
    (reason,) = [line for line in answer.reasons if "gay" in line]
    assert reason.startswith("For identity “gay”, the AUC of insult falls from 1.000")


def test_no_loss_is_no_reason() -> None:
    assert gate(measured(0.8), measured(0.9), slices=measure(None)).allowed


def test_chance_refuses_few_candidates_that_lose_nowhere() -> None:
    refused = 0
    for seed in range(40):
        chance = np.random.default_rng(seed)
        samples = examples(240)
        base = np.array([float(sample.labels["insult"]) for sample in samples])
        one, two = (base + chance.normal(0, 1, (len(base))) for _ in range(2))
        squashed = [1 / (1 + np.exp(-noisy))[:, None] for noisy in (one, two)]
        parts = measure_both(samples, squashed[0], squashed[1])
        refused += not gate(measured(0.8), measured(0.9), slices=parts).allowed
    assert refused <= 40 * FALSE_REFUSALS * 3


def test_thin_slices_are_left_out() -> None:
    samples = examples(2 * MIN_EXAMPLES - 4)
    kinds: dict[str, list[str | None]] = {"section": ["sport"] * len(samples)}
    same = scores(samples, None)
    assert measure_both(samples, same, same, kinds) == []


def test_any_harm_is_measured_beside_the_labels() -> None:
    samples = examples()
    both = np.repeat(scores(samples, None), 2, axis=1)
    parts = measure_both(samples, both, both)
    assert {part.label for part in parts} == {ANY, "insult"}


def spoken(count: int = 240) -> list[Example]:
    """Every second one long, every third with a link; half of each is harmful."""
    samples = []
    for number in range(count):
        words = "idiot " if number % 4 < 2 else "friend "
        body = words * (20 if number % 2 else 2)
        link = "see www.example.com" if number % 3 == 0 else ""
        labels = {"toxicity": number % 4 < 2}
        samples.append(Example(text=f"you {body}{link}", labels=labels))
    return samples


def test_one_model_is_measured_on_parts_of_each_set(small: FastScorer) -> None:
    unknown = Example(text="you idiot", labels={"spam": False})
    parts = slices.of_sets(small, {"a": [*spoken(), unknown], "b": [unknown]})
    sizes = {part.name: part.report.n for part in parts}
    assert {part.source for part in parts} == {"a"}
    assert sizes["to 10 words"] + sizes["11 to 40 words"] == len(spoken())
    assert sizes["with a link"] + sizes["without a link"] == len(spoken())
    assert "names a group" not in sizes


def test_a_scorer_without_toxicity_has_no_parts(small: FastScorer) -> None:
    other = FastScorer(
        version="spam-only",
        labels=["spam" for _ in small.labels],
        weights=small.weights,
        manifest=small.manifest,
        languages=small.languages,
    )
    assert slices.of_sets(other, {"a": spoken()}) == []


def test_groups_are_measured_in_all_sets_together(small: FastScorer) -> None:
    samples = [
        Example(text=f"you gay {word}", labels={"toxicity": word == "idiot"})
        for word in ("idiot", "friend")
        for _ in range(MIN_EXAMPLES // 2)
    ]
    parts = slices.of_sets(small, {"a": samples, "b": samples})
    (part,) = parts
    assert (part.source, part.name) == (slices.TOGETHER, "names gay")
    assert (part.report.n, part.report.positives) == (2 * MIN_EXAMPLES, MIN_EXAMPLES)
