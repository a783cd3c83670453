"""Batches: each comment is checked, stored and answered by itself."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from moderation.api.comment_bodies import MOST_IN_BATCH
from moderation.privacy import Privacy
from moderation.web.services import services_of
from tests.builders import Newsroom, comment, replace_services
from tests.refusals import assert_refused, on_sqlite

BATCH = "/api/v1/comments/batch"


def test_answers_stand_in_the_order_of_the_comments(newsroom: Newsroom) -> None:
    sent = [comment(external_id=f"c-{number}") for number in range(5)]
    answer = newsroom.as_site().post(BATCH, {"comments": sent})
    assert answer.status_code == 200
    assert [item["status_code"] for item in answer.json["comments"]] == [201] * 5
    named = [item["comment"]["external_id"] for item in answer.json["comments"]]
    assert named == [f"c-{number}" for number in range(5)]


def test_a_bad_comment_does_not_refuse_the_others(newsroom: Newsroom) -> None:
    sent: list[Any] = [
        comment(),
        comment(body=" "),
        "no object",
        None,
        comment(parent="0" * 13),
        comment(),
    ]
    answer = newsroom.as_site().post(BATCH, {"comments": sent})
    items = answer.json["comments"]
    assert [item["status_code"] for item in items] == [201, 422, 422, 422, 422, 201]
    assert set(items[1]["error"]["fields"]) == {"body"}
    assert set(items[4]["error"]["fields"]) == {"parent"}


def test_the_same_batch_again_makes_no_second_comments(newsroom: Newsroom) -> None:
    body = {"comments": [comment(external_id=f"c-{number}") for number in range(3)]}
    first = newsroom.as_site().post(BATCH, body).json["comments"]
    again = newsroom.as_site().post(BATCH, body).json["comments"]
    assert [item["status_code"] for item in again] == [200] * 3
    assert [item["comment"] for item in again] == [item["comment"] for item in first]


def test_one_id_twice_in_a_batch_is_one_comment_or_a_conflict(
    newsroom: Newsroom,
) -> None:
    one = comment(external_id="c-1")
    sent = [one, one, comment(external_id="c-1")]
    items = newsroom.as_site().post(BATCH, {"comments": sent}).json["comments"]
    assert [item["status_code"] for item in items] == [201, 200, 409]
    assert items[2]["error"]["code"] == "different_body"


@on_sqlite
@pytest.mark.parametrize("count", [0, MOST_IN_BATCH + 1])
def test_too_few_or_too_many_are_refused_whole(newsroom: Newsroom, count: int) -> None:
    answer = newsroom.as_site().post(BATCH, {"comments": [comment()] * count})
    assert_refused(answer, 422, "comments")


@on_sqlite
@pytest.mark.parametrize("comments", [None, {}, "x", 1])
def test_what_is_no_list_is_refused(newsroom: Newsroom, comments: Any) -> None:
    answer = newsroom.as_site().post(BATCH, {"comments": comments})
    assert_refused(answer, 422, "comments")


def test_a_batch_may_be_larger_than_one_comment(newsroom: Newsroom) -> None:
    sent = [comment(body="x" * 65_000, external_id=f"c-{each}") for each in range(20)]
    answer = newsroom.as_site().post(BATCH, {"comments": sent})
    assert {item["status_code"] for item in answer.json["comments"]} == {201}


def test_staff_can_not_send_batches(newsroom: Newsroom) -> None:
    assert_refused(newsroom.as_staff().post(BATCH, {"comments": [comment()]}), 403)


class FailingLater(Privacy):
    """Seals one address; then the database is gone."""

    def __init__(self, real: Privacy) -> None:
        vars(self).update(vars(real))
        self.sealed = 0

    def encrypt_email(self, email: str, comment_id: int) -> str:
        self.sealed += 1
        if self.sealed > 1:
            raise OperationalError("INSERT", {}, Exception("locked"))
        return super().encrypt_email(email, comment_id)


def test_a_fault_of_the_database_spares_what_was_stored_before(
    app: Flask, newsroom: Newsroom
) -> None:
    failing = FailingLater(services_of(app).privacy)
    replace_services(app, privacy=failing)
    sent = [comment() for _ in range(3)]
    answer = newsroom.as_site().post(BATCH, {"comments": sent})
    items = answer.json["comments"]
    assert [item["status_code"] for item in items] == [201, 503, 503]
    assert items[1]["error"]["code"] == "unavailable"
    assert failing.sealed == 2  # the third one did not wait, too
