"""An author's name can do harm, but says nothing against the text's harm."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.serving import author_names
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer

TEXT = "Nice article, thank you."


def test_insulting_name_raises_harm(shipped: FastScorer) -> None:
    plain = shipped.score(Document(text=TEXT))
    named = shipped.score(Document(text=TEXT, author_name="You dirty bastard"))
    cut = shipped.manifest["thresholds"]["toxicity"]["review_at"]
    assert plain["toxicity"] < cut <= named["toxicity"]
    assert named["spam"] == plain["spam"]


@pytest.mark.parametrize("name", ["Maria Jones", "", "   ", "Дмитрий", "🙂", "\ud800"])
def test_other_names_change_nothing(shipped: FastScorer, name: str) -> None:
    plain = shipped.score(Document(text=TEXT))
    named = shipped.score(Document(text=TEXT, author_name=name))
    cuts = shipped.manifest["thresholds"]
    for label, score in named.items():
        assert score >= plain[label]
        assert score < cuts[label]["review_at"]


def test_the_explanation_is_the_name(shipped: FastScorer) -> None:
    document = Document(text=TEXT, author_name="You dirty bastard")
    column = shipped.labels.index("toxicity")
    assert shipped.is_by_name(document, "toxicity")
    assert shipped.explain(document, "toxicity") == []
    odds = shipped.weights.intercept[column] + sum(shipped.pushes(document, "toxicity"))
    score = shipped.score(document)["toxicity"]
    assert score == pytest.approx(1 / (1 + np.exp(-odds)), abs=2e-6)


def test_alone_and_batch_agree(shipped: FastScorer) -> None:
    names = ["You fool", None, "Ada", "You fool", "", "scum"]
    documents = [Document(text=TEXT, author_name=name) for name in names] * 3
    assert shipped.score_many(documents) == [shipped.score(d) for d in documents]


def test_a_full_cache_of_names_starts_again(
    shipped: FastScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document(text=TEXT, author_name=f"fool {n}") for n in range(40)]
    before = shipped.score_many(documents)
    monkeypatch.setattr(author_names, "MAX_NAMES", 5)
    assert [shipped.score(document) for document in documents] == before
