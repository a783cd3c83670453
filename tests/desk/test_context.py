"""What the desk shows around a comment: thread, links, earlier texts and comments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import ALL_HELD, NOTHING_HELD, Newsroom
from tests.refusals import on_sqlite


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def hand(newsroom: Newsroom) -> dict[str, dict[str, Any]]:
    """Return the comments of the hand, by their author's name."""
    answer = newsroom.as_staff().post("/api/v1/hand", {"size": 20})
    assert answer.status_code == 200, answer.text
    return {each["author_name"]: each for each in answer.json["comments"]}


def test_the_thread_above_the_parent_is_there(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD)
    above = None
    for name in "ABC":
        above = newsroom.send(author_name=name, parent=above)["id"]
    newsroom.set_policy(ALL_HELD)
    newsroom.send(author_name="D", parent=above)
    found = hand(newsroom)["D"]
    assert [each["author_name"] for each in found["thread"]] == ["A", "B"]
    assert found["thread"][0]["status"] == "approved"
    assert found["parent_comment"]["author_name"] == "C"


def test_a_comment_on_the_article_has_no_thread(newsroom: Newsroom) -> None:
    newsroom.send(author_name="A")
    assert hand(newsroom)["A"]["thread"] == []


def test_links_lead_to_their_domain(newsroom: Newsroom) -> None:
    newsroom.send(
        author_name="A",
        author_url="https://me.example.org/",
        body="Look: https://pаypal.com/x and shop.co.uk",
    )
    links = hand(newsroom)["A"]["links"]
    assert [each["domain"] for each in links] == [
        "example.org",
        "xn--pypal-4ve.com",
        "shop.co.uk",
    ]
    assert links[1]["oddities"] == ["mixed"]
    assert [each["text"] for each in links[1]["host"] if each["is_odd"]] == ["а"]


def test_what_became_of_the_author_before_is_there(newsroom: Newsroom) -> None:
    staff = newsroom.as_staff()
    for number in range(5):
        sent = newsroom.send(author_name=f"A{number}", body=f"Number {number}.")
        path = f"/api/v1/comments/{sent['id']}/decisions"
        body = {"verdict": "reject", "version": 1, "reasons": ["spam"]}
        assert staff.post(path, body).status_code == 201
    newsroom.send(author_name="Other", author_email="other@mail.example")
    newsroom.send(author_name="New")
    found = hand(newsroom)
    assert found["Other"]["earlier"] == []
    earlier = found["New"]["earlier"]
    assert [each["body"] for each in earlier] == ["Number 4.", "Number 3.", "Number 2."]
    assert earlier[0]["verdict"] == "reject"
    assert earlier[0]["decided_by"] == "gazette-moderator"
    assert earlier[0]["reasons"] == [{"code": "spam"}]


@on_sqlite
def test_authors_of_other_sites_are_others(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    other_newsroom.send(author_name="A")
    newsroom.send(author_name="A")
    assert hand(newsroom)["A"]["earlier"] == []


def test_earlier_texts_are_there(newsroom: Newsroom) -> None:
    sent = newsroom.send(author_name="A", body="First text.")
    for text in ("Second text.", "Third text."):
        path = f"/api/v1/comments/{sent['id']}"
        assert newsroom.as_site().patch(path, {"body": text}).status_code == 200
    found = hand(newsroom)["A"]
    assert [each["body"] for each in found["revisions"]] == [
        "First text.",
        "Second text.",
    ]
    assert found["body"] == "Third text."
