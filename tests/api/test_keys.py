"""Site keys over the API: created, listed, replaced, revoked, and what they open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.sites.keys import KeyScope, is_key_format
from moderation.tables.sites import SiteKey
from tests.builders import Answer, Caller, Newsroom, comment
from tests.leaks.test_leaks import dump
from tests.refusals import assert_refused, on_sqlite

KEYS = "/api/v1/sites/gazette/keys"
COMMENTS = "/api/v1/comments"
ARTICLE = "/api/v1/articles/https:%2F%2Fgazette.example%2Fbridge/comments"
COUNTS = "/api/v1/articles/counts?url=https://gazette.example/bridge"
ORIGIN = "https://gazette.example"


def create(newsroom: Newsroom, *scopes: str, **fields: Any) -> Answer:
    body = {"name": "front end", "scopes": list(scopes), **fields}
    return newsroom.as_staff(Role.ADMIN).post(KEYS, body)


def holder(newsroom: Newsroom, *scopes: str, **fields: Any) -> Caller:
    """Return a client with a new key."""
    answer = create(newsroom, *scopes, **fields)
    assert answer.status_code == 201, answer.text
    return Caller(newsroom.app.test_client(), answer.json["secret"])


def test_a_key_is_created_listed_and_revoked(
    newsroom: Newsroom, session: Session
) -> None:
    before = datetime.now(UTC)
    created = create(newsroom, "report", "score", origins=[ORIGIN], expires_days=30)
    assert created.status_code == 201
    secret = created.json.pop("secret")
    assert is_key_format(secret)
    assert created.json["public_key"] == secret  # its pages show it
    admin = newsroom.as_staff(Role.ADMIN)
    legacy, listed = admin.get(KEYS).json["keys"]
    assert listed == created.json
    assert listed["scopes"] == ["score", "report"]
    assert (listed["has_all_scopes"], listed["is_valid"]) == (False, True)
    assert (listed["origins"], listed["name"]) == ([ORIGIN], "front end")
    assert listed["created_by"] == "gazette-admin"
    expires_at = datetime.fromisoformat(listed["expires_at"])
    assert timedelta(0) <= expires_at - before - timedelta(days=30) < timedelta(hours=1)
    assert legacy["scopes"] == [scope.value for scope in KeyScope]
    assert legacy["has_all_scopes"]
    assert legacy["created_by"] is None
    revoked = admin.delete(f"{KEYS}/{listed['id']}")
    assert revoked.status_code == 200
    assert (revoked.json["is_valid"], revoked.json["scopes_lost"]) == (False, [])
    assert_refused(Caller(newsroom.app.test_client(), secret).get(ARTICLE), 401)


def test_a_site_is_told_that_it_can_send_no_more(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    (legacy,) = admin.get(KEYS).json["keys"]
    holder(newsroom, "manage")
    revoked = admin.delete(f"{KEYS}/{legacy['id']}")
    assert revoked.json["scopes_lost"] == ["read", "score", "submit", "report"]
    assert_refused(newsroom.as_site().post(COMMENTS, comment()), 401)


def test_a_key_is_replaced_with_an_overlap(newsroom: Newsroom) -> None:
    created = create(newsroom, "submit").json
    path = f"{KEYS}/{created['id']}/rotation"
    admin = newsroom.as_staff(Role.ADMIN)
    replaced = admin.post(path, {"overlap_hours": 0})
    assert replaced.status_code == 201
    assert replaced.json["scopes"] == ["submit"]
    client = newsroom.app.test_client()
    answer = Caller(client, replaced.json["secret"]).post(COMMENTS, comment())
    assert answer.status_code == 201
    assert_refused(Caller(client, created["secret"]).post(COMMENTS, comment()), 401)
    assert_refused(admin.post(path, {}), 409)


@on_sqlite
@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"scopes": []}, ["scopes"]),
        ({"scopes": ["erase"]}, ["scopes.0"]),
        ({"scopes": None}, ["scopes"]),
        ({"origins": [f"{ORIGIN}/"], "scopes": ["score"]}, ["origins"]),
        ({"origins": [ORIGIN], "scopes": ["score", "submit"]}, ["scopes"]),
        ({"origins": [ORIGIN], "scopes": ["manage"]}, ["scopes"]),
        ({"expires_days": 0}, ["expires_days"]),
        ({"expires_days": 9999}, ["expires_days"]),
        ({"secret": "mine"}, ["secret"]),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    newsroom: Newsroom, fields: dict[str, Any], named: list[str]
) -> None:
    body = {"name": "front end", "scopes": ["submit"], **fields}
    assert_refused(newsroom.as_staff(Role.ADMIN).post(KEYS, body), 422, *named)
    assert len(newsroom.as_staff(Role.ADMIN).get(KEYS).json["keys"]) == 1


def test_keys_are_for_admins_of_the_site(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    (key,) = newsroom.as_staff(Role.ADMIN).get(KEYS).json["keys"]
    calls = [
        ("GET", KEYS, None),
        ("POST", KEYS, {"name": "a", "scopes": ["manage"]}),
        ("POST", f"{KEYS}/{key['id']}/rotation", {}),
        ("DELETE", f"{KEYS}/{key['id']}", None),
    ]
    for caller, status in [
        (newsroom.as_site(), 403),
        (newsroom.as_staff(Role.MODERATOR), 403),
        (newsroom.as_staff(Role.LEAD), 403),
        (other_newsroom.as_staff(Role.ADMIN), 404),
    ]:
        for method, path, body in calls:
            assert_refused(caller.call(method, path, json=body), status)
    theirs = f"/api/v1/sites/herald/keys/{key['id']}"
    admin = other_newsroom.as_staff(Role.ADMIN)
    assert_refused(admin.delete(theirs), 404)
    assert_refused(admin.post(f"{theirs}/rotation", {}), 404)
    assert newsroom.as_site().get(ARTICLE).status_code == 200


#: Each call of a site, and the scope that it needs.
CALLS = [
    ("POST", COMMENTS, "submit"),
    ("POST", f"{COMMENTS}/batch", "submit"),
    ("GET", ARTICLE, "read"),
    ("GET", COUNTS, "read"),
    ("GET", f"{COMMENTS}/ID/appeal", "submit"),
    ("POST", f"{COMMENTS}/ID/appeal", "submit"),
    ("POST", f"{COMMENTS}/ID/reports", "report"),
    ("GET", f"{COMMENTS}/ID", "manage"),
    ("PATCH", f"{COMMENTS}/ID", "manage"),
    ("DELETE", f"{COMMENTS}/ID", "manage"),
]


@pytest.mark.parametrize("scope", [scope.value for scope in KeyScope])
def test_a_key_opens_the_calls_of_its_scope_alone(
    newsroom: Newsroom, scope: str
) -> None:
    sent = newsroom.send()
    caller = holder(newsroom, scope)
    others = [other for other in KeyScope if other != scope]
    without = holder(newsroom, *others)
    for method, path, needed in CALLS:
        address = path.replace("ID", sent["id"])
        if method == "DELETE":
            continue  # last, below
        answer = caller.call(method, address, json={} if method != "GET" else None)
        _assert_scope(answer, needed, is_allowed=needed in {scope, included(scope)})
        answer = without.call(method, address, json={} if method != "GET" else None)
        is_allowed = needed in others or needed in map(included, others)
        _assert_scope(answer, needed, is_allowed=is_allowed)
    answer = caller.delete(f"{COMMENTS}/{sent['id']}")
    _assert_scope(answer, "manage", is_allowed=scope == "manage")


def included(scope: str) -> str | None:
    """Return the scope that another one includes."""
    return "read" if scope == "submit" else None


def test_the_secret_of_a_server_key_is_stored_as_a_hash_alone(
    newsroom: Newsroom, session: Session
) -> None:
    created = create(newsroom, "submit", "manage").json
    assert created["public_key"] is None
    assert created["secret"] not in dump(session)


def _assert_scope(answer: Answer, scope: str, *, is_allowed: bool) -> None:
    if is_allowed:
        assert answer.status_code not in {401, 403}, answer.text
        return
    assert_refused(answer, 403)
    assert answer.json["code"] == "scope_missing"
    assert answer.json["message"] == f"This key lacks the scope {scope}."


def test_an_expired_key_opens_nothing(newsroom: Newsroom, session: Session) -> None:
    caller = holder(newsroom, "submit", expires_days=1)
    assert caller.post(COMMENTS, comment()).status_code == 201
    start_writing(session)
    session.execute(
        sa.update(SiteKey)
        .where(SiteKey.expires_at.is_not(None))
        .values(expires_at=datetime.now(UTC))
    )
    session.commit()
    assert_refused(caller.post(COMMENTS, comment()), 401)


def last_used(session: Session) -> datetime | None:
    session.rollback()
    return session.scalar(sa.select(SiteKey.last_used_at))


def use(newsroom: Newsroom, path: str = ARTICLE) -> int:
    """Use the site's key as under a server, which closes each response."""
    db.session.remove()
    headers = {"Authorization": f"Bearer {newsroom.key}"}
    with newsroom.app.test_client().get(path, headers=headers) as response:
        return response.status_code


