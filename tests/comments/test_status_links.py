"""Signed links: the same each time, good for one comment, worthless when changed."""

from __future__ import annotations

import pytest

from moderation import identifiers
from moderation.comments.status_links import StatusLinks

LINKS = StatusLinks([b"k" * 32], "https://comments.example")
NUMBER = 12_345_678_901
TOKEN = LINKS.token(NUMBER)


def test_a_token_tells_its_comment() -> None:
    assert LINKS.comment_of(TOKEN) == NUMBER
    assert LINKS.token(NUMBER) == TOKEN


def test_an_address_begins_where_the_service_is_reached() -> None:
    assert LINKS.address(NUMBER) == f"https://comments.example/status/{TOKEN}"
    assert StatusLinks([b"k" * 32], "").address(NUMBER) == f"/status/{TOKEN}"


def test_every_digit_counts() -> None:
    for place, digit in enumerate(TOKEN):
        other = "0" if digit != "0" else "1"
        changed = TOKEN[:place] + other + TOKEN[place + 1 :]
        assert LINKS.comment_of(changed) is None


@pytest.mark.parametrize(
    "token",
    ["", "x", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "é" * 45, "\ud800", "%00" * 15],
)
def test_what_is_no_token_opens_nothing(token: str) -> None:
    assert LINKS.comment_of(token) is None


def test_the_signature_of_another_comment_opens_nothing() -> None:
    other = identifiers.encode(NUMBER + 1)
    assert LINKS.comment_of(other + TOKEN[len(other) :]) is None


def test_another_key_ends_all_links() -> None:
    assert StatusLinks([b"x" * 32], "").comment_of(TOKEN) is None
