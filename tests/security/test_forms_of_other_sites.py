"""The console's forms and its cookie, used by other sites' pages over plain http.

Based on CWE-352 (cross-site request forgery) and on log-in forgery as Barth, Jackson,
and Mitchell described it in 2008: over http a browser sends no `Sec-Fetch-Site`, and
the host next door counts as the same site, so that `SameSite` doesn't hold it off.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from moderation.web.auth import CONSOLE_HEADER, TOKEN_COOKIE
from tests.builders import PASSWORD, open_newsroom
from tests.refusals import on_sqlite

pytestmark = on_sqlite
HERE = "http://mod.news.test:8811"
FORM = {"login": "gazette-moderator", "password": PASSWORD}
FORMS = [
    "login",
    "login/code",
    "logout",
    "language",
    "site",
    "theme",
    "account/password",
    "account/second-factor",
    "account/second-factor/confirm",
    "account/second-factor/recovery",
    "account/second-factor/remove",
    "account/sessions/end",
    "password/anything",
]
FOREIGN = [
    {"Origin": "http://evil.other.test"},
    {"Origin": "http://evil.news.test:8811"},
    {"Origin": "http://mod.news.test:9999"},
    {"Origin": "http://mod.news.test"},
    {"Origin": "http://mod.news.test:8811.evil.test"},
    {"Origin": "http://mod.news.test:8811@evil.test"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "http://mod.news.test:99999"},
    {"Origin": "file://mod.news.test:8811"},
    {"Referer": "http://evil.other.test/http://mod.news.test:8811/"},
    {"Origin": "http://evil.other.test", "Referer": HERE},
    {"Sec-Fetch-Site": "same-site", "Origin": HERE},
]
OURS: list[dict[str, str]] = [
    {},
    {"Origin": HERE},
    {"Origin": HERE.upper().replace("HTTP", "http")},
    {"Referer": f"{HERE}/console/login"},
    {"Origin": HERE, "Referer": "http://evil.other.test/"},
    # A proxy may pass another Host on; what the browser says of itself counts.
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://desk.example"},
]


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> FlaskClient:
    """A client of a service that takes passwords over http, as some do."""
    app = make_app(MODERATION_LOGIN_OVER_HTTP="true")
    with app.app_context():
        open_newsroom(app, "gazette")
    return app.test_client()


@pytest.fixture
def logged_in(client: FlaskClient) -> FlaskClient:
    answer = client.post("/console/login", data=FORM, base_url=HERE)
    assert answer.status_code == 303
    return client


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_another_site_is_refused(
    logged_in: FlaskClient, form: str, headers: dict[str, str]
) -> None:
    answer = logged_in.post(
        f"/console/{form}", data=FORM, base_url=HERE, headers=headers
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_a_form_of_ours_is_taken(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.post("/console/login", data=FORM, base_url=HERE, headers=headers)
    assert answer.status_code == 303


def test_tls_that_a_proxy_has_taken_off_changes_no_origin(client: FlaskClient) -> None:
    answer = client.post(
        "/console/login",
        data=FORM,
        base_url="http://mod.news.test",
        headers={"Origin": "https://mod.news.test"},
    )
    assert answer.status_code == 303


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_the_cookie_changes_nothing_for_another_site(
    logged_in: FlaskClient, headers: dict[str, str]
) -> None:
    sent = {CONSOLE_HEADER: "1", **headers}
    answer = logged_in.delete("/api/v1/session", base_url=HERE, headers=sent)
    assert answer.status_code == 401
    ours = {CONSOLE_HEADER: "1", "Origin": HERE}
    assert (
        logged_in.delete("/api/v1/session", base_url=HERE, headers=ours).status_code
        == 204
    )


def test_a_token_in_a_header_counts_from_anywhere(logged_in: FlaskClient) -> None:
    cookie = logged_in.get_cookie(TOKEN_COOKIE, domain="mod.news.test")
    assert cookie is not None
    headers = {
        "Authorization": f"Bearer {cookie.value}",
        "Origin": "http://evil.other.test",
    }
    answer = logged_in.delete("/api/v1/session", base_url=HERE, headers=headers)
    assert answer.status_code == 204
