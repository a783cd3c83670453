"""A candidate is measured for some, too, and refused where it is worse for them."""

from __future__ import annotations

import numpy as np

from classifiers.data.datasets import Example
from classifiers.evaluation import slices
from classifiers.evaluation.gate import FALSE_REFUSALS, gate
from classifiers.evaluation.model_scores import ModelScores, targets
from classifiers.evaluation.slices import ANY, MIN_EXAMPLES
from classifiers.serving.scorer import Scorer
from tests.classifiers.evaluation.test_gate import measured


def examples(count: int = 400) -> list[Example]:
    return [
        Example(
            text="a gay poet" if number % 2 else "a short note on bridges",
            labels={"insult": number % 4 < 2},
        )
        for number in range(count)
    ]


def scores(found: list[Example], wrong_for: str | None) -> np.ndarray:
    chance = np.random.default_rng(0)
    given = np.array([float(each.labels["insult"]) for each in found])
    for place, each in enumerate(found):
        if wrong_for is not None and wrong_for in each.text:
            given[place] = 1 - given[place]
    return (0.25 + given / 2 + chance.random(len(found)) / 4)[:, None]


def measure_both(
    found: list[Example],
    before: np.ndarray,
    after: np.ndarray,
    told: dict[str, list[str | None]] | None = None,
) -> list[slices.Slice]:
    labels = ("insult", "spam")[: before.shape[1]]
    return slices.measure(
        ModelScores("a-1", labels, before),
        ModelScores("b-1", labels, after),
        {label: targets(found, label) for label in labels},
        np.array([any(each.labels.values()) for each in found]),
        slices.SliceFacts.of(each.text for each in found),
        told or {},
    )


def measure(wrong_for: str | None) -> list[slices.Slice]:
    found = examples()
    told: dict[str, list[str | None]] = {
        "section": ["sport" if n < 300 else None for n in range(400)]
    }
    pair = scores(found, None), scores(found, wrong_for)
    return measure_both(found, *pair, told)


def test_slices_with_examples_enough_are_measured() -> None:
    names = {(each.kind, each.name, each.label) for each in measure(None)}
    assert names == {
        ("length", "to 10 words", "insult"),
        ("identity", "gay", "insult"),
        ("section", "sport", "insult"),
    }


def test_a_loss_for_some_is_refused_in_plain_words() -> None:
    parts = measure("gay")
    answer = gate(measured(0.8), measured(0.9), slices=parts)
    assert not answer.allowed
    (reason,) = [each for each in answer.reasons if "gay" in each]
    assert reason.startswith("For identity “gay”, the AUC of insult falls from 1.000")


def test_no_loss_is_no_reason() -> None:
    assert gate(measured(0.8), measured(0.9), slices=measure(None)).allowed


def test_chance_refuses_few_candidates_that_lose_nowhere() -> None:
    refused = 0
    for seed in range(40):
        chance = np.random.default_rng(seed)
        found = examples(240)
        base = np.array([float(each.labels["insult"]) for each in found])
        one, two = (base + chance.normal(0, 1, (len(base))) for _ in range(2))
        squashed = [1 / (1 + np.exp(-each))[:, None] for each in (one, two)]
        parts = measure_both(found, squashed[0], squashed[1])
        refused += not gate(measured(0.8), measured(0.9), slices=parts).allowed
    assert refused <= 40 * FALSE_REFUSALS * 3


def test_thin_slices_are_left_out() -> None:
    found = examples(2 * MIN_EXAMPLES - 4)
    told: dict[str, list[str | None]] = {"section": ["sport"] * len(found)}
    same = scores(found, None)
    assert measure_both(found, same, same, told) == []


def test_any_harm_is_measured_beside_the_labels() -> None:
    found = examples()
    both = np.repeat(scores(found, None), 2, axis=1)
    parts = measure_both(found, both, both)
    assert {each.label for each in parts} == {ANY, "insult"}


def spoken(count: int = 240) -> list[Example]:
    """Every second one long, every third with a link; half of each is harmful."""
    found = []
    for number in range(count):
        words = "idiot " if number % 4 < 2 else "friend "
        body = words * (20 if number % 2 else 2)
        link = "see www.example.com" if number % 3 == 0 else ""
        labels = {"toxicity": number % 4 < 2}
        found.append(Example(text=f"you {body}{link}", labels=labels))
    return found


def test_one_model_is_measured_on_parts_of_each_set(small: Scorer) -> None:
    unknown = Example(text="you idiot", labels={"spam": False})
    parts = slices.of_sets(small, {"a": [*spoken(), unknown], "b": [unknown]})
    sizes = {part.name: part.report.n for part in parts}
    assert {part.source for part in parts} == {"a"}
    assert sizes["to 10 words"] + sizes["11 to 40 words"] == len(spoken())
    assert sizes["with a link"] + sizes["without a link"] == len(spoken())
    assert "names a group" not in sizes


def test_a_scorer_without_toxicity_has_no_parts(small: Scorer) -> None:
    other = Scorer(
        version="spam-only",
        labels=["spam" for _ in small.labels],
        weights=small.weights,
        manifest=small.manifest,
        languages=small.languages,
    )
    assert slices.of_sets(other, {"a": spoken()}) == []


def test_groups_are_measured_in_all_sets_together(small: Scorer) -> None:
    said = [
        Example(text=f"you gay {word}", labels={"toxicity": word == "idiot"})
        for word in ("idiot", "friend")
        for _ in range(MIN_EXAMPLES // 2)
    ]
    parts = slices.of_sets(small, {"a": said, "b": said})
    (found,) = parts
    assert (found.source, found.name) == (slices.TOGETHER, "names gay")
    assert (found.report.n, found.report.positives) == (2 * MIN_EXAMPLES, MIN_EXAMPLES)
