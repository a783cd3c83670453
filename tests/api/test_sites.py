"""Sites over the API: added by who is an admin of all of them."""

from __future__ import annotations

import pytest

from moderation.accounts.staff import Role
from tests.builders import Caller, Newsroom, comment
from tests.refusals import assert_refused, on_sqlite

SITES = "/api/v1/sites"


def test_a_new_site_takes_its_first_comment(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    answer = admin.post(SITES, {"name": "weekly"})
    assert answer.status_code == 201
    assert answer.json["name"] == "weekly"
    key = {"name": "CMS", "scopes": ["submit"]}
    secret = admin.post(f"{SITES}/weekly/keys", key).json["secret"]
    site = Caller(newsroom.app.test_client(), secret)
    sent = site.post("/api/v1/comments", comment())
    assert (sent.status_code, sent.json["status"]) == (201, "pending")
    assert admin.get(f"{SITES}/weekly/policy").json["default"] == "pre"
    (member,) = admin.get(f"{SITES}/weekly/staff").json["staff"]
    assert member["roles"] == [{"role": "admin", "sections": None}]


def test_a_site_may_start_with_comments_approved(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    body = {"name": "weekly", "default": "post"}
    assert admin.post(SITES, body).status_code == 201
    assert admin.get(f"{SITES}/weekly/policy").json["default"] == "post"


@on_sqlite
@pytest.mark.parametrize("name", ["", "Weekly", "-weekly", "a b", "a" * 64])
def test_a_name_that_is_none_is_refused(newsroom: Newsroom, name: str) -> None:
    answer = newsroom.as_staff(Role.ADMIN).post(SITES, {"name": name})
    assert_refused(answer, 422, "name")


@on_sqlite
def test_a_name_that_is_taken_is_refused(newsroom: Newsroom) -> None:
    answer = newsroom.as_staff(Role.ADMIN).post(SITES, {"name": newsroom.name})
    assert_refused(answer, 409)


@on_sqlite
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_who_is_no_admin_adds_no_site(newsroom: Newsroom, role: Role) -> None:
    assert_refused(newsroom.as_staff(role).post(SITES, {"name": "weekly"}), 403)


def test_an_admin_of_some_sites_adds_none(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    assert_refused(admin.post(SITES, {"name": "weekly"}), 403)
    newsroom.also_at(other_newsroom, Role.ADMIN)
    assert admin.post(SITES, {"name": "weekly"}).status_code == 201
