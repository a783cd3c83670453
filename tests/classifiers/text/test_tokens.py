"""Many texts cut at once: as `str.split` and a dictionary would do it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.text import tokens as cutting

SPACES = "".join(chr(code) for code in range(0x110000) if chr(code).isspace())
TEXTS = st.lists(st.text(st.characters() | st.sampled_from(SPACES + "ab\ud800")))


@given(TEXTS)
def test_texts_are_cut_as_by_split(texts: list[str]) -> None:
    cut = cutting.cut(texts)
    assert cut is not None
    split = [text.split() for text in texts]
    assert cut.counts.tolist() == [len(words) for words in split]
    flat = [token for words in split for token in words]
    assert cut.tokens(np.arange(len(flat))) == flat


@given(TEXTS)
def test_a_token_has_its_hash_wherever_it_stands(texts: list[str]) -> None:
    cut = cutting.cut(texts)
    assert cut is not None
    tokens = cut.tokens(np.arange(len(cut.starts)))
    assert (cutting.hashes(tokens) == cut.hashes).all()
    by_hash = dict(zip(cut.hashes.tolist(), tokens, strict=True))
    short = {token for token in tokens if len(token) <= cutting.MAX_TOKEN_LENGTH}
    assert {token for hashed, token in by_hash.items() if hashed} == short


def test_long_tokens_have_no_hash() -> None:
    cut = cutting.cut(
        ["a" * cutting.MAX_TOKEN_LENGTH, "a" * (cutting.MAX_TOKEN_LENGTH + 1)]
    )
    assert cut is not None
    assert (cut.hashes != 0).tolist() == [True, False]


def test_no_text_has_no_tokens() -> None:
    for texts in ([], ["", " "]):
        cut = cutting.cut(texts)
        assert cut is not None
        assert cut.counts.tolist() == [0] * len(texts)
        assert len(cut.hashes) == 0


def test_what_is_too_long_is_not_cut() -> None:
    assert cutting.cut(["a " * cutting.MAX_LENGTH]) is None


@pytest.mark.parametrize("count", [0, 1, 100, 120_000])
def test_rows_are_found_again(count: int) -> None:
    tokens = [f"word{number}" for number in range(count)]
    rows = cutting.Rows()
    hashes = cutting.hashes(tokens)
    rows.add(hashes, np.arange(count))
    assert (rows.find(hashes) == np.arange(count)).all()
    others = cutting.hashes(["other", "x" * (cutting.MAX_TOKEN_LENGTH + 1)])
    assert rows.find(others).tolist() == [-1, -1]


def test_hashes_that_meet_are_kept_apart() -> None:
    rows = cutting.Rows()
    close = np.array([1, 2, 3, 2**63 + 1], np.uint64)  # the first three share a slot
    rows.add(close, np.arange(4))
    assert rows.find(close).tolist() == [0, 1, 2, 3]
    assert rows.find(np.array([4, 0], np.uint64)).tolist() == [-1, -1]
