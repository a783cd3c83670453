"""Single sign-on with a certified OpenID Connect provider, through its own pages."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from moderation.accounts import identities
from moderation.accounts.staff import Role
from moderation.console.single_sign_on import START_COOKIE
from moderation.database import db, start_writing
from moderation.tables.accounts import Staff, StaffToken
from moderation.web.auth import CONSOLE_HEADER, TOKEN_COOKIE
from tests.audit.rows import entries
from tests.builders import NOW, PASSWORD, Newsroom, open_newsroom
from tests.identity_provider import IdentityProvider, running
from tests.refusals import on_sqlite

pytestmark = on_sqlite
CALLBACK = "http://localhost/console/oidc/callback"
OURS = {CONSOLE_HEADER: "1"}
ROLES = "desk=gazette:moderator; chiefs=gazette:lead; sport=gazette:moderator:Sport"
PEOPLE = {
    "sub-grace": {"preferred_username": "Grace@news.example", "groups": ["desk"]},
    "sub-lin": {"preferred_username": "lin", "groups": ["sport", "unknown"]},
    "sub-eve": {"preferred_username": "eve", "groups": ["canteen"]},
    "sub-double": {"preferred_username": "gazette-lead", "groups": ["chiefs"]},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with running(PEOPLE, [CALLBACK]) as one:
        yield one


@pytest.fixture
def app(make_app: Callable[..., Flask], provider: IdentityProvider) -> Iterator[Flask]:
    app = make_app(**provider.settings(ROLES))
    with app.app_context():
        open_newsroom(app, "gazette")
        yield app


def start(client: FlaskClient) -> str:
    answer = client.get("/console/oidc")
    assert answer.status_code == 302
    return answer.headers["Location"]


def sign_on(
    client: FlaskClient, provider: IdentityProvider, subject: str
) -> TestResponse:
    return client.get(provider.log_in(start(client), subject))


def session_of(client: FlaskClient) -> dict[str, object]:
    answer = client.get("/api/v1/session", headers=OURS)
    assert answer.status_code == 200
    body: dict[str, object] = answer.json or {}
    return body


def staff_of(login: str) -> Staff | None:
    db.session.remove()
    return db.session.scalar(sa.select(Staff).where(Staff.login == login))


def test_a_person_of_a_mapped_group_is_created_and_let_in(
    client: FlaskClient, provider: IdentityProvider
) -> None:
    answer = sign_on(client, provider, "sub-grace")
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0; url=/console/"' in answer.text
    assert session_of(client) == {
        "login": "grace",
        "memberships": [{"site": "gazette", "role": "moderator", "sections": None}],
    }
    sign_on(client, provider, "sub-grace")
    assert session_of(client)["login"] == "grace"


def test_a_group_can_stand_for_a_section(
    client: FlaskClient, provider: IdentityProvider
) -> None:
    sign_on(client, provider, "sub-lin")
    assert session_of(client)["memberships"] == [
        {"site": "gazette", "role": "moderator", "sections": ["Sport"]}
    ]


def test_claims_in_the_id_token_are_enough(make_app: Callable[..., Flask]) -> None:
    with running(PEOPLE, [CALLBACK], in_user_info=False) as provider:
        app = make_app(**provider.settings(ROLES))
        with app.app_context():
            open_newsroom(app, "gazette")
            client = app.test_client()
            sign_on(client, provider, "sub-grace")
            assert session_of(client)["login"] == "grace"


def test_the_cookies_are_out_of_reach(
    client: FlaskClient, provider: IdentityProvider
) -> None:
    started = client.get("/console/oidc")
    cookie = started.headers["Set-Cookie"]
    assert cookie.startswith(f"{START_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    answer = client.get(provider.log_in(started.headers["Location"], "sub-grace"))
    given, forgotten = answer.headers.getlist("Set-Cookie")
    assert given.startswith(f"{TOKEN_COOKIE}=staff_")
    assert "SameSite=Strict" in given
    assert "HttpOnly" in given
    assert forgotten.startswith(f"{START_COOKIE}=;")
    over_https = client.get("/console/oidc", base_url="https://desk.example")
    cookie = over_https.headers["Set-Cookie"]
    assert cookie.startswith(f"__Host-{START_COOKIE}=")
    assert "Secure" in cookie


def test_the_request_has_state_nonce_and_a_challenge(client: FlaskClient) -> None:
    url = urlsplit(start(client))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == CALLBACK
    assert query["scope"] == "openid profile groups"
    assert min(len(query[name]) for name in ("state", "nonce", "code_challenge")) >= 20


def test_the_provider_stands_for_a_second_factor(
    make_app: Callable[..., Flask], provider: IdentityProvider
) -> None:
    app = make_app(**provider.settings(ROLES), MODERATION_REQUIRE_TOTP="all")
    with app.app_context():
        open_newsroom(app, "gazette")
        client = app.test_client()
        sign_on(client, provider, "sub-grace")
        assert client.get("/api/v1/queue", headers=OURS).status_code == 200
        fields = {"name": "script", "scopes": ["read"], "days": 1}
        created = client.post("/api/v1/account/tokens", json=fields, headers=OURS)
        assert created.json is not None
        bearer = {"Authorization": f"Bearer {created.json['token']}"}
        assert app.test_client().get("/api/v1/queue", headers=bearer).status_code == 200


def test_the_account_page_leaves_passwords_to_the_provider(
    client: FlaskClient, provider: IdentityProvider
) -> None:
    sign_on(client, provider, "sub-grace")
    page = client.get("/console/account").text
    assert "It manages your password" in page
    assert "old-password" not in page


def test_nobody_is_let_in_without_a_mapped_group(
    client: FlaskClient, provider: IdentityProvider
) -> None:
    answer = sign_on(client, provider, "sub-eve")
    assert answer.status_code == 403
    assert "None of your groups has a role here" in answer.text
    assert client.get_cookie(TOKEN_COOKIE) is None
    assert staff_of("eve") is None


def test_a_username_that_is_taken_is_no_proof(
    client: FlaskClient, provider: IdentityProvider
) -> None:
    answer = sign_on(client, provider, "sub-double")
    assert answer.status_code == 409
    assert "sub-double" in answer.text
    assert client.get_cookie(TOKEN_COOKIE) is None
    link("gazette-lead", "sub-double", provider)
    sign_on(client, provider, "sub-double")
    assert session_of(client)["login"] == "gazette-lead"


def link(login: str, subject: str, provider: IdentityProvider) -> None:
    session = db.session()
    start_writing(session)
    staff = session.scalars(sa.select(Staff).where(Staff.login == login)).one()
    identities.link_identity(session, staff, provider.issuer, subject, NOW)
    session.commit()
    db.session.remove()


def test_a_disabled_person_is_refused(
    client: FlaskClient, provider: IdentityProvider
) -> None:
    sign_on(client, provider, "sub-grace")
    session = db.session()
    start_writing(session)
    session.execute(sa.update(Staff).values(disabled_at=NOW))
    session.commit()
    answer = sign_on(app_client(client), provider, "sub-grace")
    assert answer.status_code == 403
    assert "This account is disabled" in answer.text


def app_client(client: FlaskClient) -> FlaskClient:
    return client.application.test_client()


def test_the_audit_log_tells_who_came_by_which_way(
    client: FlaskClient, provider: IdentityProvider, session: Session
) -> None:
    sign_on(client, provider, "sub-grace")
    sign_on(client, provider, "sub-eve")
    sign_on(client, provider, "sub-double")
    recorded = [
        (entry.action, entry.actor_kind, entry.details) for entry in entries(session)
    ][-6:]
    grace = staff_of("grace")
    assert grace is not None
    assert [row[:2] for row in recorded] == [
        ("staff.added", "provider"),
        ("staff.identity_linked", "provider"),
        ("staff.role_changed", "provider"),
        ("staff.logged_in", "staff"),
        ("staff.sign_on_refused", "provider"),
        ("staff.sign_on_refused", "provider"),
    ]
    assert recorded[3][2] == {"single_sign_on": True}
    assert [row[2] for row in recorded[4:]] == [
        {"why": "no_mapped_group"},
        {"why": "username_taken"},
    ]
    assert "sub-" not in str(recorded)


def test_a_denial_gives_a_page(client: FlaskClient, provider: IdentityProvider) -> None:
    url = provider.log_in(start(client), "sub-grace", denies=True)
    answer = client.get(url)
    assert answer.status_code == 403
    assert "did not let you log in" in answer.text


@pytest.mark.parametrize(
    "change",
    [
        lambda url: re.sub(r"state=[^&]+", "state=another", url),
        lambda url: re.sub(r"[?&]state=[^&]+", "?", url),
        lambda url: re.sub(r"code=[^&]+", "code=invented", url),
        lambda url: re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", url),
        lambda _: CALLBACK,
    ],
    ids=["state", "no-state", "code", "issuer", "nothing"],
)
def test_a_changed_answer_is_refused(
    client: FlaskClient, provider: IdentityProvider, change: Callable[[str], str]
) -> None:
    url = change(provider.log_in(start(client), "sub-grace"))
    answer = client.get(url)
    assert answer.status_code == 403
    assert "was not completed" in answer.text
    assert client.get_cookie(TOKEN_COOKIE) is None


def test_an_answer_counts_once_and_in_the_browser_that_asked(
    client: FlaskClient, provider: IdentityProvider
) -> None:
    url = provider.log_in(start(client), "sub-grace")
    assert app_client(client).get(url).status_code == 403
    cookie = client.get_cookie(START_COOKIE)
    assert cookie is not None
    assert client.get(url).status_code == 200
    assert client.get(url).status_code == 403  # the cookie is gone
    client.set_cookie(START_COOKIE, cookie.value)
    assert client.get(url).status_code == 403  # and so is the code


def test_a_provider_that_is_down_gives_a_page(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    with running(PEOPLE, [CALLBACK]) as provider:
        app = make_app(**provider.settings(ROLES))
        client = app.test_client()
        url = provider.log_in(start(client), "sub-grace")
        never = make_app(**provider.settings(ROLES)).test_client()
    for answer in (client.get(url), never.get("/console/oidc")):
        assert answer.status_code == 503
        assert "can&#39;t be reached" in answer.text
    assert "the provider failed: ConnectionError" in caplog.text


def test_a_provider_of_another_issuer_is_refused(
    make_app: Callable[..., Flask],
    provider: IdentityProvider,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = provider.settings(ROLES)
    settings["MODERATION_OIDC_ISSUER"] += "/"
    answer = make_app(**settings).test_client().get("/console/oidc")
    assert answer.status_code == 503
    assert "names another issuer" in caplog.text


def test_the_log_holds_no_code_and_no_token(
    client: FlaskClient,
    provider: IdentityProvider,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    url = provider.log_in(start(client), "sub-grace")
    caplog.clear()  # the test's own way through the provider's pages
    client.get(url)
    client.get(url)
    query = parse_qs(urlsplit(url).query)
    ours = "\n".join(caplog.messages)
    assert "single sign-on of person" in ours
    token = client.get_cookie(TOKEN_COOKIE)
    assert token is not None
    for secret in (query["code"][0], query["state"][0], "a-secret", token.value):
        assert secret not in ours


@pytest.mark.usefixtures("app")
def test_the_log_in_page_offers_both_ways(client: FlaskClient) -> None:
    page = client.get("/console/login").text
    assert "Log in with your organization" in page
    assert 'name="password"' in page


def test_without_a_provider_there_is_no_way_to_it(
    make_app: Callable[..., Flask],
) -> None:
    client = make_app().test_client()
    assert "organization" not in client.get("/console/login").text
    assert client.get("/console/oidc").status_code == 404
    assert client.get("/console/oidc/callback").status_code == 404


@pytest.fixture
def closed(
    make_app: Callable[..., Flask], provider: IdentityProvider
) -> Iterator[Newsroom]:
    app = make_app(**provider.settings(ROLES), MODERATION_LOCAL_LOGIN="false")
    with app.app_context():
        yield open_newsroom(app, "gazette")


def test_no_password_logs_in(closed: Newsroom) -> None:
    client = closed.app.test_client()
    form = {"login": "gazette-lead", "password": PASSWORD}
    answer = client.post("/api/v1/session", json=form)
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "local_login_off"
    for path in ("login", "login/code"):
        page = client.post(f"/console/{path}", data=form)
        assert page.status_code == 403
        assert "Passwords are switched off here" in page.text
    assert client.get_cookie(TOKEN_COOKIE) is None


def test_password_pages_are_gone(closed: Newsroom) -> None:
    client = closed.app.test_client()
    assert 'name="password"' not in client.get("/console/login").text
    assert client.get("/console/password/x").status_code == 404
    assert client.post("/console/password/x").status_code == 404
    link = client.post(
        "/api/v1/account/password/link", json={"token": "x", "password": PASSWORD}
    )
    assert link.status_code == 404
    admin = closed.as_staff(Role.ADMIN)
    path = "/api/v1/sites/gazette/staff/gazette-lead/password-link"
    assert admin.post(path).json["code"] == "local_login_off"
    change = {"old_password": PASSWORD, "new_password": "another horse battery"}
    answer = admin.put("/api/v1/account/password", change)
    assert answer.json["code"] == "local_login_off"


def test_the_provider_and_tokens_go_on(
    closed: Newsroom, provider: IdentityProvider
) -> None:
    client = closed.app.test_client()
    sign_on(client, provider, "sub-grace")
    assert session_of(client)["login"] == "grace"
    assert closed.as_staff().get("/api/v1/queue").status_code == 200
    db.session.remove()
    rows = db.session.scalars(sa.select(StaffToken.is_single_sign_on)).all()
    assert sorted(rows) == [False, False, False, True]
