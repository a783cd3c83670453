"""Addresses in `X-Forwarded-For`, with which a caller gives itself any origin.

Based on CVE-2020-28483 (gin: a client exposed to the internet chose its own address by
this header) and CWE-348: limits by address then count for nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from moderation.demo import article
from tests.builders import open_newsroom
from tests.refusals import on_sqlite

pytestmark = on_sqlite
FORM = {
    "author_name": "Ada",
    "author_email": "ada@mail.example",
    "body": "A fair point.",
}


@pytest.mark.parametrize(
    ("proxies", "header"),
    [
        ("0", "203.0.113.{}"),
        ("1", "203.0.113.{}, 192.0.2.1"),
        ("1", "203.0.113.{}, 198.51.100.{}, 192.0.2.1"),
        ("1", "garbage{}, ,,, 192.0.2.1"),
        ("2", "203.0.113.{}, 192.0.2.1, 192.0.2.2"),
    ],
)
def test_what_a_caller_writes_into_the_header_counts_for_nothing(
    make_app: Callable[..., Flask], proxies: str, header: str
) -> None:
    app = make_app(
        MODERATION_DEMO="true",
        MODERATION_TRUSTED_PROXIES=proxies,
        MODERATION_FORM_LIMIT="2 per year",
    )
    with app.app_context():
        open_newsroom(app, article.SITE)
    codes = []
    for number in range(3):
        headers = {"X-Forwarded-For": header.replace("{}", str(number))}
        answer = app.test_client().post("/demo/", data=FORM, headers=headers)
        codes.append(answer.status_code)
    assert codes == [303, 303, 429]


@pytest.mark.parametrize(
    "header", ["", ",", "::", "[::1]:80", "999.1.1.1", "a" * 5000, "\xff", "unknown"]
)
def test_an_odd_header_is_no_fault(make_app: Callable[..., Flask], header: str) -> None:
    app = make_app(MODERATION_TRUSTED_PROXIES="1", MODERATION_DEMO="true")
    with app.app_context():
        open_newsroom(app, article.SITE)
    headers = {"X-Forwarded-For": header, "X-Forwarded-Proto": header}
    answer = app.test_client().post("/demo/", data=FORM, headers=headers)
    assert answer.status_code in {303, 422}
