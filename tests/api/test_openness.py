"""Whether an article takes comments: asked, set, refused, and what stays possible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.audit.actions import AuditAction
from moderation.tables.audit import AuditEntry
from moderation.tables.comments import Article, Comment
from tests.builders import Newsroom, comment
from tests.refusals import assert_refused

COMMENTS = "/api/v1/comments"
COURTS = {"article": "https://gazette.example/court", "article_section": "Courts"}
CLOSED = {"setting": "closed"}
NEVER = {
    "time_zone": "UTC",
    "hours": {"monday": {"opens": "00:00", "closes": "00:01"}},
    "outside": "closed",
}


def path_of(article: str | None = None, *, is_staff: bool = False) -> str:
    name = quote(article or comment()["article"], safe="")
    site = "/sites/gazette" if is_staff else ""
    return f"/api/v1{site}/articles/{name}/openness"


def apply(newsroom: Newsroom, **changes: Any) -> None:
    path = "/api/v1/sites/gazette/policy"
    admin = newsroom.as_staff(Role.ADMIN)
    policy = admin.get(path).json
    kept = {name: policy[name] for name in policy if name not in {"id", "created_at"}}
    answer = admin.put(path, {**kept, **changes})
    assert answer.status_code == 200, answer.json


def test_a_closed_section_refuses_and_stores_nothing(
    newsroom: Newsroom, session: Session
) -> None:
    apply(newsroom, sections={"Courts": "closed"})
    headers = {"Idempotency-Key": "k-1"}
    answer = newsroom.as_site().post(COMMENTS, comment(**COURTS), headers=headers)
    assert_refused(answer, 403)
    assert answer.json["code"] == "comments_closed"
    assert answer.json["closed"] == {"by": "section", "opens_at": None}
    for table in (Comment, Article):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    apply(newsroom, sections={})
    again = newsroom.as_site().post(COMMENTS, comment(**COURTS), headers=headers)
    assert again.status_code == 201  # the key was not used up


def test_a_site_that_is_closed_by_night_tells_when_it_opens(newsroom: Newsroom) -> None:
    apply(newsroom, opening_hours=NEVER)
    answer = newsroom.as_site().post(COMMENTS, comment())
    if answer.status_code == 201:  # the one minute of the week
        return
    opens_at = datetime.fromisoformat(answer.json["closed"]["opens_at"])
    assert answer.json["closed"]["by"] == "hours"
    assert (opens_at.weekday(), opens_at.hour, opens_at.minute) == (0, 0, 0)
    assert newsroom.as_site().get(path_of()).json["opens_at"] is not None


def test_one_comment_of_a_batch_is_refused_the_others_are_stored(
    newsroom: Newsroom,
) -> None:
    apply(newsroom, sections={"Courts": "closed"})
    batch = {"comments": [comment(**COURTS), comment()]}
    answers = newsroom.as_site().post(f"{COMMENTS}/batch", batch).json["comments"]
    assert [each["status_code"] for each in answers] == [403, 201]
    assert answers[0]["error"]["closed"]["by"] == "section"


def test_an_old_article_closes_by_the_time_of_its_publication(
    newsroom: Newsroom,
) -> None:
    apply(newsroom, close_after_days=14, section_close_after_days={"Archive": None})
    old = (datetime.now(UTC) - timedelta(days=15)).isoformat()
    answer = newsroom.as_site().post(COMMENTS, comment(article_published_at=old))
    assert answer.json["closed"]["by"] == "age"
    newsroom.send(article="b", article_section="Archive", article_published_at=old)
    young = newsroom.send(article="c")
    assert young["status"] == "approved"
    closes_at = newsroom.as_site().get(path_of("c")).json["closes_at"]
    left = datetime.fromisoformat(closes_at) - datetime.now(UTC)
    assert timedelta(days=13) < left < timedelta(days=14)


def test_a_comment_that_is_sent_again_is_answered_after_the_closing(
    newsroom: Newsroom,
) -> None:
    body = comment(external_id="e-1")
    first = newsroom.as_site().post(COMMENTS, body)
    newsroom.as_site().put(path_of(), CLOSED)
    again = newsroom.as_site().post(COMMENTS, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["id"] == first.json["id"]


def test_what_was_taken_can_be_edited_and_decided_after_the_closing(
    newsroom: Newsroom,
) -> None:
    sent = newsroom.send()
    newsroom.as_site().put(path_of(), CLOSED)
    path = f"{COMMENTS}/{sent['id']}"
    edited = newsroom.as_site().patch(path, {"body": "Another fair point."})
    assert (edited.status_code, edited.json["status"]) == (200, "approved")
    body = {"verdict": "reject", "reasons": ["spam"], "version": edited.json["version"]}
    assert newsroom.as_staff().post(f"{path}/decisions", body).status_code == 201


def test_the_site_closes_and_opens_an_article_even_before_its_first_comment(
    newsroom: Newsroom,
) -> None:
    site = newsroom.as_site()
    closed = site.put(path_of("new"), CLOSED).json
    assert (closed["is_open"], closed["closed_by"]) == (False, "article")
    refused = site.post(COMMENTS, comment(article="new"))
    assert refused.json["closed"]["by"] == "article"
    apply(newsroom, default="closed")
    opened = site.put(path_of("new"), {"setting": "open"}).json
    assert (opened["is_open"], opened["closed_by"]) == (True, None)
    sent = newsroom.send(article="new")
    assert sent["reasons"] == [{"code": "premoderation"}]
    left = site.put(path_of("new"), {"setting": "policy"}).json
    assert (left["setting"], left["closed_by"]) == ("policy", "section")


def test_the_section_of_an_unknown_article_may_be_told(newsroom: Newsroom) -> None:
    apply(newsroom, sections={"Courts": "closed"})
    site = newsroom.as_site()
    assert site.get(path_of("new")).json["is_open"] is True
    assert site.get(path_of("new") + "?section=Courts").json == {
        "section": "Courts",
        "setting": "policy",
        "is_open": False,
        "closed_by": "section",
        "opens_at": None,
        "closes_at": None,
    }


def test_a_moderator_closes_an_article_and_it_is_recorded_once(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send()
    path = path_of(is_staff=True)
    for _ in range(2):
        answer = newsroom.as_staff().put(path, CLOSED)
        assert answer.json["closed_by"] == "article"
    assert newsroom.as_staff().get(path).json["setting"] == "closed"
    query = sa.select(AuditEntry).filter_by(
        action=AuditAction.ARTICLE_OPENNESS_SET.value
    )
    (entry,) = session.scalars(query)
    assert entry.details == {"setting": "closed"}


def test_a_moderator_of_another_section_or_site_closes_nothing(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.send(article_section="Sport")
    path = path_of(is_staff=True)
    assert_refused(other_newsroom.as_staff(Role.ADMIN).put(path, CLOSED), 404)
    assert_refused(
        newsroom.as_staff().put(path_of("absent", is_staff=True), CLOSED), 404
    )
    roles = {"roles": [{"role": "moderator", "sections": ["Opinion"]}]}
    staff = "/api/v1/sites/gazette/staff/gazette-moderator"
    assert newsroom.as_staff(Role.ADMIN).put(staff, roles).status_code == 200
    assert_refused(newsroom.as_staff().put(path, CLOSED), 404)


@pytest.mark.parametrize("body", [{}, {"setting": "shut"}, {"setting": None}])
def test_a_bad_setting_is_named(newsroom: Newsroom, body: dict[str, Any]) -> None:
    assert_refused(newsroom.as_site().put(path_of(), body), 422, "setting")


@pytest.mark.parametrize("article", ["%1B", "ada@news.example", "x" * 2049])
def test_a_bad_name_of_an_article_is_named(newsroom: Newsroom, article: str) -> None:
    path = f"/api/v1/articles/{article}/openness"
    assert_refused(newsroom.as_site().get(path), 422, "article")
    assert_refused(newsroom.as_site().put(path, CLOSED), 422, "article")


def test_the_house_rules_are_read_by_the_site(newsroom: Newsroom) -> None:
    rules = {"en": "Be kind.\n\nStay on topic.", "ar": "كن لطيفًا."}
    assert newsroom.as_site().get("/api/v1/house-rules").json == {"house_rules": {}}
    apply(newsroom, house_rules=rules)
    assert newsroom.as_site().get("/api/v1/house-rules").json == {"house_rules": rules}
