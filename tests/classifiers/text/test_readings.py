"""A disguised word is read as the harsh word that it hides."""

from __future__ import annotations

import pytest

from classifiers.text import marks, normalization, readings
from tests.classifiers.text.word_lists import HARSH, KNOWN


def read(token: str) -> list[str]:
    (words,) = readings.read_all([normalization.fold(token)], KNOWN, HARSH)
    return [word for word in words if not word.startswith(marks.MARK)]


@pytest.mark.parametrize(
    "token",
    [
        "idiot",
        "IDIOT",
        "i\u200bd\u200ciot",
        "i\u0301d\u0336iot",
        "іdіоt",
        "ｉｄｉｏｔ",
        "𝐢𝐝𝐢𝐨𝐭",
        "ⓘⓓⓘⓞⓣ",
        "1d10t",
        "!diot",
        "i.d.i.o.t",
        "i-d-i-o-t",
        "idiooooot",
        "&#105;diot",
        "id*ot",
        "id\u00adiot",
        "<b>idiot</b>",
        "“idiot”,",
    ],
)
def test_disguised_word_is_read(token: str) -> None:
    assert read(token) == ["idiot"]


def test_starred_vowel_reads_as_the_harsh_word() -> None:
    assert read("b*tch") == ["bitch"]


def test_signs_at_the_edge_are_letters() -> None:
    assert read("@$$hole") == ["asshole"]


def test_number_stays_a_number() -> None:
    assert read("1917") == ["1917"]
