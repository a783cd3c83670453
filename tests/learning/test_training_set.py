"""A training set on disk holds the examples that were added."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from classifiers.data.datasets import Example, fingerprint, split_by_time
from moderation.learning import training_set
from moderation.learning.provenance import Provenance, TrainingExample
from moderation.learning.training_set import TrainingSet
from tests.decided_newsroom import as_examples, as_lessons, sentences


def told() -> list[TrainingExample]:
    """Return training examples, some of which lack optional values."""
    plain = as_lessons(as_examples(sentences(60)))
    bare = TrainingExample(
        example=Example(text="«Ünïcode» \n 💬", labels={"spam": True}, weight=0.25),
        provenance=Provenance.SITE,
        taught_by="akismet",
    )
    rich = dataclasses.replace(
        plain[3], batch_id=7, section="Sport", language="de", comment_id=9
    )
    return [*plain, bare, rich]


@pytest.mark.parametrize("at_once", [10, 1 << 20])
def test_what_is_read_is_what_was_told(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(training_set, "BATCH_SIZE", at_once)
    lessons = told()
    found = TrainingSet(lessons)
    assert list(found) == lessons
    places = [61, 0, 17, 60]
    assert list(found.read(np.array(places))) == [lessons[x] for x in places]


def test_it_is_split_and_named_as_examples_are() -> None:
    lessons = told()
    found, examples = TrainingSet(lessons), [each.example for each in lessons]
    early, late = found.split(0.3)
    expected = split_by_time(examples, 0.3)
    assert [examples[x] for x in early] == expected[0]
    assert [examples[x] for x in late] == expected[1]
    assert found.fingerprint == fingerprint(examples)


def test_an_empty_one_is_read_and_split_like_any_other() -> None:
    found = TrainingSet()
    found.weigh()
    assert list(found) == []
    assert [len(each) for each in found.split(0.3)] == [0, 0]
