"""Models of single attributes: fitted, stored, read, and never trusted blindly."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from classifiers.errors import BadArtifact, BadExample
from classifiers.pretrained import default_model, perspective_attributes
from classifiers.serving import attribute_model
from classifiers.text.attribute_features import FORM, MAX_WORDS, read_form, read_words
from classifiers.training import attributes

_WORDS = "ferry bridge harbour ticket council evening winter island price captain"
WORDS = _WORDS.split()


@pytest.fixture(scope="module")
def fitted() -> attributes.FittedAttributes:
    chance = random.Random(7)
    texts = [
        " ".join(chance.choices(WORDS, k=chance.randint(3, 12))) for _ in range(600)
    ]
    scores = {
        "SHORT": [1 / (1 + len(text.split()) / 5) for text in texts],
        "FERRY": [0.9 if "ferry" in text else 0.1 for text in texts],
    }
    return attributes.fit(default_model.load(), texts, scores)


def test_a_model_learns_words_and_form(fitted: attributes.FittedAttributes) -> None:
    scorer = default_model.load()
    short, long = fitted.model.score_many(
        scorer, ["council evening", "winter island price " * 9]
    )
    assert short["SHORT"] > long["SHORT"] + 0.2
    with_it, without = fitted.model.score_many(
        scorer, ["ferry ticket winter price", "harbour ticket winter price"]
    )
    assert with_it["FERRY"] > without["FERRY"] + 0.2


def test_held_out_scores_lie_where_the_others_scores_lie(
    fitted: attributes.FittedAttributes,
) -> None:
    for column in range(2):
        ours, theirs = fitted.held_out[:, column], fitted.theirs[:, column]
        assert abs(np.median(ours) - np.median(theirs)) < 0.1


def test_a_stored_model_scores_as_before(
    fitted: attributes.FittedAttributes, tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    attribute_model.save(fitted.model, path)
    scorer, texts = default_model.load(), ["the ferry leaves", ""]
    before = fitted.model.score_many(scorer, texts)
    after = attribute_model.load(path).score_many(scorer, texts)
    for one, other in zip(before, after, strict=True):
        assert one == pytest.approx(other, abs=0.01)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a model"])
def test_a_damaged_file_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(data)
    with pytest.raises(BadArtifact):
        attribute_model.load(path)


def test_a_file_of_another_shape_is_refused(
    fitted: attributes.FittedAttributes, tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    model = fitted.model
    np.savez(
        path,
        names=np.array(model.names),
        labels=np.array(model.labels),
        words=model.words[:10],
        dense=model.dense,
        intercept=model.intercept,
        knots=model.knots,
    )
    with pytest.raises(BadArtifact, match="words"):
        attribute_model.load(path)


def test_too_few_texts_are_refused() -> None:
    with pytest.raises(BadExample, match="500"):
        attributes.fit(default_model.load(), ["a"], {"A": [0.5]})


def test_the_model_that_ships_is_small_and_scores_what_is_promised() -> None:
    assert perspective_attributes.PATH.stat().st_size <= 300_000
    model = perspective_attributes.load()
    assert model.reads(default_model.load())
    (scores,) = model.score_many(default_model.load(), ["x" * 20_000 + " y" * 5000])
    assert all(0 <= score <= 1 for score in scores.values())


def test_figures_of_a_text_are_bounded() -> None:
    assert len(read_form("")) == len(FORM)
    assert len(read_words("a b " * MAX_WORDS)) <= 4
    norm = sum(weight * weight for weight in read_words("One, two, two!").values())
    assert norm == pytest.approx(1)