def test_the_last_use_is_recorded_after_the_response(
    newsroom: Newsroom, session: Session
) -> None:
    assert last_used(session) is None
    before = datetime.now(UTC)
    assert use(newsroom) == 200
    first = last_used(session)
    assert first is not None
    assert before <= first <= datetime.now(UTC)
    assert use(newsroom) == 200
    assert last_used(session) == first  # once a minute
    (listed,) = newsroom.as_staff(Role.ADMIN).get(KEYS).json["keys"]
    assert datetime.fromisoformat(listed["last_used_at"]) == first


def test_a_refused_request_is_a_use(newsroom: Newsroom, session: Session) -> None:
    assert use(newsroom, f"{COMMENTS}/nowhere") == 404
    assert last_used(session) is not None


REFUSING = {
    "sqlite": [
        "CREATE TRIGGER refuse BEFORE UPDATE ON site_keys "
        "BEGIN SELECT RAISE(ABORT, 'refused'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
        "CREATE TRIGGER refuse BEFORE UPDATE ON site_keys "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
}


def test_a_use_that_cannot_be_recorded_fails_no_request(
    newsroom: Newsroom, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """Here by a trigger that refuses to store it."""
    start_writing(session)
    for statement in REFUSING[session.get_bind().dialect.name]:
        session.execute(sa.text(statement))
    session.commit()
    assert use(newsroom) == 200
    assert last_used(session) is None
    assert "last use of site key" in caplog.text
    assert newsroom.key not in caplog.text
