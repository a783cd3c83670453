"""Comments over HTTP: sent once, read, edited, deleted, by the right key."""

from __future__ import annotations

from typing import Any

import pytest

from moderation import identifiers
from moderation.accounts.staff import Role
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    NOTHING_HELD,
    Caller,
    Newsroom,
    Thresholds,
    comment,
)
from tests.refusals import assert_refused, on_sqlite

COMMENTS = "/api/v1/comments"
UNKNOWN = f"{COMMENTS}/{identifiers.encode(7)}"


def test_a_comment_is_answered_with_what_became_of_it(newsroom: Newsroom) -> None:
    answer = newsroom.as_site().post(COMMENTS, comment(external_id="c-1"))
    assert answer.status_code == 201
    assert set(answer.json) == {
        "id",
        "external_id",
        "status",
        "author_status",
        "verdict",
        "reasons",
        "scores",
        "model_version",
        "version",
        "status_url",
    }
    assert answer.json["external_id"] == "c-1"
    assert (answer.json["status"], answer.json["verdict"]) == ("approved", "approve")
    assert answer.json["reasons"] == [{"code": "clear"}]
    assert "toxicity" in answer.json["scores"]
    assert all(0 <= score <= 1 for score in answer.json["scores"].values())
    assert answer.json["model_version"]


@pytest.mark.parametrize(
    ("thresholds", "status"),
    [
        (NOTHING_HELD, "approved"),
        (ALL_HELD, "pending"),
        (ALL_REJECTED, "rejected"),
    ],
)
def test_the_policy_of_the_site_decides(
    newsroom: Newsroom, thresholds: Thresholds, status: str
) -> None:
    newsroom.set_policy(thresholds)
    assert newsroom.send()["status"] == status


def test_a_comment_reads_back_as_it_was_sent(newsroom: Newsroom) -> None:
    sent = comment(
        author_url="https://ada.example/",
        author_id="u-1",
        external_id="c-1",
        language="en-GB",
        written_at="2026-11-01T10:00:00+02:00",
        article_title="Bridge",
        article_section="Local",
    )
    made = newsroom.as_site().post(COMMENTS, sent).json
    read = newsroom.as_site().get(f"{COMMENTS}/{made['id']}").json
    for name in (
        "author_name",
        "author_url",
        "author_id",
        "external_id",
        "language",
        "body",
        "article",
    ):
        assert read[name] == sent[name]
    assert read["written_at"] == "2026-11-01T08:00:00+00:00"
    assert read["parent"] is None
    assert read["received_at"].endswith("+00:00")
    assert "author_email" not in read


def test_null_is_the_same_as_leaving_out(newsroom: Newsroom) -> None:
    fields = {
        "parent": None,
        "external_id": None,
        "author_url": None,
        "ip": None,
        "written_at": None,
    }
    body = {**comment(), **fields}
    assert newsroom.as_site().post(COMMENTS, body).status_code == 201


@pytest.mark.parametrize("name", ["Idempotency-Key", "external_id"])
def test_the_same_comment_again_gets_the_same_answer(
    newsroom: Newsroom, name: str
) -> None:
    body = comment(external_id="c-1" if name == "external_id" else None)
    headers = {"Idempotency-Key": "k-1"} if name != "external_id" else {}
    site = newsroom.as_site()
    first = site.post(COMMENTS, body, headers=headers)
    again = site.post(COMMENTS, body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json


def test_a_repetition_after_an_edit_gets_the_first_answer(newsroom: Newsroom) -> None:
    site, body = newsroom.as_site(), comment(external_id="c-1")
    first = site.post(COMMENTS, body).json
    newsroom.set_policy(ALL_REJECTED)
    edited = site.patch(f"{COMMENTS}/{first['id']}", {"body": "Otherwise."})
    assert edited.json["status"] == "rejected"
    assert site.post(COMMENTS, body).json == first


@pytest.mark.parametrize("name", ["Idempotency-Key", "external_id"])
def test_another_body_under_the_same_name_is_a_conflict(
    newsroom: Newsroom, name: str
) -> None:
    more = {"external_id": "c-1"} if name == "external_id" else {}
    headers = {"Idempotency-Key": "k-1"} if not more else {}
    site = newsroom.as_site()
    site.post(COMMENTS, comment(**more), headers=headers)
    answer = site.post(COMMENTS, comment(**more), headers=headers)
    assert_refused(answer, 409)
    assert answer.json["code"] == "different_body"


@on_sqlite
def test_two_sites_may_use_the_same_names(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    body, headers = comment(external_id="c-1"), {"Idempotency-Key": "k-1"}
    made = {
        room.as_site().post(COMMENTS, body, headers=headers).json["id"]
        for room in (newsroom, other_newsroom)
    }
    assert len(made) == 2


def test_every_bad_field_is_named_at_once(newsroom: Newsroom) -> None:
    body = {
        "author_email": "nobody",
        "body": " ",
        "article": "",
        "parent": "x",
        "ip": "1.2.3",
        "surplus": 1,
    }
    answer = newsroom.as_site().post(COMMENTS, body)
    assert_refused(answer, 422, *body, "author_name")
    assert answer.json["code"] == "invalid_fields"


def test_a_reply_stands_under_its_parent(newsroom: Newsroom) -> None:
    root = newsroom.send()["id"]
    reply = newsroom.send(parent=root)["id"]
    read = newsroom.as_site().get(f"{COMMENTS}/{reply}").json
    assert read["parent"] == root


@pytest.mark.parametrize("whose", ["unknown", "foreign", "other article"])
def test_a_parent_that_is_not_on_the_article_is_refused(
    newsroom: Newsroom, other_newsroom: Newsroom, whose: str
) -> None:
    parent = identifiers.encode(7)
    if whose == "foreign":
        parent = other_newsroom.send()["id"]
    elif whose == "other article":
        parent = newsroom.send(article="elsewhere")["id"]
    answer = newsroom.as_site().post(COMMENTS, comment(parent=parent))
    assert_refused(answer, 422, "parent")


def test_a_refused_comment_leaves_no_article_behind(newsroom: Newsroom) -> None:
    site = newsroom.as_site()
    parent = identifiers.encode(7)
    site.post(COMMENTS, comment(article="new", parent=parent))
    assert newsroom.send(article="new")["status"] == "approved"


def test_an_edit_is_scored_and_decided_anew(newsroom: Newsroom) -> None:
    made = newsroom.send(body="First.")
    newsroom.set_policy(ALL_HELD)
    answer = newsroom.as_site().patch(f"{COMMENTS}/{made['id']}", {"body": "Second."})
    assert answer.status_code == 200
    assert (answer.json["body"], answer.json["revision"]) == ("Second.", 2)
    assert (answer.json["status"], answer.json["version"]) == ("pending", 2)


def test_an_edit_of_an_approved_comment_goes_back_to_the_moderator(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(ALL_HELD)
    made = newsroom.send()
    newsroom.as_staff().post(
        f"{COMMENTS}/{made['id']}/decisions", {"verdict": "approve", "version": 1}
    )
    newsroom.set_policy(NOTHING_HELD)
    edited = newsroom.as_site().patch(f"{COMMENTS}/{made['id']}", {"body": "Changed."})
    assert edited.json["status"] == "pending"
    assert edited.json["reasons"][0] == {"code": "edited"}


@on_sqlite
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"body": ""}, "body"),
        ({"body": "x", "author_email": "a@b.example"}, "author_email"),
        ({"body": "x", "author_name": None}, "author_name"),
        ({"body": "x", "author_url": "ftp://x"}, "author_url"),
    ],
)
def test_a_bad_edit_is_refused(
    newsroom: Newsroom, body: dict[str, Any], field: str
) -> None:
    made = newsroom.send()
    answer = newsroom.as_site().patch(f"{COMMENTS}/{made['id']}", body)
    assert_refused(answer, 422, field)


