"""What the encoder sees of a comment."""

from __future__ import annotations

import pytest

from classifiers.encoder import reading


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("You  are\n kind.", "You are kind."),
        ("ask ana.b+c@mail.example now", "ask [email] now"),
        ("@ana_b you are right", "@USER you are right"),
        ("see https://www.shop.example/a/b?c=d!", "see shop.example"),
        ("hxxp://shop.example/x", "shop.example"),
        ("a &lt;b&gt; &#228;", "a <b> ä"),
        ("soooooo good", "sooo good"),
        ("1000000 euros", "1000000 euros"),
        ("THIS IS SHOUTED, YOU KNOW", "this is shouted, you know"),
        ("NATO and the EU", "NATO and the EU"),
        ("ріg", "pig"),  # Cyrillic letters among Latin ones
        ("привет", "привет"),
        ("Größe, naïve, żółć", "Größe, naïve, żółć"),
        ("snake \U0001f40d\U0001f40d", "snake snake"),
        ("id\u200biot", "idiot"),
        ("i\u3164d\u3164i\u3164o\u3164t", "idiot"),
        ("", ""),
    ],
)
def test_a_comment_is_read_without_its_disguise(text: str, plain: str) -> None:
    assert reading.plain(text) == plain


def test_of_a_long_comment_the_beginning_and_the_end_are_read() -> None:
    read = reading.plain("a " * 5000 + "the end")
    assert len(read) <= reading.HEAD + reading.TAIL + 1
    assert read.endswith("the end")


def test_a_long_list_of_tokens_is_cut_in_its_middle() -> None:
    assert reading.cut(range(9), 9) == list(range(9))
    assert reading.cut(range(100), 9) == [0, 1, 2, 3, 4, 5, 97, 98, 99]
