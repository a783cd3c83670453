"""Webhooks over the API: added, changed, refused, looked into, for admins alone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.errors import InvalidFields
from moderation.tables.webhooks import Webhook
from moderation.webhooks import endpoints
from tests.builders import ALL_HELD, Caller, Newsroom
from tests.leaks.test_leaks import dump
from tests.refusals import assert_refused, on_sqlite

WEBHOOKS = "/api/v1/sites/gazette/webhooks"
GOOD = {"url": "https://cms.gazette.example/events", "types": ["comment.approved"]}


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


@pytest.fixture
def webhook(admin: Caller) -> dict[str, Any]:
    """A webhook, with its secret."""
    made: dict[str, Any] = admin.post(WEBHOOKS, GOOD).json
    return made


def path_of(webhook: dict[str, Any], tail: str = "") -> str:
    return f"/api/v1/webhooks/{webhook['id']}{tail}"


def test_a_webhook_is_added_and_its_secret_shown_once(
    newsroom: Newsroom, admin: Caller, session: Session
) -> None:
    answer = admin.post(WEBHOOKS, GOOD)
    assert answer.status_code == 201
    made = answer.json
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert (made["url"], made["types"], made["is_on"]) == (*GOOD.values(), True)
    assert (made["version"], made["created_by"]) == (1, "gazette-admin")
    assert admin.get(WEBHOOKS).json == {"webhooks": [made]}
    assert admin.get(path_of(made)).json == made
    assert secret not in dump(session)


def test_a_webhook_is_changed_by_the_version_that_was_seen(
    admin: Caller, webhook: dict[str, Any]
) -> None:
    body = {"url": "https://b.example/", "types": ["alarm.raised"], "is_on": False}
    changed = admin.put(path_of(webhook), {**body, "version": 1})
    assert changed.status_code == 200
    assert {name: changed.json[name] for name in body} == body
    assert (changed.json["version"], changed.json["changed_by"]) == (2, "gazette-admin")
    again = admin.put(path_of(webhook), {**body, "version": 1})
    assert_refused(again, 409)
    assert again.json["code"] == "stale_webhook"
    for answer in (
        admin.post(path_of(webhook, "/secret"), {"version": 1}),
        admin.delete(path_of(webhook, "?version=1")),
    ):
        assert_refused(answer, 409)


def test_a_deleted_webhook_is_nowhere(
    newsroom: Newsroom, admin: Caller, webhook: dict[str, Any]
) -> None:
    assert admin.delete(path_of(webhook, "?version=1")).status_code == 204
    assert admin.get(WEBHOOKS).json == {"webhooks": []}
    for answer in (
        admin.get(path_of(webhook)),
        admin.get(path_of(webhook, "/deliveries")),
        admin.post(path_of(webhook, "/test")),
        admin.post(path_of(webhook, "/replay")),
        admin.delete(path_of(webhook, "?version=2")),
    ):
        assert_refused(answer, 404)
    newsroom.send()  # there is no receiver, and nothing breaks


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "cms.gazette.example"),
        ("url", "ftp://cms.gazette.example/"),
        ("url", "https://user:word@cms.gazette.example/"),
        ("url", "https://cms.gazette.example:99999/"),
        ("url", ""),
        ("url", 7),
        ("url", "https://cms.gazette.example/" + "a" * 2048),
        ("url", "http://cms.gazette.example/"),
        ("url", "https://localhost/"),
        ("url", "https://cms.localhost./"),
        ("url", "https://127.0.0.1/"),
        ("url", "https://10.1.2.3/"),
        ("url", "https://169.254.169.254/latest"),
        ("url", "https://[::1]/"),
        ("url", "https://[fd00::1]/"),
        ("url", "https://[::ffff:127.0.0.1]/"),
        ("url", "https://0.0.0.0/"),
        ("url", "https://2130706433/"),
        ("url", "https://0x7f000001/"),
        ("url", "https://127.1/"),
        ("types", []),
        ("types", ["comment.approved", "webhook.test"]),
        ("types", ["comment.published"]),
        ("types", "comment.approved"),
        ("is_on", "yes"),
        ("secret", "mine"),
    ],
)
def test_a_bad_field_is_named(
    admin: Caller, session: Session, field: str, value: Any
) -> None:
    answer = admin.post(WEBHOOKS, {**GOOD, field: value})
    assert answer.status_code == 422
    assert {name.partition(".")[0] for name in answer.json["fields"]} == {field}
    assert session.scalars(sa.select(Webhook)).all() == []


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("http://10.1.2.3/", True),
        ("https://10.1.2.3/", True),
        ("http://cms.internal/", True),  # what it resolves to is seen when sending
        ("http://192.168.0.1/", False),
        ("https://192.168.0.1/", False),
        ("http://8.8.8.8/", False),
        ("https://8.8.8.8/", True),
    ],
)
def test_networks_that_the_installation_allows_can_be_reached_over_http(
    url: str, is_taken: bool
) -> None:
    refused = None
    try:
        endpoints.refuse_address(url, ("10.0.0.0/8",))
    except InvalidFields as error:
        refused = error.fields
    assert (refused is None) == is_taken
    assert is_taken or set(refused or {}) == {"url"}


def test_a_site_has_so_many_webhooks_and_no_more(
    admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "MAX_WEBHOOKS", 2)
    for _ in range(2):
        assert admin.post(WEBHOOKS, GOOD).status_code == 201
    refused = admin.post(WEBHOOKS, GOOD)
    assert_refused(refused, 409)
    assert refused.json["code"] == "too_many_webhooks"


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_only_admins_see_and_change_webhooks(
    newsroom: Newsroom, webhook: dict[str, Any], role: Role
) -> None:
    caller = newsroom.as_staff(role)
    assert_refused(caller.get(WEBHOOKS), 403)
    assert_refused(caller.post(WEBHOOKS, GOOD), 403)
    assert_refused(caller.get(path_of(webhook)), 404)
    assert_refused(caller.post(path_of(webhook, "/test")), 404)


def test_strangers_and_sites_see_no_webhook(
    newsroom: Newsroom, other_newsroom: Newsroom, webhook: dict[str, Any]
) -> None:
    stranger = other_newsroom.as_staff(Role.ADMIN)
    for answer in (
        stranger.get(WEBHOOKS),
        stranger.get(path_of(webhook)),
        stranger.put(path_of(webhook), {**GOOD, "is_on": True, "version": 1}),
        stranger.post(path_of(webhook, "/secret"), {"version": 1}),
        stranger.get(path_of(webhook, "/deliveries")),
        stranger.post(path_of(webhook, "/replay")),
        stranger.delete(path_of(webhook, "?version=1")),
    ):
        assert_refused(answer, 404)
    assert_refused(newsroom.as_site().get(WEBHOOKS), 403)


def test_a_test_event_waits_for_a_worker(
    admin: Caller, webhook: dict[str, Any]
) -> None:
    answer = admin.post(path_of(webhook, "/test"))
    assert answer.status_code == 202
    assert (answer.json["type"], answer.json["state"]) == ("webhook.test", "waiting")
    listed = admin.get(path_of(webhook, "/deliveries")).json
    assert listed == {"deliveries": [answer.json], "next": None}
    body = {**GOOD, "is_on": False, "version": 1}
    assert admin.put(path_of(webhook), body).status_code == 200
    refused = admin.post(path_of(webhook, "/test"))
    assert_refused(refused, 409)
    assert refused.json["code"] == "webhook_off"


def test_deliveries_come_in_pages_and_by_state(
    newsroom: Newsroom, admin: Caller
) -> None:
    newsroom.set_policy(ALL_HELD)
    webhook = admin.post(WEBHOOKS, {**GOOD, "types": ["comment.held"]}).json
    sent = [newsroom.send()["id"] for _ in range(5)]
    seen: list[str] = []
    path = path_of(webhook, "/deliveries")
    cursor: dict[str, str] = {}
    while True:
        query = {"limit": 2, "state": "waiting", **cursor}
        page = admin.get(path, query_string=query).json
        seen += [each["comment"] for each in page["deliveries"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == sent[::-1]
    for state in ("delivered", "failed"):
        assert admin.get(path, query_string={"state": state}).json["deliveries"] == []
    for bad in ({"state": "lost"}, {"limit": 0}, {"cursor": "x"}):
        assert_refused(admin.get(path, query_string=bad), 422, *bad)
    assert admin.get(path_of(webhook)).json["waiting"] == 5


def test_what_may_be_taken_back_is_shown_as_due_later(
    newsroom: Newsroom, admin: Caller, webhook: dict[str, Any]
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()
    body = {"verdict": "approve", "version": 1}
    newsroom.as_staff().post(f"/api/v1/comments/{sent['id']}/decisions", body)
    (told,) = admin.get(path_of(webhook, "/deliveries")).json["deliveries"]
    assert told["due_at"] > told["created_at"]


def test_a_delivery_of_another_webhook_is_not_replayed(
    admin: Caller, webhook: dict[str, Any]
) -> None:
    other = admin.post(WEBHOOKS, GOOD).json
    number = admin.post(path_of(other, "/test")).json["id"]
    assert_refused(admin.post(path_of(webhook, f"/deliveries/{number}/replay")), 404)
    assert_refused(admin.post(path_of(other, f"/deliveries/{number}/replay")), 409)