def test_a_deleted_comment_is_gone(newsroom: Newsroom) -> None:
    site, made = newsroom.as_site(), newsroom.send()
    path = f"{COMMENTS}/{made['id']}"
    assert site.delete(path).status_code == 204
    assert_refused(site.get(path), 404)
    assert_refused(site.delete(path), 404)
    assert_refused(site.patch(path, {"body": "Back."}), 404)


def test_replies_to_a_deleted_comment_stay(newsroom: Newsroom) -> None:
    root = newsroom.send()["id"]
    reply = newsroom.send(parent=root)["id"]
    newsroom.as_site().delete(f"{COMMENTS}/{root}")
    assert newsroom.as_site().get(f"{COMMENTS}/{reply}").status_code == 200


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("whose", ["unknown", "foreign"])
def test_a_comment_of_another_site_is_not_there(
    newsroom: Newsroom, other_newsroom: Newsroom, method: str, whose: str
) -> None:
    path = UNKNOWN
    if whose == "foreign":
        path = f"{COMMENTS}/{other_newsroom.send()['id']}"
    body = {"body": "Mine."} if method == "PATCH" else None
    assert_refused(newsroom.as_site().call(method, path, json=body), 404)


def test_staff_of_the_site_may_read_and_strangers_may_not(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    path = f"{COMMENTS}/{newsroom.send()['id']}"
    assert newsroom.as_staff().get(path).status_code == 200
    assert_refused(other_newsroom.as_staff(Role.ADMIN).get(path), 404)


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", COMMENTS), ("PATCH", UNKNOWN), ("DELETE", UNKNOWN)],
)
def test_staff_can_not_write_comments(
    newsroom: Newsroom, method: str, path: str
) -> None:
    answer = newsroom.as_staff(Role.ADMIN).call(method, path, json=comment())
    assert_refused(answer, 403)


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", COMMENTS), ("GET", UNKNOWN), ("PATCH", UNKNOWN), ("DELETE", UNKNOWN)],
)
@pytest.mark.parametrize(
    "credential",
    ["", "a" * 12, "staff_nobody", "x", "é" * 12, "a b", "\x80\xff", "a" * 5000],
)
def test_an_unknown_credential_is_refused(
    newsroom: Newsroom, method: str, path: str, credential: str
) -> None:
    caller = Caller(newsroom.app.test_client(), credential)
    answer = caller.call(method, path, json=comment())
    assert_refused(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@on_sqlite
@pytest.mark.parametrize("header", ["", "Basic {}", "{}", "Bearer", "Bearer{}"])
def test_another_authorization_scheme_is_refused(
    newsroom: Newsroom, header: str
) -> None:
    value = header.format(newsroom.key)
    answer = newsroom.as_site().get(UNKNOWN, headers={"Authorization": value})
    assert_refused(answer, 401)


def test_the_scheme_is_read_in_any_letter_case(newsroom: Newsroom) -> None:
    headers = {"Authorization": f"bearer {newsroom.key}"}
    assert_refused(newsroom.as_site().get(UNKNOWN, headers=headers), 404)


def test_a_method_that_is_not_there_names_those_that_are(newsroom: Newsroom) -> None:
    answer = newsroom.as_site().put(COMMENTS, comment())
    assert_refused(answer, 405)
    assert "POST" in answer.headers["Allow"]
