"""The form of a token is marked: links and markup, but not emphasis."""

from __future__ import annotations

import pytest

from classifiers.text import marks, normalization


def test_link_is_marked() -> None:
    assert marks.MARK + "link" in normalization.fold("https://example.org/a").marks


def test_no_text_can_spell_a_mark() -> None:
    folded = normalization.fold("\x01link")
    assert not any(word.startswith(marks.MARK) for word in folded.words)


@pytest.mark.parametrize("token", ["<b>good</b>", "<p>good", "good<br/>", "<em>good"])
def test_emphasis_is_no_advertising(token: str) -> None:
    assert normalization.fold(token).marks == ()
    assert "good" in normalization.fold(token).words


def test_other_markup_is_marked() -> None:
    assert marks.MARK + "tag" in normalization.fold("<a").marks
    assert marks.MARK + "tag" in normalization.fold("<img>good").marks
