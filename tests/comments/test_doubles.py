"""The same author, article, and text within a minute is one comment."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.comments import articles, doubles
from moderation.comments.submission import Submission
from moderation.sites import sites
from moderation.tables.comments import Comment
from moderation.web.services import services_of
from tests.builders import ENVIRONMENT, Answer, Newsroom, comment, open_newsroom
from tests.concurrency.test_concurrency import at_once, count

COMMENTS = "/api/v1/comments"


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """The settings of the service under test: as they are by default."""
    settings = {**ENVIRONMENT, "DATABASE_URL": database_url}
    del settings["MODERATION_DOUBLE_SECONDS"]
    return settings


def send(newsroom: Newsroom, key: str | None = None, **fields: Any) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    body = comment(**{"body": "Well said.", **fields})
    return newsroom.as_site().post(COMMENTS, body, headers=headers)


def test_a_double_is_answered_as_the_first(newsroom: Newsroom) -> None:
    first = send(newsroom)
    again = send(newsroom)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json


@pytest.mark.parametrize(
    "change",
    [
        {"author_name": "Ada L."},
        {"body": "\n Well said.\r\n"},
        {"user_agent": "Another browser"},
        {"ip": "192.0.2.7"},
        {"author_email": "ADA@mail.example"},
        {"article": "https://gazette.example/bridge?utm_source=x"},
    ],
)
def test_what_tells_no_comments_apart(
    newsroom: Newsroom, change: dict[str, str]
) -> None:
    first = send(newsroom).json
    again = send(newsroom, **change)
    assert (again.status_code, again.json["id"]) == (200, first["id"])


@pytest.mark.parametrize(
    "change",
    [
        {"author_email": "bo@mail.example"},
        {"body": "Well said!"},
        {"article": "https://gazette.example/ferry"},
        {"external_id": "c-2"},
        {"written_at": "2020-01-01T00:00:00Z"},
        {"author_id": "42"},
    ],
)
def test_what_tells_comments_apart(newsroom: Newsroom, change: dict[str, str]) -> None:
    assert send(newsroom).status_code == 201
    assert send(newsroom, **change).status_code == 201


def test_replies_are_told_apart_by_what_they_reply_to(newsroom: Newsroom) -> None:
    parents = [send(newsroom, body=f"Number {n}").json["id"] for n in range(2)]
    replies = [send(newsroom, parent=each) for each in (*parents, parents[0])]
    assert [each.status_code for each in replies] == [201, 201, 200]


def test_an_author_is_told_by_the_verified_id_first(newsroom: Newsroom) -> None:
    first = send(newsroom, author_id="42")
    again = send(newsroom, author_id="42", author_email="new@mail.example")
    assert (again.status_code, again.json["id"]) == (200, first.json["id"])
    assert send(newsroom, author_id="43").status_code == 201


def test_another_key_for_the_same_comment_is_no_other_comment(
    newsroom: Newsroom,
) -> None:
    """Two clicks on a button, each a request of its own."""
    assert send(newsroom, key="k-1").status_code == 201
    assert send(newsroom, key="k-2").status_code == 200


def test_a_key_with_another_body_is_refused_still(newsroom: Newsroom) -> None:
    assert send(newsroom, key="k-1").status_code == 201
    assert send(newsroom, key="k-1", author_name="Bo").status_code == 409


@pytest.mark.parametrize(("seconds", "is_double"), [(59, True), (61, False)])
def test_it_is_another_comment_after_a_minute(
    newsroom: Newsroom, session: Session, seconds: int, is_double: bool
) -> None:
    fields = comment()
    sent = newsroom.send(**fields)
    site = sites.find_by_id(session, newsroom.site_id)
    assert site is not None
    row = session.get_one(Comment, identifiers.decode(sent["id"]))
    double = doubles.find_double(
        session,
        site,
        fields,
        Submission(
            at=row.received_at + timedelta(seconds=seconds),
            article=articles.find_known(session, site, fields["article"]),
        ),
        privacy=services_of(newsroom.app).privacy,
        window=timedelta(seconds=60),
    )
    assert (double is not None) is is_double


def test_an_erased_comment_can_be_written_again(newsroom: Newsroom) -> None:
    first = send(newsroom).json
    newsroom.as_site().delete(f"{COMMENTS}/{first['id']}")
    assert send(newsroom).status_code == 201


def test_in_a_batch_too_but_not_for_an_archive(newsroom: Newsroom) -> None:
    bodies = [comment(body="Thanks!") for _ in range(2)]
    bodies += [
        comment(body="Thanks!", written_at=f"202{n}-01-01T00:00:00Z") for n in range(3)
    ]
    answer = newsroom.as_site().post(f"{COMMENTS}/batch", {"comments": bodies}).json
    codes = [item["status_code"] for item in answer["comments"]]
    assert codes == [201, 200, 201, 201, 201]


def test_six_at_once_are_one(app: Flask, newsroom: Newsroom, session: Session) -> None:
    for body in ("First under its article", "Second under it"):
        call = functools.partial(send, newsroom, body=body)
        codes = sorted(answer.status_code for answer in at_once(app, [call] * 6))
        assert codes == [200] * 5 + [201]
    assert count(session, Comment) == 2


def test_off_every_text_is_a_comment(make_app: Callable[..., Flask]) -> None:
    app = make_app(MODERATION_DOUBLE_SECONDS="0")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        assert [send(newsroom).status_code for _ in range(2)] == [201, 201]
