"""Scores are the same alone and in a batch, exact to explain, and never fail."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from classifiers.errors import UnknownLabel
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.text.labels import LABELS
from tests.classifiers.conftest import copied

TEXTS = (
    "",
    "   ",
    "You are a stupid idiot!",
    "Thank you for this careful article.",
    "y o u i d i o t, go home",
    "Buy cheap pills at http://pills.example now!!!",
    "a",
    "\x00",
    "\ud800 lone",
    "\u202eright to left\u202c",
    "\u200b\u200c\ufeff",
    "e\u0301" * 200,
    "🖕" * 50,
    "Какая прекрасная статья, спасибо",
    "这是一篇很好的文章",
    "<script>alert(1)</script>",
    "word " * 5000,
    "x" * 20000,
    "a b c d e f g h " * 300,
    "&#x110000; &#0; &bogus; &amp;amp;",
    "NaN",
)


def test_scores_are_probabilities_of_known_labels(shipped: FastScorer) -> None:
    for text in TEXTS:
        scores = shipped.score(Document(text=text))
        assert set(scores) == set(shipped.labels) <= set(LABELS)
        assert all(0 <= score <= 1 for score in scores.values())


def test_alone_and_batch_agree_to_the_bit(shipped: FastScorer) -> None:
    documents = [Document(text=text) for text in TEXTS] * 40
    assert shipped.score_many(documents) == [shipped.score(d) for d in documents]


def test_cache_that_overflows_changes_nothing(
    small: FastScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document(text=f"you are idiot number {n}") for n in range(50)]
    before = small.score_many(documents)
    monkeypatch.setattr("classifiers.serving.token_cache.MAX_TOKENS", 8)
    assert [small.score(document) for document in documents] == before


@pytest.mark.parametrize("bound", ["MAX_TOKENS", "MAX_CHARACTERS"])
def test_the_cache_starts_anew_when_it_is_full(
    small: FastScorer, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    documents = [Document(text=f"you are idiot {'x' * 60}{n}") for n in range(50)]
    monkeypatch.setattr(f"classifiers.serving.token_cache.{bound}", 100)
    fresh = copied(small)
    for size in (1, 7, 50):
        for start in range(0, 50, size):
            part = slice(start, start + size)
            assert fresh.score_many(documents[part]) == [
                small.score(document) for document in documents[part]
            ]
            cached = fresh._cache.table.ids  # those of one batch are always kept
            most = 100 if bound == "MAX_TOKENS" else 3 + size
            assert len(cached) <= most + 3


def test_threads_share_a_cache_that_is_replaced(
    small: FastScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document(text=f"you are idiot{n} of {n % 7}") for n in range(300)]
    before = small.score_many(documents)
    monkeypatch.setattr("classifiers.serving.token_cache.MAX_TOKENS", 40)
    fresh = copied(small)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            after = list(pool.map(fresh.score, documents * 3))
    finally:
        sys.setswitchinterval(interval)
    assert after == before * 3


def test_what_is_too_long_to_be_cut_at_once_scores_alike(
    small: FastScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document(text=f"you are idiot number {n}") for n in range(50)]
    before = small.score_many(documents)
    monkeypatch.setattr("classifiers.text.tokens.MAX_LENGTH", 100)
    assert copied(small).score_many(documents) == before


def test_no_document_has_no_scores(shipped: FastScorer) -> None:
    assert shipped.score_many([]) == []


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a " * 500_000,
        "&" * 1_000_000,
        "<a " * 300_000,
        "е" * 1_000_000,
    ],
    ids=["one word", "letters", "ampersands", "tags", "cyrillic"],
)
def test_a_megabyte_takes_seconds_at_most(shipped: FastScorer, text: str) -> None:
    started = time.process_time()
    shipped.score(Document(text=text))
    assert time.process_time() - started < 10


@pytest.mark.parametrize("text", [text for text in TEXTS if len(text) < 1000])
def test_pushes_add_up_to_the_score(shipped: FastScorer, text: str) -> None:
    document = Document(text=text)
    for column, label in enumerate(shipped.labels):
        odds = shipped.weights.intercept[column] + sum(shipped.pushes(document, label))
        assert shipped.score(document)[label] == pytest.approx(
            1 / (1 + np.exp(-odds)), abs=2e-6
        )


def test_explanation_points_at_the_insult(shipped: FastScorer) -> None:
    text = "Well, dear editor, you stupid 1d10t: read it again."
    spans = shipped.explain(Document(text=text), "toxicity")
    strongest = sorted(spans, key=lambda span: span.share)[-2:]
    words = {text[span.start : span.end] for span in strongest}
    assert words == {"stupid", "1d10t"}


def test_explained_span_covers_a_spaced_word(shipped: FastScorer) -> None:
    text = "oh, you i d i o t again"
    spans = shipped.explain(Document(text=text), "toxicity")
    assert "i d i o t" in {text[span.start : span.end] for span in spans}


def test_shares_are_parts_of_one(shipped: FastScorer) -> None:
    spans = shipped.explain(Document(text="you stupid ugly idiot"), "insult")
    assert 0 < sum(span.share for span in spans) <= 1.000001
    assert [span.start for span in spans] == sorted(span.start for span in spans)


def test_nothing_to_explain(shipped: FastScorer) -> None:
    assert shipped.explain(Document(text=""), "toxicity") == []


def test_unknown_label_is_named(shipped: FastScorer) -> None:
    with pytest.raises(UnknownLabel, match="beauty"):
        shipped.explain(Document(text="x"), "beauty")


def test_author_may_speak_for_spam_but_not_against(shipped: FastScorer) -> None:
    plain = shipped.score(Document(text="Nice blog, I will come back."))
    pills = shipped.score(
        Document(
            text="Nice blog, I will come back.",
            author_name="cheap viagra online",
            author_url="http://cheap-viagra-online.example",
        )
    )
    person = shipped.score(
        Document(text="Nice blog, I will come back.", author_name="Maria Jones")
    )
    assert pills["spam"] > plain["spam"]
    assert person["spam"] >= plain["spam"]
    assert pills["toxicity"] == plain["toxicity"]
