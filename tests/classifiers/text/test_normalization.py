"""Tokens are slices of the original, and odd ones do not fail."""

from __future__ import annotations

import pytest

from classifiers.text import normalization


def test_spans_are_slices_of_the_original() -> None:
    text = " two\twords\u3000and\none "
    assert [text[a:b] for a, b in normalization.spans(text)] == normalization.tokens(
        text
    )


@pytest.mark.parametrize("token", ["\x00", "\ud800", "\u202e", "\u200b", "&#0;", "𐀀"])
def test_odd_token_does_not_fail(token: str) -> None:
    assert isinstance(normalization.fold(token), normalization.Folded)


def test_author_words_leave_out_what_every_address_has() -> None:
    text = normalization.author_words(
        "Jo Bloggs", "https://www.cheap-pills.com/index.html"
    )
    assert text == ["jo", "bloggs", "cheap", "pills"]
