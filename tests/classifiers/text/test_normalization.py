"""Disguises come off, and real words of other scripts stay what they are."""

from __future__ import annotations

import pytest

from classifiers.text import normalization


class Listed:
    """A set of words that is written out."""

    def __init__(self, *words: str) -> None:
        self.words = set(words)

    def has(self, words: object) -> list[bool]:
        assert isinstance(words, list | tuple)
        return [word in self.words for word in words]


KNOWN = Listed("you", "are", "an", "a", "idiot", "bitch", "butch", "butcher", "asshole")
HARSH = Listed("idiot", "bitch", "asshole")


def read(token: str) -> list[str]:
    (words,) = normalization.read_all([normalization.fold(token)], KNOWN, HARSH)
    return [word for word in words if not word.startswith(normalization.MARK)]


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


@pytest.mark.parametrize(
    "word", ["привет", "мир", "κόσμος", "سلام", "世界", "שלום", "नमस्ते", "สวัสดี", "안녕"]
)
def test_real_words_of_other_scripts_stay(word: str) -> None:
    assert normalization.unmask_letters(word) == word


def test_number_stays_a_number() -> None:
    assert read("1917") == ["1917"]


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("y o u are an i d i o t", ["you", "are", "an", "idiot"]),
        ("you a r e a n i d i o t", ["you", "are", "an", "idiot"]),
        ("i. d. i. o. t.", ["idiot"]),
        ("plan a b", ["plan", "a", "b"]),
    ],
)
def test_spaced_words_are_put_together(said: str, read_as: list[str]) -> None:
    found = [
        normalization.unmask_letters(t)
        for t, _, _ in normalization.despaced(said, KNOWN, HARSH)
    ]
    assert ["".join(filter(str.isalnum, token)) for token in found] == read_as


def test_despaced_bounds_are_those_of_the_original() -> None:
    said = "  an  i d i o t !"
    assert [said[a:b] for _, a, b in normalization.despaced(said, KNOWN, HARSH)] == [
        "an",
        "i d i o t",
        "!",
    ]


def test_spans_are_slices_of_the_original() -> None:
    said = " two\twords\u3000and\none "
    assert [said[a:b] for a, b in normalization.spans(said)] == normalization.tokens(
        said
    )


@pytest.mark.parametrize("token", ["\x00", "\ud800", "\u202e", "\u200b", "&#0;", "𐀀"])
def test_odd_token_does_not_fail(token: str) -> None:
    assert isinstance(normalization.fold(token), normalization.Folded)


def test_link_is_marked() -> None:
    assert (
        normalization.MARK + "link" in normalization.fold("https://example.org/a").marks
    )


def test_no_text_can_spell_a_mark() -> None:
    folded = normalization.fold("\x01link")
    assert not any(word.startswith(normalization.MARK) for word in folded.words)


def test_author_words_leave_out_what_every_address_has() -> None:
    said = normalization.author_words(
        "Jo Bloggs", "https://www.cheap-pills.com/index.html"
    )
    assert said == ["jo", "bloggs", "cheap", "pills"]


@pytest.mark.parametrize("token", ["<b>good</b>", "<p>good", "good<br/>", "<em>good"])
def test_emphasis_is_no_advertising(token: str) -> None:
    assert normalization.fold(token).marks == ()
    assert "good" in normalization.fold(token).words


def test_other_markup_is_marked() -> None:
    assert normalization.MARK + "tag" in normalization.fold("<a").marks
    assert normalization.MARK + "tag" in normalization.fold("<img>good").marks
