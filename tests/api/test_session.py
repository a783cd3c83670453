"""Logging in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from moderation.accounts.staff import Role
from tests.builders import PASSWORD, Caller, Newsroom, open_newsroom
from tests.refusals import assert_refused, on_sqlite

SESSION = "/api/v1/session"
GOOD = {"login": "gazette-moderator", "password": PASSWORD}


def log_in(client: FlaskClient, **changed: Any) -> Any:
    body = {k: v for k, v in {**GOOD, **changed}.items() if v is not None}
    return Caller(client, "").post(SESSION, body)


def test_a_token_opens_the_session_of_its_person(newsroom: Newsroom) -> None:
    client = newsroom.app.test_client()
    answer = log_in(client)
    assert answer.status_code == 201
    assert set(answer.json) == {"token", "expires_at"}
    session = Caller(client, answer.json["token"]).get(SESSION)
    assert session.json == {
        "login": "gazette-moderator",
        "memberships": [{"site": "gazette", "role": "moderator", "sections": None}],
    }


@on_sqlite
@pytest.mark.parametrize(
    "changed",
    [
        {"password": "wrong"},
        {"login": "nobody"},
        {"login": "gazette-moderatör"},
        {"password": PASSWORD + " "},
        {"password": "p" * 1024},
    ],
)
def test_wrong_credentials_are_refused(
    newsroom: Newsroom, changed: dict[str, str]
) -> None:
    answer = log_in(newsroom.app.test_client(), **changed)
    assert_refused(answer, 401)
    assert answer.json["message"] == "Login or password is wrong."


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"login": None}, "login"),
        ({"login": ""}, "login"),
        ({"login": "a\x00b"}, "login"),
        ({"login": "a" * 64}, "login"),
        ({"login": 1}, "login"),
        ({"password": None}, "password"),
        ({"password": ""}, "password"),
        ({"password": "p" * 1025}, "password"),
        ({"password": "\ud800" * 12}, "password"),
        ({"remember": True}, "remember"),
    ],
)
def test_bad_credentials_are_told_by_field(
    newsroom: Newsroom, changed: dict[str, Any], field: str
) -> None:
    answer = log_in(newsroom.app.test_client(), **changed)
    assert_refused(answer, 422, field)
    assert PASSWORD not in answer.text


def test_logging_out_ends_the_token_at_once(newsroom: Newsroom) -> None:
    staff = newsroom.as_staff()
    assert staff.delete(SESSION).status_code == 204
    assert_refused(staff.get(SESSION), 401)
    assert newsroom.as_staff(Role.LEAD).get(SESSION).status_code == 200


@on_sqlite
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_site_keys_have_no_session(newsroom: Newsroom, method: str) -> None:
    assert_refused(newsroom.as_site().call(method, SESSION), 403)


def test_guessing_is_slowed_down(make_app: Callable[..., Flask]) -> None:
    app = make_app(MODERATION_LOGIN_LIMIT="3 per year")
    with app.app_context():
        open_newsroom(app, "gazette")
        client = app.test_client()
        codes = [log_in(client, password="wrong").status_code for _ in range(4)]
        assert codes == [401, 401, 401, 429]
        answer = log_in(client)
        assert_refused(answer, 429)


@on_sqlite
def test_guessing_one_login_is_slowed_down_from_everywhere(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(MODERATION_LOGIN_LIMIT="2 per year", MODERATION_TRUSTED_PROXIES="1")
    with app.app_context():
        open_newsroom(app, "gazette")
        codes = []
        for number in range(3):
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            caller = Caller(app.test_client(), "")
            answer = caller.post(SESSION, {**GOOD, "password": "x"}, headers=headers)
            codes.append(answer.status_code)
        assert codes == [401, 401, 429]


@on_sqlite
def test_a_forwarded_address_is_not_believed_without_a_proxy(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(MODERATION_LOGIN_LIMIT="2 per year")
    with app.app_context():
        codes = []
        for number in range(3):
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            body = {"login": f"nobody-{number}", "password": "x"}
            answer = Caller(app.test_client(), "").post(SESSION, body, headers=headers)
            codes.append(answer.status_code)
        assert codes == [401, 401, 429]
