"""Comments with personal data: held by default, or published without it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from moderation.accounts.staff import Role
from tests.builders import NOTHING_HELD, Newsroom, comment

COMMENTS = "/api/v1/comments"
TEXT = "The mayor lives here: write to mayor@town.example.org or +49 30 901820!"
MASKED = "The mayor lives here: write to […] or […]!"


@pytest.fixture
def published(newsroom: Newsroom) -> Newsroom:
    """A site where nothing is held by score."""
    newsroom.set_policy(NOTHING_HELD)
    return newsroom


def set_action(newsroom: Newsroom, **setting: Any) -> None:
    path, admin = f"/api/v1/sites/{newsroom.name}/policy", newsroom.as_staff(Role.ADMIN)
    policy = admin.get(path).json
    kept = {name: policy[name] for name in policy if name not in {"id", "created_at"}}
    answer = admin.put(path, {**kept, "default": "post", "personal_data": setting})
    assert answer.status_code == 200, answer.json


def thread(newsroom: Newsroom) -> list[str]:
    article = quote(comment()["article"], safe="")
    page = newsroom.as_site().get(f"/api/v1/articles/{article}/comments").json
    return [entry["body"] for entry in page["comments"]]


def test_it_is_held_by_default_where_it_stands(published: Newsroom) -> None:
    set_action(published, action="hold")
    sent = published.send(body=TEXT)
    assert sent["status"] == "pending"
    (reason,) = sent["reasons"]
    assert reason["code"] == "personal_data"
    assert [TEXT[start:end] for start, end in reason["spans"]] == [
        "mayor@town.example.org",
        "+49 30 901820",
    ]
    harmless = published.send(body="The mayor lives here.")
    assert harmless["status"] == "approved"
    edited = published.as_site().patch(f"{COMMENTS}/{harmless['id']}", {"body": TEXT})
    assert edited.json["status"] == "pending"


def test_readers_see_it_masked_and_staff_does_not(published: Newsroom) -> None:
    set_action(published, action="mask")
    sent = published.send(body=TEXT)
    assert sent["status"] == "approved"
    assert thread(published) == [MASKED]
    card = published.as_staff().get(f"{COMMENTS}/{sent['id']}/card").json
    assert card["body"] == TEXT
    set_action(published, action="off")
    assert thread(published) == [TEXT]


def test_numbers_of_the_site_s_country_need_its_setting(published: Newsroom) -> None:
    local = "Call 030 901820 now"
    set_action(published, action="hold")
    assert published.send(body=local)["status"] == "approved"
    set_action(published, action="hold", phone_regions=["DE"])
    assert published.send(body=local)["status"] == "pending"
