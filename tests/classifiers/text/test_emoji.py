"""Emoji are words."""

from __future__ import annotations

import pytest

from classifiers.text import emoji, normalization


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("🐍", ("snake",)),
        ("🐍🐍🐍", ("snake",)),
        ("🖕", ("middle", "finger")),
        ("plain", ()),
        ("Ⓐ", ()),
        ("\ud800", ()),
        ("👍🏽", ("thumbs",)),
    ],
)
def test_emoji_are_named(token: str, words: tuple[str, ...]) -> None:
    assert emoji.words(token)[: len(words) or 1] == words


def test_many_emoji_are_few_words() -> None:
    token = "".join(map(chr, range(0x1F400, 0x1F440)))
    assert len(emoji.words(token)) == emoji.MAX_WORDS


def test_a_word_keeps_its_letters_beside_an_emoji() -> None:
    assert normalization.fold("thanks🐍").words == ("thanks", "snake")
