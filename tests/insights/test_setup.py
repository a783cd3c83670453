"""The setup of a new site, and agencies."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from tests.builders import ALL_HELD, Newsroom

SITE = "/api/v1/sites/gazette"


def read(newsroom: Newsroom) -> Any:
    answer = newsroom.as_staff(Role.ADMIN).get(f"{SITE}/setup")
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_step_is_done_once_what_it_asks_for_is_there(
    newsroom: Newsroom, session: Session
) -> None:
    assert read(newsroom) == {
        "key": True,
        "comment": False,
        "history": False,
        "colleague": True,
        "webhook": False,
        "policy": False,
        "first_comment": None,
        "is_hidden": False,
    }
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send(body="A point away is a point.")
    newsroom.send()
    webhook = {"url": "https://hooks.example/", "types": ["comment.held"]}
    newsroom.as_staff(Role.ADMIN).post(f"{SITE}/webhooks", webhook)
    found = read(newsroom)
    first = found.pop("first_comment")
    assert {name for name, is_done in found.items() if is_done} == {
        *("key", "comment", "colleague", "webhook", "policy")
    }
    assert (first["id"], first["status"]) == (sent["id"], "pending")
    assert first["body"] == "A point away is a point."


def test_an_erased_first_comment_is_not_shown(newsroom: Newsroom) -> None:
    sent = newsroom.send()
    newsroom.as_site().delete(f"/api/v1/comments/{sent['id']}")
    found = read(newsroom)
    assert (found["comment"], found["first_comment"]) == (True, None)


def test_the_checklist_is_hidden_and_shown_again(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    for is_hidden in (True, True, False, False):
        answer = admin.put(f"{SITE}/setup", {"is_hidden": is_hidden})
        assert answer.json["is_hidden"] is is_hidden
        assert read(newsroom)["is_hidden"] is is_hidden


@pytest.mark.parametrize("agency", ["", " ", "a" * 64, "desk@agency.example", 7])
def test_an_agency_that_is_no_name_is_refused(newsroom: Newsroom, agency: Any) -> None:
    path = f"{SITE}/staff/gazette-moderator/agency"
    answer = newsroom.as_staff(Role.ADMIN).put(path, {"agency": agency})
    assert answer.status_code == 422
    assert list(answer.json["fields"]) == ["agency"]


def test_only_people_of_the_site_have_an_agency(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    path = f"{SITE}/staff/herald-moderator/agency"
    assert admin.put(path, {"agency": "Night Desk"}).status_code == 404
    path = f"{SITE}/staff/gazette-moderator/agency"
    for agency in ("Night Desk", None, None):
        assert admin.put(path, {"agency": agency}).json == {"agency": agency}
