"""An edit that changes nothing has no effect."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.tables.comments import Revision, Score
from moderation.tables.decisions import Decision
from tests.builders import Newsroom
from tests.concurrency.test_concurrency import count

COMMENTS = "/api/v1/comments"
BODY = "First line.\nSecond line."


@pytest.mark.parametrize(
    "edit",
    [
        {"body": BODY},
        {"body": "First line.\r\nSecond line.\r\n"},
        {"body": "  First line.\rSecond line."},
        {"body": BODY, "author_name": "Ada"},
        {"body": BODY, "author_url": "https://ada.example/"},
    ],
)
def test_an_edit_without_a_change_leaves_a_published_comment(
    newsroom: Newsroom, session: Session, edit: dict[str, Any]
) -> None:
    sent = newsroom.send(body=BODY, author_url="https://ada.example/")
    path = f"{COMMENTS}/{sent['id']}"
    decided = {"verdict": "approve", "version": 1}
    assert newsroom.as_staff().post(f"{path}/decisions", decided).status_code == 201
    before = newsroom.as_site().get(path).json
    answer = newsroom.as_site().patch(path, edit)
    assert (answer.status_code, answer.json) == (200, before)
    assert answer.json["status"] == "approved"
    assert answer.json["edited_at"] is None
    assert (count(session, Decision), count(session, Score)) == (2, 1)
    assert session.scalar(sa.select(Revision.number)) is None


@pytest.mark.parametrize(
    "edit",
    [
        {"body": f"{BODY}!"},
        {"body": "First line. Second line."},
        {"body": BODY, "author_name": "ada"},
        {"body": BODY, "author_url": None},
    ],
)
def test_every_other_edit_is_a_revision(
    newsroom: Newsroom, edit: dict[str, Any]
) -> None:
    sent = newsroom.send(body=BODY, author_url="https://ada.example/")
    answer = newsroom.as_site().patch(f"{COMMENTS}/{sent['id']}", edit)
    assert (answer.status_code, answer.json["revision"]) == (200, 2)
