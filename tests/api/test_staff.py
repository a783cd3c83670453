"""Staff by API: invited, given roles, disabled; the account of a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.tables.accounts import SecondFactor, Staff, StaffLink, StaffToken
from moderation.tables.comments import Comment
from tests.builders import (
    ALL_HELD,
    PASSWORD,
    Answer,
    Caller,
    Newsroom,
    hire,
    open_newsroom,
)
from tests.refusals import assert_refused, on_sqlite

STAFF = "/api/v1/sites/gazette/staff"
ACCOUNT = "/api/v1/account"
NEW = "seven unrelated umbrellas"
MODERATOR = {"role": "moderator"}


def invite(newsroom: Newsroom, login: str = "grace", **role: Any) -> Answer:
    body = {"login": login, "roles": [role or MODERATOR]}
    return newsroom.as_staff(Role.ADMIN).post(STAFF, body)


def accept(newsroom: Newsroom, answer: Answer, password: str = NEW) -> Answer:
    token = answer.json["link"]["url"].rpartition("/")[2]
    body = {"token": token, "password": password}
    return Caller(newsroom.app.test_client(), "").post(f"{ACCOUNT}/password/link", body)


def log_in(newsroom: Newsroom, login: str, password: str) -> Caller:
    client = newsroom.app.test_client()
    body = {"login": login, "password": password}
    answer = Caller(client, "").post("/api/v1/session", body)
    assert answer.status_code == 201, answer.text
    return Caller(client, answer.json["token"])


def test_an_invited_person_sets_a_password_once(newsroom: Newsroom) -> None:
    answer = invite(newsroom, role="moderator", sections=["Sport"])
    assert answer.status_code == 201
    assert answer.json["member"]["state"] == "invited"
    assert answer.json["member"]["roles"] == [
        {"role": "moderator", "sections": ["Sport"]}
    ]
    assert accept(newsroom, answer).json == {"login": "grace"}
    person = log_in(newsroom, "grace", NEW).get("/api/v1/session").json
    assert person["memberships"] == [
        {"site": "gazette", "role": "moderator", "sections": ["Sport"]}
    ]
    assert accept(newsroom, answer, NEW + "!").status_code == 404
    listed = newsroom.as_staff(Role.ADMIN).get(STAFF).json["staff"]
    states = {member["login"]: member["state"] for member in listed}
    assert states["grace"] == "active"


@pytest.mark.parametrize("password", ["short", "passwordpassword", "123456789012"])
@on_sqlite
def test_a_password_that_is_easy_to_guess_leaves_the_link_as_it_is(
    newsroom: Newsroom, password: str
) -> None:
    answer = invite(newsroom)
    assert_refused(accept(newsroom, answer, password), 422, "password")
    assert accept(newsroom, answer).status_code == 200


@on_sqlite
def test_an_expired_link_is_no_link(newsroom: Newsroom) -> None:
    answer = invite(newsroom)
    past = datetime.now(UTC) - timedelta(seconds=1)
    db.session.execute(sa.update(StaffLink).values(expires_at=past))
    db.session.commit()
    assert accept(newsroom, answer).status_code == 404


@on_sqlite
def test_a_newer_link_ends_the_older_one(newsroom: Newsroom) -> None:
    older = invite(newsroom)
    newer = newsroom.as_staff(Role.ADMIN).post(f"{STAFF}/grace/password-link")
    assert newer.status_code == 201
    assert accept(newsroom, older).status_code == 404
    assert (
        accept(newsroom, replace(newer, json={"link": newer.json})).status_code == 200
    )


@on_sqlite
@pytest.mark.parametrize(
    ("roles", "field"),
    [
        ([], "roles"),
        ([{"role": "queen"}], "roles"),
        ([{"role": "admin", "sections": ["Sport"]}], "sections"),
        ([{"role": "lead", "sections": ["A", "A"]}], "sections"),
        ([{"role": "lead", "sections": []}], "roles"),
        ([{"role": "lead"}, {"role": "moderator"}], "sections"),
    ],
)
def test_roles_that_make_no_sense_are_refused(
    newsroom: Newsroom, roles: Any, field: str
) -> None:
    body = {"login": "grace", "roles": roles}
    answer = newsroom.as_staff(Role.ADMIN).post(STAFF, body)
    assert answer.status_code == 422
    assert any(name.startswith(field) for name in answer.json["fields"])
    assert db.session.scalar(sa.select(Staff).where(Staff.login == "grace")) is None


def test_a_disabled_person_is_out_at_once(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    comment = newsroom.send()["id"]
    invited = invite(newsroom)
    accept(newsroom, invited)
    grace = log_in(newsroom, "grace", NEW)
    created = grace.post(f"{ACCOUNT}/tokens", {"name": "script", "scopes": ["read"]})
    script = Caller(newsroom.app.test_client(), created.json["token"])
    assert script.get("/api/v1/queue").status_code == 200
    assert grace.put(f"/api/v1/comments/{comment}/claim").status_code == 200
    admin = newsroom.as_staff(Role.ADMIN)
    answer = admin.post(f"{STAFF}/grace/disable")
    assert (answer.status_code, answer.json["state"]) == (200, "disabled")
    assert grace.get("/api/v1/queue").status_code == 401
    assert script.get("/api/v1/queue").status_code == 401
    claims = db.session.scalars(sa.select(Comment.claimed_by)).all()
    assert claims == [None]
    assert admin.post(f"{STAFF}/grace/disable").status_code == 409
    assert admin.post(f"{STAFF}/grace/enable").json["state"] == "active"
    assert log_in(newsroom, "grace", NEW).get("/api/v1/queue").status_code == 200
    assert script.get("/api/v1/queue").status_code == 401  # ended for good


def test_a_site_keeps_its_last_admin(newsroom: Newsroom) -> None:
    admin, login = newsroom.as_staff(Role.ADMIN), "gazette-admin"
    assert admin.post(f"{STAFF}/{login}/disable").status_code == 409
    assert admin.delete(f"{STAFF}/{login}").status_code == 409
    demoted = admin.put(f"{STAFF}/{login}", {"roles": [{"role": "lead"}]})
    assert demoted.status_code == 409
    hire(newsroom, "second", (Role.ADMIN, ""))
    assert admin.delete(f"{STAFF}/{login}").status_code == 204
    assert admin.get(STAFF).status_code == 404  # no role there any more


@on_sqlite
def test_an_admin_acts_on_no_account_that_other_sites_share(
    newsroom: Newsroom,
) -> None:
    other = open_newsroom(newsroom.app, "courier")
    newsroom.also_at(other, Role.MODERATOR)
    admin, login = newsroom.as_staff(Role.ADMIN), "gazette-moderator"
    for method, path in (
        ("POST", "disable"),
        ("POST", "enable"),
        ("POST", "password-link"),
        ("DELETE", "sessions"),
    ):
        assert admin.call(method, f"{STAFF}/{login}/{path}").status_code == 403
    assert admin.delete(f"{STAFF}/{login}").status_code == 204
    left = other.as_staff(Role.ADMIN).get("/api/v1/sites/courier/staff").json["staff"]
    assert login in [member["login"] for member in left]


@on_sqlite
def test_a_person_works_at_a_second_site(newsroom: Newsroom) -> None:
    other = open_newsroom(newsroom.app, "courier")
    path = "/api/v1/sites/courier/staff/gazette-moderator"
    body = {"roles": [{"role": "lead"}]}
    stranger = other.as_staff(Role.ADMIN)
    assert stranger.put(path, body).status_code == 404  # not of a site of theirs
    newsroom.also_at(other, Role.ADMIN)
    answer = newsroom.as_staff(Role.ADMIN).put(path, body)
    assert answer.status_code == 200
    person = newsroom.as_staff().get("/api/v1/session").json["memberships"]
    assert {(each["site"], each["role"]) for each in person} == {
        ("gazette", "moderator"),
        ("courier", "lead"),
    }


def test_a_changed_password_ends_the_other_sessions(newsroom: Newsroom) -> None:
    login = "gazette-moderator"
    here, there = (log_in(newsroom, login, PASSWORD) for _ in range(2))
    wrong = here.put(f"{ACCOUNT}/password", {"old_password": "no", "new_password": NEW})
    assert_refused(wrong, 422, "old_password")
    weak = {"old_password": PASSWORD, "new_password": "passwordpassword"}
    assert_refused(here.put(f"{ACCOUNT}/password", weak), 422, "new_password")
    body = {"old_password": PASSWORD, "new_password": NEW}
    assert here.put(f"{ACCOUNT}/password", body).status_code == 204
    assert here.get("/api/v1/session").status_code == 200
    assert there.get("/api/v1/session").status_code == 401
    assert log_in(newsroom, login, NEW).get("/api/v1/session").status_code == 200


def test_a_person_sees_and_ends_their_sessions(newsroom: Newsroom) -> None:
    login = "gazette-moderator"
    here, there = (log_in(newsroom, login, PASSWORD) for _ in range(2))
    listed = here.get(f"{ACCOUNT}/sessions").json["sessions"]
    assert [row["is_current"] for row in listed].count(True) == 1
    other = listed[0]["id"]  # the newest
    assert here.delete(f"{ACCOUNT}/sessions/{other}").status_code == 204
    assert there.get("/api/v1/session").status_code == 401
    assert here.delete(f"{ACCOUNT}/sessions").json == {"ended": 1}  # the newsroom's
    strange = newsroom.as_staff(Role.ADMIN).delete(f"{ACCOUNT}/sessions/{other}")
    assert strange.status_code == 404


@on_sqlite
@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        (["read"], (200, 403, 403)),
        (["moderate"], (200, 201, 403)),
        (["manage"], (200, 201, 200)),
    ],
)
def test_a_personal_token_does_what_its_scopes_allow(
    newsroom: Newsroom, scopes: list[str], statuses: tuple[int, ...]
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    body = {"name": "script", "scopes": scopes, "days": 1}
    created = admin.post(f"{ACCOUNT}/tokens", body)
    assert created.status_code == 201
    script = Caller(newsroom.app.test_client(), created.json["token"])
    assert (
        script.get("/api/v1/queue").status_code,
        script.post(
            "/api/v1/views", {"name": "mine", "filters": {}, "order": "due"}
        ).status_code,
        script.get("/api/v1/sites/gazette/webhooks").status_code,
    ) == statuses
    (listed,) = admin.get(f"{ACCOUNT}/tokens").json["tokens"]
    assert (listed["name"], listed["scopes"]) == ("script", scopes)
    assert listed["last_used_at"] is not None
    assert admin.delete(f"{ACCOUNT}/tokens/{listed['id']}").status_code == 204
    assert script.get("/api/v1/queue").status_code == 401


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "password", {"old_password": PASSWORD, "new_password": NEW}),
        ("GET", "sessions", None),
        ("DELETE", "sessions", None),
        ("GET", "tokens", None),
        ("POST", "tokens", {"name": "second", "scopes": ["manage"]}),
    ],
)
def test_a_personal_token_opens_no_account(
    newsroom: Newsroom, method: str, path: str, body: Any
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    token = admin.post(f"{ACCOUNT}/tokens", {"name": "a", "scopes": ["manage"]})
    script = Caller(newsroom.app.test_client(), token.json["token"])
    answer = script.call(method, f"{ACCOUNT}/{path}", json=body)
    assert answer.status_code == 403


@on_sqlite
def test_a_session_ends_when_it_goes_unused(newsroom: Newsroom) -> None:
    moderator = newsroom.as_staff()
    assert moderator.get("/api/v1/session").status_code == 200
    long_ago = datetime.now(UTC) - timedelta(minutes=121)
    db.session.execute(sa.update(StaffToken).values(last_used_at=long_ago))
    db.session.commit()
    assert moderator.get("/api/v1/session").status_code == 401


@on_sqlite
def test_a_link_is_followed_in_the_console(
    newsroom: Newsroom, client: FlaskClient
) -> None:
    path = invite(newsroom).json["link"]["url"]
    page = client.get(path)
    assert "Your username is grace." in page.text
    weak = client.post(path, data={"password": "passwordpassword"})
    assert weak.status_code == 422
    assert "easy to guess" in weak.text
    done = client.post(path, data={"password": NEW})
    assert done.headers["Location"] == "/console/login"
    assert client.get(path).status_code == 404
    form = {"login": "grace", "password": NEW}
    assert client.post("/console/login", data=form).headers["Location"] == "/console/"
    account = client.get("/console/account").text
    assert "This session" in account
    wrong = client.post("/console/account/password", data={"old": "no", "new": NEW})
    assert wrong.status_code == 422
    changed = client.post(
        "/console/account/password", data={"old": NEW, "new": f"{NEW} again"}
    )
    assert "Your password was changed" in changed.text


def test_roles_that_have_changed_since_are_not_overwritten(newsroom: Newsroom) -> None:
    invite(newsroom)
    admin, path = newsroom.as_staff(Role.ADMIN), f"{STAFF}/grace"
    seen = {"seen_roles": [MODERATOR]}
    lead = {"roles": [{"role": "lead"}], **seen}
    assert admin.put(path, lead).status_code == 200
    late = admin.put(path, {"roles": [{"role": "admin"}], **seen})
    assert_refused(late, 409)
    assert late.json["code"] == "stale_settings"
    members = {one["login"]: one for one in admin.get(STAFF).json["staff"]}
    assert members["grace"]["roles"] == [{"role": "lead", "sections": None}]


def test_a_second_factor_is_reset_and_sessions_end(
    newsroom: Newsroom, session: Session
) -> None:
    accept(newsroom, invite(newsroom))
    person = log_in(newsroom, "grace", NEW)
    staff = session.scalars(sa.select(Staff).where(Staff.login == "grace")).one()
    start_writing(session)
    session.add(
        SecondFactor(
            staff_id=staff.id,
            sealed_secret="x",
            last_step=0,
            created_at=datetime.now(UTC),
            confirmed_at=datetime.now(UTC),
        )
    )
    session.commit()
    admin, path = newsroom.as_staff(Role.ADMIN), f"{STAFF}/grace/second-factor"
    answer = admin.delete(path)
    assert (answer.status_code, answer.json["has_second_factor"]) == (200, False)
    assert person.get("/api/v1/session").status_code == 401
    assert log_in(newsroom, "grace", NEW).get("/api/v1/session").status_code == 200


@on_sqlite
def test_nobody_resets_their_own_second_factor(newsroom: Newsroom) -> None:
    path = f"{STAFF}/gazette-admin/second-factor"
    assert_refused(newsroom.as_staff(Role.ADMIN).delete(path), 403)


@on_sqlite
def test_an_admin_links_and_unlinks_an_account_at_the_provider(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(
        MODERATION_OIDC_ISSUER="https://login.example",
        MODERATION_OIDC_CLIENT_ID="desk",
        MODERATION_OIDC_CLIENT_SECRET="secret",
        MODERATION_OIDC_ROLES="desk=gazette:moderator",
    )
    with app.app_context():
        admin = open_newsroom(app, "gazette").as_staff(Role.ADMIN)
        lead, moderator = (f"{STAFF}/gazette-{role}" for role in ("lead", "moderator"))
        linked = admin.put(f"{lead}/identity", {"subject": "s-1"})
        assert linked.json["has_identity"]
        taken = admin.put(f"{moderator}/identity", {"subject": "s-1"})
        assert_refused(taken, 409)
        assert not admin.delete(f"{lead}/identity").json["has_identity"]
        assert_refused(admin.delete(f"{lead}/identity"), 404)
        assert_refused(admin.put(f"{lead}/identity", {"subject": ""}), 422, "subject")


@on_sqlite
def test_without_single_sign_on_no_account_is_linked(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    answer = admin.put(f"{STAFF}/gazette-lead/identity", {"subject": "s-1"})
    assert_refused(answer, 409)
