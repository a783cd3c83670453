"""Templates are split into a part to train on and one to measure on."""

from __future__ import annotations

from classifiers.data.contrasts import collection
from classifiers.data.contrasts.templates import PER_TEMPLATE, Kind
from classifiers.data.datasets import Example

KIND = Kind(
    name="weather",
    labels={"spam": False},
    templates=("It {does} today", "Will it {do}?", "No place here"),
    words={"does": ("rains", "snows"), "do": ("rain", "snow", "hail")},
)


def texts(examples: list[Example]) -> set[str]:
    return {example.text for example in examples}


def test_every_other_template_is_held_out() -> None:
    trained = {"It rains today", "It snows today", "No place here"}
    assert texts(list(KIND.training())) == trained
    measured = {"Will it rain?", "Will it snow?", "Will it hail?"}
    assert texts(list(KIND.held_out())) == measured


def test_sentences_are_the_same_each_time_and_few() -> None:
    for kind in collection.kinds():
        first, second = list(kind.training()), list(kind.training())
        assert first == second
        assert len(first) <= PER_TEMPLATE * len(kind.templates[::2])


def test_nothing_held_out_is_trained_on() -> None:
    trained = texts(collection.examples())
    for name, examples in collection.held_out().items():
        assert examples, name
        assert not trained & texts(examples)


def test_harmful_kinds_and_harmless_ones_are_many() -> None:
    sides = [any(kind.labels.values()) for kind in collection.kinds()]
    assert min(sum(sides), len(sides) - sum(sides)) >= 10
