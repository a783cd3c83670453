"""Spaced-out words are put together, with their bounds in the original."""

from __future__ import annotations

import pytest

from classifiers.text import characters, spaced_words
from tests.classifiers.text.word_lists import HARSH, KNOWN


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("y o u are an i d i o t", ["you", "are", "an", "idiot"]),
        ("you a r e a n i d i o t", ["you", "are", "an", "idiot"]),
        ("i. d. i. o. t.", ["idiot"]),
        ("plan a b", ["plan", "a", "b"]),
    ],
)
def test_spaced_words_are_put_together(text: str, read_as: list[str]) -> None:
    plain = [
        characters.unmask_letters(t)
        for t, _, _ in spaced_words.despaced(text, KNOWN, HARSH)
    ]
    assert ["".join(filter(str.isalnum, token)) for token in plain] == read_as


def test_despaced_bounds_are_those_of_the_original() -> None:
    text = "  an  i d i o t !"
    assert [text[a:b] for _, a, b in spaced_words.despaced(text, KNOWN, HARSH)] == [
        "an",
        "i d i o t",
        "!",
    ]
