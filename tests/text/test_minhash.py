"""What a text is recognised by: evasions are alike, other and short texts are not."""

from __future__ import annotations

import pytest

from moderation.text import minhash
from moderation.text.minhash import ALIKE_FROM, estimate_similarity, sketch

SITE = 1
LONG = (
    "Earn up to five hundred dollars a day from home with our new system, no boss and "
    "no experience needed, just register today at https://easy-cash.example.com/?id=81 "
    "and tell your friends about it before the places are gone"
)


def alike(one: str, other: str) -> float:
    """Return how alike two texts are; 0 where only equal ones count."""
    first, second = sketch(SITE, one), sketch(SITE, other)
    assert first is not None
    assert second is not None
    if first.exact == second.exact:
        return 1.0
    if first.minima is None or second.minima is None:
        return 0.0
    return estimate_similarity(first.minima, second.minima)


@pytest.mark.parametrize(
    "edited",
    [
        LONG,
        LONG.upper(),
        LONG.replace("Earn", "E a r n"),
        LONG.replace("dollars", "d0llars"),
        LONG.replace("o", "о"),
        LONG.replace("register", "reg\u200bister"),
        LONG.replace("register", "régister"),
        LONG.replace("https://easy-cash.example.com/?id=81", "www.example.com/x/77"),
        LONG.replace("https://easy-cash.example.com/?id=81", "hxxp://example[.]com/q"),
        LONG.replace(",", " !!! ..."),
        LONG + " 🔥🔥🔥",
    ],
    ids=range(11),
)
def test_an_evasion_is_the_same_text(edited: str) -> None:
    assert alike(LONG, edited) >= 0.9


@pytest.mark.parametrize(
    "edited",
    [
        LONG.replace("five hundred", "six hundred"),
        LONG.replace("friends", "family").replace("today", "now"),
        "Hello all. " + LONG,
        LONG + " ref kx83 vv",
        LONG.rsplit(" ", 5)[0],
    ],
    ids=range(5),
)
def test_a_slightly_changed_text_is_a_near_duplicate(edited: str) -> None:
    assert alike(LONG, edited) >= ALIKE_FROM


def test_another_text_about_the_same_is_none() -> None:
    warning = (
        "Readers should know that the offer of five hundred dollars a day from home is "
        "a fraud: a neighbour of mine registered, paid, and never heard of them again"
    )
    assert alike(LONG, warning) < 0.2


@pytest.mark.parametrize("text", ["Thanks!", "me too", "so true!!!", "🔥🔥🔥", "+1"])
def test_what_anybody_might_write_is_not_recognised(text: str) -> None:
    assert sketch(SITE, text) is None


def test_a_short_text_is_recognised_when_it_is_the_same() -> None:
    assert (
        alike("This mayor is a LIAR and a thief", "this mayor is a liar - and a thief!")
        == 1
    )


def test_a_short_text_with_one_word_changed_is_another() -> None:
    assert (
        alike("this mayor is a liar and a thief", "this mayor is a hero and a saint")
        == 0
    )


def test_a_link_alone_is_recognised_by_its_whole_address() -> None:
    assert alike("https://shop.example/a?x=1", "HTTPS://www.shop.example/a?x=2 !") == 1
    assert alike("https://news.example/a", "https://news.example/b") == 0


def test_letters_count_as_words_where_none_are_spaced() -> None:
    text = "这座桥今天早上又关闭了市政厅没有人能告诉我们为什么"
    assert alike(text, text.replace("早上", "晚上")) >= ALIKE_FROM


def test_the_same_text_at_another_site_is_another() -> None:
    here, there = sketch(1, LONG), sketch(2, LONG)
    assert here is not None
    assert there is not None
    assert here.exact != there.exact
    assert not set(here.bands) & set(there.bands)


def test_hashes_stay_what_they_are() -> None:
    """Otherwise comments of before an update would not be recognized after it."""
    found = sketch(SITE, LONG)
    assert found is not None
    assert found.bands[0] == PINNED_BAND


PINNED_BAND = 4399317256857803246


def test_what_breaks_leaves_a_text_unrecognised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(minhash, "RMinHash", None)
    assert sketch(SITE, LONG) is None


@pytest.mark.parametrize(
    "text",
    ["a " * 30_000, "x" * 60_000, "a.b." * 15_000, "[.]" * 20_000, "http://[" * 5_000],
    ids=range(5),
)
def test_a_hostile_text_is_read_only_so_far(text: str) -> None:
    assert len(minhash.list_words(text)) <= minhash.MAX_WORDS
