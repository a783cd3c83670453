"""The thread around a comment, with comments of every status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.desk import threads
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview
from tests.builders import NOTHING_HELD, Newsroom
from tests.refusals import assert_refused

COMMENTS = "/api/v1/comments"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(NOTHING_HELD)
    return newsroom


def reply(newsroom: Newsroom, *path: str) -> str:
    """Send a comment, as a reply to the last of a path; return its id."""
    fields = {"parent": path[-1]} if path else {}
    comment_id: str = newsroom.send(**fields)["id"]
    return comment_id


def read(newsroom: Newsroom, comment_id: str, role: Role = Role.MODERATOR) -> Any:
    answer = newsroom.as_staff(role).get(f"{COMMENTS}/{comment_id}/thread")
    assert answer.status_code == 200, answer.text
    return answer.json


def outline(thread: Any) -> list[tuple[str, int]]:
    return [(row["id"], row["depth"]) for row in thread["comments"]]


def test_a_thread_is_whole_and_in_reading_order(newsroom: Newsroom) -> None:
    root, beside = reply(newsroom), reply(newsroom)
    first, second = reply(newsroom, root), reply(newsroom, root)
    under = reply(newsroom, first)
    expected = [(root, 0), (first, 1), (under, 2), (second, 1)]
    for comment_id in (root, under, second):
        thread = read(newsroom, comment_id)
        assert outline(thread) == expected
        assert (thread["omitted_before"], thread["omitted_after"]) == (0, 0)
    assert outline(read(newsroom, beside)) == [(beside, 0)]


def test_every_status_is_shown_and_what_a_row_needs(newsroom: Newsroom) -> None:
    root = reply(newsroom)
    rejected, pending = reply(newsroom, root), reply(newsroom, root)
    staff = newsroom.as_staff()
    body = {"verdict": "reject", "reasons": ["spam"], "version": 1}
    staff.post(f"{COMMENTS}/{rejected}/decisions", body)
    staff.post(f"{COMMENTS}/{pending}/decisions", {"verdict": "review", "version": 1})
    newsroom.as_staff(Role.LEAD).put(f"{COMMENTS}/{pending}/claim")
    rows = read(newsroom, root)["comments"]
    assert [row["status"] for row in rows] == ["approved", "rejected", "pending"]
    assert [row["version"] for row in rows] == [1, 2, 2]
    assert rows[1]["reasons"] == [{"code": "spam"}]
    assert rows[2]["claimed_by"] == f"{newsroom.name}-lead"


def test_an_erased_comment_keeps_its_place(newsroom: Newsroom) -> None:
    root = reply(newsroom)
    erased = reply(newsroom, root)
    under = reply(newsroom, erased)
    newsroom.as_site().delete(f"{COMMENTS}/{erased}")
    rows = read(newsroom, under)["comments"]
    assert [(row["is_erased"], row["body"] == "") for row in rows] == [
        (False, False),
        (True, True),
        (False, False),
    ]
    assert_refused(newsroom.as_staff().get(f"{COMMENTS}/{erased}/thread"), 404)


def test_a_long_thread_is_cut_around_the_comment(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "MAX_COMMENTS", 4)
    root = reply(newsroom)
    replies = [reply(newsroom, root) for _ in range(8)]

    def cut(comment_id: str) -> tuple[list[str], int, int]:
        thread = read(newsroom, comment_id)
        ids = [row["id"] for row in thread["comments"]]
        return ids, thread["omitted_before"], thread["omitted_after"]

    assert cut(root) == ([root, *replies[:3]], 0, 5)
    assert cut(replies[4]) == ([root, *replies[3:6]], 3, 2)
    assert cut(replies[7]) == ([root, *replies[5:]], 5, 0)


def test_another_sites_comment_is_not_found(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    foreign = reply(other_newsroom)
    assert_refused(newsroom.as_staff().get(f"{COMMENTS}/{foreign}/thread"), 404)


def test_a_blind_review_is_not_given_away(newsroom: Newsroom, session: Session) -> None:
    root = reply(newsroom)
    sampled = reply(newsroom, root)
    start_writing(session)
    decision = session.scalars(
        sa.select(Decision).order_by(Decision.id.desc()).limit(1)
    ).one()
    now = datetime.now(UTC)
    session.add(
        QaReview(
            site_id=newsroom.site_id,
            comment_id=decision.comment_id,
            decision_id=decision.id,
            kind="audit",
            state="open",
            first_verdict="approve",
            created_at=now,
            expires_at=now + timedelta(days=1),
            due_at=now,
            version=1,
            shown_version=7,
            claimed_by=newsroom.staff_ids[Role.MODERATOR],
            claimed_until=now + timedelta(minutes=5),
            claimed_at=now,
        )
    )
    session.commit()
    rows = read(newsroom, sampled)["comments"]
    assert [row["status"] for row in rows] == ["approved", "pending"]
    assert rows[1]["version"] == 7
    others = read(newsroom, sampled, Role.LEAD)["comments"]
    assert [row["status"] for row in others] == ["approved", "approved"]
