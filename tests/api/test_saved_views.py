"""Saved views over HTTP: one's own and those of a site, with live counts."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.accounts.staff import Role
from moderation.queue import saved_views
from tests.builders import ALL_HELD, Answer, Newsroom
from tests.refusals import assert_refused, on_sqlite

VIEWS = "/api/v1/views"
QUEUE = "/api/v1/queue"
SPAM = {"label": "spam", "min_score": 0.0}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def save(newsroom: Newsroom, role: Role = Role.MODERATOR, **fields: Any) -> Answer:
    body = {"name": "Spam", "filters": SPAM, "order": "score", **fields}
    return newsroom.as_staff(role).post(VIEWS, body)


def names(newsroom: Newsroom, role: Role = Role.MODERATOR) -> list[str]:
    listed = newsroom.as_staff(role).get(VIEWS).json["views"]
    return [each["name"] for each in listed]


def test_a_view_is_saved_with_what_it_holds_now(newsroom: Newsroom) -> None:
    newsroom.send()
    answer = save(newsroom)
    assert answer.status_code == 201, answer.json
    view = answer.json
    assert view.pop("id") > 0
    assert view == {
        "name": "Spam",
        "owner": "gazette-moderator",
        "is_yours": True,
        "shared_with": None,
        "filters": SPAM,
        "order": "score",
        "counts": {"pending": 1, "overdue": 0, "is_partial": False},
        "assigned_to": [],
        "is_assigned_to_you": False,
    }


def test_counts_of_a_view_are_live(newsroom: Newsroom) -> None:
    path = (
        f"{VIEWS}/{save(newsroom, filters={'text': 'ferry'}, order='due').json['id']}"
    )
    assert newsroom.as_staff().get(path).json["counts"]["pending"] == 0
    newsroom.send(body="The ferry is tied up.")
    assert newsroom.as_staff().get(path).json["counts"]["pending"] == 1


def test_filters_are_kept_as_they_were_given(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    filters = {
        "site": "gazette",
        "section": "Local",
        "article": "https://gazette.example/a",
        "label": "insult",
        "min_score": 0.25,
        "max_score": 1.0,
        "language": "en-GB",
        "rule": 3,
        "campaign": 4,
        "author": "Ada",
        "author_of": made,
        "reason": "score",
        "first_time": False,
        "text": 'a "quoted" word',
    }
    saved = save(newsroom, filters=filters)
    assert saved.json["filters"] == filters
    assert newsroom.as_staff().get(VIEWS).json["views"] == [saved.json]


def test_the_queue_and_a_hand_are_read_by_a_view(newsroom: Newsroom) -> None:
    wanted = newsroom.send(body="The ferry is tied up.")["id"]
    newsroom.send()
    view = save(newsroom, filters={"text": "ferry"}, order="newest").json["id"]
    staff = newsroom.as_staff()
    listed = staff.get(f"{QUEUE}?view={view}").json["comments"]
    held = staff.post("/api/v1/hand", {"view": view}).json["comments"]
    for found in (listed, held):
        assert [each["id"] for each in found] == [wanted]


def test_a_filter_beside_a_view_goes_before_its_own(newsroom: Newsroom) -> None:
    newsroom.send(body="The ferry is tied up.")
    wanted = newsroom.send(body="The bridge is closed.")["id"]
    view = save(newsroom, filters={"text": "ferry"}, order="newest").json["id"]
    found = newsroom.as_staff().get(f"{QUEUE}?view={view}&text=bridge").json["comments"]
    assert [each["id"] for each in found] == [wanted]


def test_ones_own_views_are_seen_by_no_one_else(newsroom: Newsroom) -> None:
    path = f"{VIEWS}/{save(newsroom).json['id']}"
    assert names(newsroom, Role.ADMIN) == []
    other = newsroom.as_staff(Role.ADMIN)
    for method in ("GET", "DELETE"):
        assert_refused(other.call(method, path), 404)
    body = {"name": "Mine"}
    assert_refused(other.put(path, body), 404)
    assert_refused(other.get(f"{QUEUE}?view={path.rpartition('/')[2]}"), 404)


def test_a_lead_shares_a_view_with_the_staff_of_a_site(newsroom: Newsroom) -> None:
    shared = save(newsroom, Role.LEAD, shared_with="gazette").json
    (seen,) = newsroom.as_staff().get(VIEWS).json["views"]
    assert seen == {**shared, "is_yours": False}


def test_a_shared_view_is_about_its_site_alone(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.also_at(other_newsroom, Role.LEAD)
    filters = {**SPAM, "site": "herald"}
    answer = save(newsroom, Role.LEAD, shared_with="gazette", filters=filters)
    assert_refused(answer, 422, "filters.site")


def test_a_moderator_can_not_share(newsroom: Newsroom) -> None:
    assert_refused(save(newsroom, shared_with="gazette"), 403)


def test_a_view_is_not_shared_with_a_strangers_site(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    assert_refused(save(newsroom, Role.ADMIN, shared_with="herald"), 404)


def test_a_shared_view_is_changed_by_leads_alone(newsroom: Newsroom) -> None:
    shared = save(newsroom, Role.LEAD, shared_with="gazette").json
    path, body = f"{VIEWS}/{shared['id']}", {"name": "New", "shared_with": "gazette"}
    assert_refused(newsroom.as_staff().put(path, body), 403)
    assert_refused(newsroom.as_staff().delete(path), 403)
    changed = newsroom.as_staff(Role.ADMIN).put(path, body)
    assert changed.status_code == 200
    assert (changed.json["name"], changed.json["owner"]) == ("New", "gazette-lead")
    assert newsroom.as_staff(Role.ADMIN).delete(path).status_code == 204
    assert names(newsroom) == []


def test_a_view_is_replaced_whole(newsroom: Newsroom) -> None:
    path = f"{VIEWS}/{save(newsroom).json['id']}"
    changed = newsroom.as_staff().put(path, {"name": "All"}).json
    assert (changed["filters"], changed["order"]) == ({}, "due")
    assert newsroom.as_staff().get(path).json == changed


def test_a_name_is_used_once_by_a_person(newsroom: Newsroom) -> None:
    save(newsroom)
    other = save(newsroom, name="Other").json["id"]
    assert_refused(save(newsroom), 409)
    answer = newsroom.as_staff().put(f"{VIEWS}/{other}", {"name": "Spam"})
    assert_refused(answer, 409)
    assert save(newsroom, Role.LEAD).status_code == 201


def test_a_person_has_so_many_views(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MAX_VIEWS", 1)
    save(newsroom)
    assert_refused(save(newsroom, name="Second"), 409)


def test_strangers_see_no_shared_view(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    path = f"{VIEWS}/{save(newsroom, Role.LEAD, shared_with='gazette').json['id']}"
    assert names(other_newsroom, Role.ADMIN) == []
    assert_refused(other_newsroom.as_staff(Role.ADMIN).get(path), 404)


@on_sqlite
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 61}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"order": "random"}, "order"),
        ({"order": "score", "filters": {}}, "label"),
        ({"filters": {"colour": "red"}}, "filters.colour"),
        ({"filters": {"text": "x" * 201}}, "filters.text"),
        ({"filters": {"view": 1}}, "filters.view"),
        ({"filters": [1]}, "filters._schema"),
    ],
)
def test_views_that_make_no_sense_are_refused(
    newsroom: Newsroom, body: dict[str, Any], field: str
) -> None:
    assert_refused(save(newsroom, **body), 422, field)


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", ""), ("GET", "/1"), ("PUT", "/1"), ("DELETE", "/1")],
)
def test_site_keys_can_not_reach_views(
    newsroom: Newsroom, method: str, path: str
) -> None:
    body = {"name": "Spam"}
    assert_refused(newsroom.as_site().call(method, VIEWS + path, json=body), 403)
    nobody = {"headers": {"Authorization": ""}, "json": body}
    assert_refused(newsroom.as_site().call(method, VIEWS + path, **nobody), 401)


def listed(newsroom: Newsroom, query: str) -> list[str]:
    answer = newsroom.as_staff().get(f"/api/v1/comments?{query}")
    assert answer.status_code == 200, answer.json
    return [row["id"] for row in answer.json["comments"]]


def test_a_view_of_decided_comments_is_listed_but_not_queued(
    newsroom: Newsroom,
) -> None:
    made = [newsroom.send(author_name=name)["id"] for name in ("Bo", "Bodil")]
    body = {"verdict": "approve", "version": 1}
    newsroom.as_staff().post(f"/api/v1/comments/{made[0]}/decisions", body)
    given = {"status": "approved", "author": "bo", "from": "2020-01-01"}
    given |= {"to": "2080-12-31"}
    view = save(newsroom, filters=given, order="newest").json
    assert view["filters"] == given
    number = view["id"]
    assert listed(newsroom, f"view={number}") == made[:1]
    assert listed(newsroom, f"view={number}&status=pending") == made[1:]
    assert newsroom.as_staff().get(f"{QUEUE}?view={number}").json["comments"] == []
    given["status"] = "all"
    pending = save(newsroom, name="Pending", filters=given, order="newest").json
    queued = newsroom.as_staff().get(f"{QUEUE}?view={pending['id']}").json
    assert [row["id"] for row in queued["comments"]] == made[1:]


def test_a_view_of_the_queue_is_listed_as_it_is_queued(newsroom: Newsroom) -> None:
    made = [newsroom.send(author_name=name)["id"] for name in ("Bo", "Bodil")]
    number = save(newsroom, filters={"author": "Bo"}, order="due").json["id"]
    queued = newsroom.as_staff().get(f"{QUEUE}?view={number}").json["comments"]
    assert [row["id"] for row in queued] == listed(newsroom, f"view={number}")
    assert listed(newsroom, f"view={number}") == made[:1]


def test_everybody_has_views_and_leads_one_more(newsroom: Newsroom) -> None:
    for role, missing in ((Role.MODERATOR, {"escalated"}), (Role.LEAD, set())):
        staff = newsroom.as_staff(role)
        views = staff.get(VIEWS).json["built_in"]
        keys = {"reported", "escalated", "new_commenters", "spam", "appeals"}
        assert {view["key"] for view in views} == keys - missing
        for view in views:
            query = "&".join(
                f"{name}={value}" for name, value in view["filters"].items()
            )
            path = f"/api/v1/comments?{query.replace('True', 'true')}"
            answer = staff.get(f"{path}&order={view['order']}")
            assert answer.status_code == 200, answer.json


def test_a_view_without_sense_is_refused(newsroom: Newsroom) -> None:
    answer = save(newsroom, filters={"status": "approved"}, order="due")
    assert_refused(answer, 422, "order")
    backwards = {"status": "all", "from": "2026-02-02", "to": "2026-02-01"}
    assert_refused(save(newsroom, filters=backwards, order="newest"), 422, "to")
