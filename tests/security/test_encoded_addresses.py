"""Percent-encoded email addresses and hosts, which a search for `@` or `://` misses.

Based on CWE-177 (improper handling of URL encoding) and on addresses of readers that
newsletters put into links (`?email=jane%40mail.example`), and so into published pages.
"""

from __future__ import annotations

import time

import pytest

from moderation.privacy import EMAIL_MASK, has_email, mask_emails
from moderation.rules.domains import list_hosts
from tests.builders import Newsroom, comment
from tests.refusals import assert_refused

ENCODED = [
    "jane.roe%40mail.example",
    "jane%2540mail.example",
    "jane%252540mail.example",
    "jane%2Broe%40mail%2Eexample",
    "JANE%40MAIL%2eEXAMPLE",
]


@pytest.mark.parametrize("address", ENCODED)
def test_an_encoded_address_is_masked(address: str) -> None:
    text = f"See https://x.example/u?email={address}&a=1 there"
    assert has_email(text)
    masked = f"See https://x.example/u?email={EMAIL_MASK}&a=1 there"
    assert mask_emails(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "100%",
        "a rise of 40% to 40",
        "from 10%40 to 20",
        "https://x.example/%40jane/post",
        "https://x.example/a%20b%2Fc.html?n=40",
    ],
)
def test_other_encoded_text_is_no_address(text: str) -> None:
    assert not has_email(text)
    assert mask_emails(text) == text


@pytest.mark.parametrize("address", ENCODED)
@pytest.mark.parametrize("field", ["author_url", "article"])
def test_a_public_field_takes_no_encoded_address(
    newsroom: Newsroom, field: str, address: str
) -> None:
    fields = {field: f"https://x.example/u?email={address}"}
    answer = newsroom.as_site().post("/api/v1/comments", comment(**fields))
    assert_refused(answer, 422, field)


def test_an_idempotency_key_takes_no_encoded_address(newsroom: Newsroom) -> None:
    answer = newsroom.as_site().post(
        "/api/v1/comments",
        comment(),
        headers={"Idempotency-Key": "jane%40mail.example"},
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "text",
    [
        "https%3A%2F%2Fcasino.example%2Fx",
        "https%253A%252F%252Fcasino.example",
        "https://x.example/to?u=https%3a%2f%2fcasino%2eexample",
        "go to c%61sino%2Eexample",
    ],
)
def test_rules_find_an_encoded_host(text: str) -> None:
    assert "casino.example" in list_hosts(text)


@pytest.mark.parametrize(
    "text", ["a" * 65_000 + "%40", "%40" * 21_000, "a%40b" * 13_000, "%25" * 21_000]
)
def test_a_long_text_costs_little(text: str) -> None:
    started = time.process_time()
    has_email(text)
    mask_emails(text)
    assert time.process_time() - started < 1
