"""Sentences of our own are balanced, and none stands on both sides."""

from __future__ import annotations

from classifiers.data.contrasts import collection
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer


def test_no_sentence_is_told_twice_differently() -> None:
    labels: dict[str, object] = {}
    for example in collection.examples():
        assert labels.setdefault(example.text, example.labels) == example.labels
        assert example.source == collection.SOURCE


def test_each_label_has_both_sides() -> None:
    examples = collection.examples()
    for label in ("spam", "toxicity", "insult", "threat", "identity_attack"):
        values = [e.labels[label] for e in examples if label in e.labels]
        assert 0.05 < sum(values) / len(values) < 0.95


def test_markup_and_hated_things_are_harmless(shipped: FastScorer) -> None:
    for text in ("Nice <b>article</b>, thanks", "I hate traffic jams"):
        scores = shipped.score(Document(text=text))
        cuts = shipped.manifest["thresholds"]
        held = [label for label in scores if scores[label] >= cuts[label]["review_at"]]
        assert held == []


def test_work_from_home_is_spam(shipped: FastScorer) -> None:
    text = "Work from home and earn 5000 a week, contact me on whatsapp"
    cut = shipped.manifest["thresholds"]["spam"]["review_at"]
    assert shipped.score(Document(text=text))["spam"] >= cut
