"""Redirects of the console, led to other sites.

Based on CVE-2023-49438 (Flask-Security-Too: an address with backslashes passed for a
path of the same site) and CWE-601: a log-in page that leads on to its copy elsewhere.
"""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.refusals import on_sqlite

pytestmark = on_sqlite
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/console/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/console//evil.example/../..//evil.example",
    "/console/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/console/@evil.example\r\nLocation: https://evil.example/",
    "http://localhost@evil.example/console/",
    "\thttps://evil.example/",
    "/console/queue?x=\nhttps://evil.example",
    "/api/v1/session",
    "/consolex",
]


@pytest.mark.parametrize("back", ELSEWHERE, ids=ascii)
def test_the_way_back_stays_in_the_console(client: FlaskClient, back: str) -> None:
    form = {"language": "en", "back": back}
    answer = client.post("/console/language", data=form)
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location == "/console/" or location.startswith("/console/")
    assert not location.startswith("//")
    for sign in ("\\", "\r", "\n", "//"):
        assert sign not in location


@pytest.mark.parametrize("back", ["/console/queue", "/console/decided?site=gazette"])
def test_a_page_of_the_console_is_returned_to(client: FlaskClient, back: str) -> None:
    answer = client.post("/console/language", data={"language": "en", "back": back})
    assert answer.headers["Location"] == back


@pytest.mark.parametrize("parameter", ["next", "back", "url", "return_to"])
def test_logging_in_leads_to_the_desk_alone(
    client: FlaskClient, parameter: str
) -> None:
    answer = client.post(
        "/console/login/code", query_string={parameter: "https://evil.example/"}
    )
    assert answer.headers["Location"] == "/console/login"
