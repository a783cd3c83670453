"""The language of a text is detected where that is possible."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from classifiers.text import languages

ENGLISH = frozenset({"en"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("This is a careful article about the new railway line.", "en"),
        ("Das ist ein sehr schöner Artikel, vielen Dank dafür.", "de"),
        ("Este artigo é muito bom, obrigado pela informação.", "pt"),
        ("이 기사는 정말 좋습니다", "ko"),
        ("Это очень хорошая статья, большое спасибо автору", "ru"),
        ("これはとても良い記事です", "ja"),
    ],
)
def test_language_is_detected(text: str, code: str) -> None:
    language, probability = languages.detect(text)
    assert language == code
    assert 0.5 < probability <= 1


@pytest.mark.parametrize("text", ["", "ok", "!!!", "12345", "\ud800", "🙂🙂", "\x00"])
def test_too_little_to_tell(text: str) -> None:
    assert languages.detect(text)[0] is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Great post!",
        "lol",
        "THIS IS AN OUTRAGE AND THE MAYOR MUST GO",
        "🙂",
        "I read “die Zeit” and it was fine, thanks for asking",
        "https://example.org/a/b",
        "ｙｏｕ ａｒｅ ａｎ ｉｄｉｏｔ",
        "you аrе аn іdіоt",
    ],
)
def test_scores_may_decide(text: str) -> None:
    assert languages.is_supported(text, ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        "Das ist ein sehr schöner Artikel, vielen Dank dafür.",
        "这是一篇很好的文章",
        "Это очень хорошая статья",
        "이 기사는 정말 좋습니다",
        "هذا مقال جيد جدا",
    ],
)
def test_a_person_must_decide(text: str) -> None:
    assert not languages.is_supported(text, ENGLISH)


class Words:
    """The words of a language."""

    def __init__(self, *words: str) -> None:
        self._words = set(words)

    def has(self, words: Sequence[str]) -> list[bool]:
        return [word in self._words for word in words]


HOME = Words("great", "post", "the", "mayor", "yes", "idiot")


@pytest.mark.parametrize(
    "text",
    ["Great post!", "ok", "🙂", "yesss", "Great Zwiebel", "1d10t", "https://x.example"],
)
def test_a_short_text_of_known_words_may_be_decided(text: str) -> None:
    assert languages.is_supported(text, ENGLISH, HOME)


@pytest.mark.parametrize("text", ["zwiebel", "cipolla rossa", "the cebola roxa", "Лук"])
def test_a_short_text_of_unknown_words_may_not(text: str) -> None:
    assert not languages.is_supported(text, ENGLISH, HOME)


def test_a_longer_text_is_not_judged_by_its_words() -> None:
    text = "Floccinaucinihilipilification is what they do at city hall"
    assert languages.is_supported(text, ENGLISH, Words())


def test_letters_of_another_script_are_not_english() -> None:
    assert not languages.is_supported("ꓬꓳꓴ ꓮꓣꓰ ꓮ ꓟꓳꓣꓳꓠ ꓮꓠꓓ ꓮ ꓝꓳꓳꓡ", ENGLISH)


def test_supported_script_may_decide() -> None:
    assert languages.is_supported("이 기사는 정말 좋습니다", frozenset({"ko"}))


def test_a_label_is_weak_where_its_language_is_not_good_for_it() -> None:
    weak = languages.weak_by_language(
        {"en": ["spam"], "de": ["spam", "threat"], "ru": []},
        frozenset({"en", "de", "fi"}),
        ("spam", "threat"),
    )
    threat = frozenset({"threat"})
    assert weak == {"en": threat, "de": frozenset()}
    text = "This is a careful article about the new railway line."
    assert languages.weak_labels(text, weak) == threat
    german = "Das ist ein sehr schöner Artikel, vielen Dank dafür."
    assert languages.weak_labels(german, weak) == frozenset()
    # Too short to tell: the benefit of the doubt is not given twice.
    assert languages.weak_labels("ok", weak) == threat


def test_without_figures_no_label_is_weak() -> None:
    weak = languages.weak_by_language({}, ENGLISH, ("spam",))
    assert languages.weak_labels("ok", weak) == frozenset()
