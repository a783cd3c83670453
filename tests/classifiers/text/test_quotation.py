"""Quoted words count for less, unless the comment is little else."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.text.quotation import REPORTED_SHARE, quotations


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He shouted "you fool" at the driver', '"you fool"'),
        ("They wrote “get out” on our door", "“get out”"),
        ("The headline, „so ein Trottel“, is old", "„so ein Trottel“"),
        ("He was called «a fool» by his own son", "«a fool»"),
        ("> you fool\nThat is no way to argue", "> you fool"),
    ],
)
def test_quotation_is_found(text: str, quoted: str) -> None:
    (quotation,) = quotations(text)
    assert text[quotation.start : quotation.end] == quoted
    assert quotation.share == REPORTED_SHARE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no sign at all",
        '"you fool"',
        '"you fool" ha',
        "> you fool\nyes",
        'you "genius" go home now please',
        '"You know nothing" is rich, coming from a clown like you',
        "he is 6'2\" and she is 5'11\" tall",
        "a -> b and b -> c are arrows",
        '"' * 5000,
        '"' + "no end " * 200,
    ],
    ids=lambda text: text[:20],
)
def test_no_quotation(text: str) -> None:
    assert quotations(text) == []


REPORT = 'The guard shouted "you stupid idiot" at my aunt, and nobody helped.'


def test_report_of_an_insult_is_not_rejected(shipped: FastScorer) -> None:
    cuts = shipped.manifest["thresholds"]
    quoted = shipped.score(Document(text=REPORT))
    plain = shipped.score(Document(text=REPORT.replace('"', "")))
    assert quoted["toxicity"] < cuts["toxicity"]["reject_at"] <= plain["toxicity"]


@pytest.mark.parametrize(
    "text",
    [REPORT, "> you idiot\n\nPlease be kind to all", '("i d i o t" he said to us)'],
)
def test_pushes_add_up_and_batches_agree(shipped: FastScorer, text: str) -> None:
    document = Document(text=text)
    texts = ["idiot", text, 'a "', text, "> idiot"]
    many = shipped.score_many([Document(text=one) for one in texts])
    assert many[1] == many[3] == shipped.score(document)
    for column, label in enumerate(shipped.labels):
        odds = shipped.weights.intercept[column] + sum(shipped.pushes(document, label))
        assert many[1][label] == pytest.approx(1 / (1 + np.exp(-odds)), abs=2e-6)
