"""The compatibility APIs of a site over the API."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from tests.builders import Answer, Newsroom
from tests.leaks.test_leaks import dump
from tests.refusals import assert_refused, on_sqlite

PATH = "/api/v1/sites/gazette/integrations"
SECRET = "empsec_0123456789abcdef"


def read(newsroom: Newsroom) -> dict[str, Any]:
    answer = newsroom.as_staff(Role.ADMIN).get(PATH)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json
    return body


def change(newsroom: Newsroom, seen: dict[str, Any], **fields: Any) -> Answer:
    kept = {k: v for k, v in seen.items() if k not in {"version", "has_coral_secret"}}
    body = {**kept, **fields, "seen_version": seen["version"]}
    return newsroom.as_staff(Role.ADMIN).put(PATH, body)


def test_a_protocol_works_from_the_moment_that_it_is_enabled(
    newsroom: Newsroom,
) -> None:
    seen = read(newsroom)
    assert seen["protocols"] == []
    body = {"input": "A fair point."}
    site = newsroom.as_site()
    assert site.post("/v1/moderations", body).status_code == 403
    answer = change(newsroom, seen, protocols=["openai"])
    assert (answer.status_code, answer.json["protocols"]) == (200, ["openai"])
    assert site.post("/v1/moderations", body).status_code == 200
    assert read(newsroom) == answer.json


def test_a_change_of_what_has_changed_since_is_refused(newsroom: Newsroom) -> None:
    seen = read(newsroom)
    assert change(newsroom, seen, protocols=["coral"]).status_code == 200
    late = change(newsroom, seen, protocols=["akismet"])
    assert_refused(late, 409)
    assert late.json["code"] == "stale_settings"
    assert read(newsroom)["protocols"] == ["coral"]


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("home", "http://gazette.example"),
        ("home", "gazette"),
        ("origins", ["https://gazette.example/a"]),
        ("discard", None),
    ],
)
def test_a_field_that_is_wrong_is_named(
    newsroom: Newsroom, field: str, value: Any
) -> None:
    assert_refused(change(newsroom, read(newsroom), **{field: value}), 422, field)


def test_a_secret_of_coral_is_stored_and_never_shown(
    newsroom: Newsroom, session: Session
) -> None:
    assert not read(newsroom)["has_coral_secret"]
    path, admin = f"{PATH}/coral-secret", newsroom.as_staff(Role.ADMIN)
    answer = admin.post(path, {"secret": SECRET})
    assert (answer.status_code, answer.json["has_coral_secret"]) == (201, True)
    assert SECRET not in answer.text
    assert SECRET not in admin.get(PATH).text
    assert SECRET not in dump(session)


@on_sqlite
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_others_are_refused(newsroom: Newsroom, role: Role) -> None:
    assert_refused(newsroom.as_staff(role).get(PATH), 403)
