"""Letters lose their disguise, and real words of other scripts stay."""

from __future__ import annotations

import pytest

from classifiers.text import characters


@pytest.mark.parametrize(
    "word", ["привет", "мир", "κόσμος", "سلام", "世界", "שלום", "नमस्ते", "สวัสดี", "안녕"]
)
def test_real_words_of_other_scripts_stay(word: str) -> None:
    assert characters.unmask_letters(word) == word
