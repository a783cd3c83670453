"""Passwords and cookies on their way, where others can read or set them.

Based on Firesheep (2010: session cookies taken from open networks), sslstrip (2009:
https silently turned into http), and CWE-319 (transmission in clear text).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from moderation.web.auth import CONSOLE_HEADER, TOKEN_COOKIE
from moderation.web.cookies import HOST_PREFIX
from tests.builders import PASSWORD, open_newsroom
from tests.refusals import on_sqlite

pytestmark = on_sqlite
FORM = {"login": "gazette-moderator", "password": PASSWORD}
CLEAR = "http://desk.example"
TLS = "https://desk.example"
OURS = {CONSOLE_HEADER: "1"}

Make = Callable[..., FlaskClient]


@pytest.fixture
def make_client(make_app: Callable[..., Flask]) -> Make:
    def make(**settings: str) -> FlaskClient:
        app = make_app(**settings)
        with app.app_context():
            open_newsroom(app, "gazette")
        return app.test_client()

    return make


@pytest.mark.parametrize(
    "place",
    [
        CLEAR,
        "http://192.168.1.7:8000",
        "http://localhost.example",
        "http://127.0.0.1.example",
    ],
)
def test_no_password_is_taken_in_clear(make_client: Make, place: str) -> None:
    client = make_client()
    answers = [
        client.get("/console/login", base_url=place),
        client.post("/console/login", data=FORM, base_url=place),
        client.post("/console/login/code", data={"code": "1"}, base_url=place),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert "https" in answer.text
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "place",
    [
        TLS,
        "http://localhost:8000",
        "http://desk.localhost",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
    ],
)
def test_a_password_is_taken_where_nobody_reads_it(
    make_client: Make, place: str
) -> None:
    client = make_client()
    assert client.get("/console/login", base_url=place).status_code == 200
    answer = client.post("/console/login", data=FORM, base_url=place)
    assert answer.status_code == 303


def test_a_setting_allows_it_in_clear(make_client: Make) -> None:
    client = make_client(MODERATION_LOGIN_OVER_HTTP="true")
    answer = client.post("/console/login", data=FORM, base_url=CLEAR)
    assert answer.status_code == 303
    assert answer.headers["Set-Cookie"].startswith(f"{TOKEN_COOKIE}=")


@pytest.mark.parametrize(("proxies", "status"), [("0", 403), ("1", 303)])
def test_only_a_trusted_proxy_tells_of_https(
    make_client: Make, proxies: str, status: int
) -> None:
    client = make_client(MODERATION_TRUSTED_PROXIES=proxies)
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    answer = client.post("/console/login", data=FORM, base_url=CLEAR, headers=headers)
    assert answer.status_code == status
    has_hsts = "Strict-Transport-Security" in answer.headers
    assert has_hsts is (status == 303)


def test_over_https_the_cookie_is_the_hosts_alone(make_client: Make) -> None:
    client = make_client()
    answer = client.post("/console/login", data=FORM, base_url=TLS)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{HOST_PREFIX}{TOKEN_COOKIE}=staff_")
    assert "; Secure" in cookie
    assert "; Path=/" in cookie
    assert "Domain" not in cookie
    queue = client.get("/api/v1/queue", base_url=TLS, headers=OURS)
    assert queue.status_code == 200


def test_a_session_of_before_goes_on(make_client: Make) -> None:
    client = make_client(MODERATION_LOGIN_OVER_HTTP="true")
    client.post("/console/login", data=FORM, base_url=CLEAR)
    queue = client.get("/api/v1/queue", base_url=TLS, headers=OURS)
    assert queue.status_code == 200


def test_a_plain_cookie_takes_no_ones_place(make_client: Make) -> None:
    client = make_client()
    client.post("/console/login", data=FORM, base_url=TLS)
    client.set_cookie(TOKEN_COOKIE, "staff_of-another-host", domain="desk.example")
    queue = client.get("/api/v1/queue", base_url=TLS, headers=OURS)
    assert queue.status_code == 200


def test_over_http_a_prefixed_cookie_counts_for_nothing(make_client: Make) -> None:
    client = make_client()
    client.set_cookie(HOST_PREFIX + TOKEN_COOKIE, "x", domain="desk.example")
    assert client.get("/api/v1/queue", base_url=CLEAR, headers=OURS).status_code == 401


@pytest.mark.parametrize("place", [TLS, "http://localhost"])
def test_logging_out_forgets_the_cookie(make_client: Make, place: str) -> None:
    client = make_client()
    client.post("/console/login", data=FORM, base_url=place)
    assert client.post("/console/logout", base_url=place).status_code == 303
    host = place.partition("//")[2]
    for name in (TOKEN_COOKIE, HOST_PREFIX + TOKEN_COOKIE):
        assert client.get_cookie(name, domain=host) is None


@pytest.mark.parametrize("path", ["/console/login", "/healthz", "/api/v1/queue"])
def test_over_https_the_browser_stays_there(make_client: Make, path: str) -> None:
    client = make_client()
    secure = client.get(path, base_url=TLS)
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    # RFC 6797 section 7.2: never over http, where anybody could have written it.
    plain = client.get(path, base_url="http://localhost")
    assert "Strict-Transport-Security" not in plain.headers


@pytest.mark.parametrize("path", ["/console/login", "/console/nowhere"])
def test_pages_share_nothing_with_other_sites(make_client: Make, path: str) -> None:
    headers = make_client().get(path).headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = headers["Permissions-Policy"]
    for feature in ("camera", "geolocation", "microphone", "payment"):
        assert f"{feature}=()" in policy
