"""The console's cookie: what it opens, and what it does not."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from moderation.web.auth import CONSOLE_HEADER, TOKEN_COOKIE
from tests.builders import PASSWORD, Newsroom
from tests.refusals import on_sqlite

pytestmark = on_sqlite
OURS = {CONSOLE_HEADER: "1"}
FORM = {"login": "gazette-moderator", "password": PASSWORD}


@pytest.fixture
def logged_in(newsroom: Newsroom, client: FlaskClient) -> FlaskClient:
    assert client.post("/console/login", data=FORM).status_code == 303
    return client


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    newsroom: Newsroom, client: FlaskClient
) -> None:
    answer = client.post("/console/login", data=FORM)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{TOKEN_COOKIE}=staff_")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Expires=" in cookie
    assert "Secure" not in cookie


def test_the_cookie_is_kept_to_https_where_there_is_https(
    newsroom: Newsroom, client: FlaskClient
) -> None:
    answer = client.post("/console/login", data=FORM, base_url="https://desk.example")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_the_cookie_alone_opens_no_api(logged_in: FlaskClient) -> None:
    assert logged_in.get("/api/v1/queue").status_code == 401
    assert logged_in.get("/api/v1/queue", headers=OURS).status_code == 200


def test_a_header_without_a_cookie_opens_nothing(client: FlaskClient) -> None:
    assert client.get("/api/v1/queue", headers=OURS).status_code == 401


def test_a_token_in_the_header_comes_first(logged_in: FlaskClient) -> None:
    headers = {**OURS, "Authorization": "Bearer staff_nobody"}
    assert logged_in.get("/api/v1/queue", headers=headers).status_code == 401


def test_a_logged_out_cookie_is_dead(logged_in: FlaskClient) -> None:
    token = logged_in.get_cookie(TOKEN_COOKIE)
    assert token is not None
    assert logged_in.post("/console/logout").status_code == 303
    logged_in.set_cookie(TOKEN_COOKIE, token.value)
    assert logged_in.get("/api/v1/queue", headers=OURS).status_code == 401
    assert logged_in.get("/console/").headers["Location"] == "/console/login"


@pytest.mark.parametrize("path", ["login", "logout"])
def test_forms_of_other_sites_are_refused(logged_in: FlaskClient, path: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = logged_in.post(f"/console/{path}", data=FORM, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert logged_in.get("/api/v1/queue", headers=OURS).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"login": "", "password": ""},
        {"login": "gazette-moderator", "password": "wrong"},
        {"login": "nobody", "password": PASSWORD},
        {"login": "a\x00b", "password": "c\x00d"},
        {"login": "x" * 9000, "password": "y" * 9000},
    ],
)
def test_who_is_not_known_stays_outside(
    newsroom: Newsroom, client: FlaskClient, form: dict[str, str]
) -> None:
    answer = client.post("/console/login", data=form)
    assert answer.status_code == 401
    assert "The username or password is wrong." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_pages_load_nothing_from_outside_and_are_not_kept(
    logged_in: FlaskClient,
) -> None:
    answer = logged_in.get("/console/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def test_what_is_not_there_is_told_by_a_page(client: FlaskClient) -> None:
    answer = client.get("/console/nowhere")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert answer.content_type.startswith("text/html")
