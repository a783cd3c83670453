"""Names spelled like rude words are recognized by the words next to them."""

from __future__ import annotations

import pytest

from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.text import person_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Randy Newman sang it", ["Randy"]),
        ("the Cock Tavern is shut", ["Cock"]),
        ("We met Mrs. Butts, our nurse", ["Butts"]),
        ("Dr. Hooker operated on me", ["Hooker"]),
        ("what a dick", []),
        ("you Dick", []),
        ("Dick Head", []),
        ("DICK MARSH", []),
        ("@Dick Marsh", []),
        ("Dickens Lane", []),
        ("", []),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    found = person_names.stretches(text)
    assert [text[start:end] for start, end in found] == names


def test_a_name_counts_less_than_the_word(shipped: FastScorer) -> None:
    name = shipped.score(Document(text="I met Dick Marsh at the fair"))
    word = shipped.score(Document(text="I met dick marsh at the fair"))
    assert name["profanity"] < word["profanity"]
