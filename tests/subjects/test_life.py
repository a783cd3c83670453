"""A reader's whole life at a site, on both databases, to the raw files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.cli.main import main
from moderation.database import db, start_writing
from moderation.tables.audit import AuditEntry
from moderation.tables.comments import Comment, Revision
from tests.builders import Newsroom
from tests.subjects import lives
from tests.subjects.lives import (
    AUTHOR_ID,
    COMMENTS,
    EMAIL,
    ERASURES,
    MODEL_VERSION,
    NAME,
    PERSONS,
    REPLY,
    WORDS,
    Life,
)

ARTICLE = "/api/v1/articles/https://gazette.example/bridge/comments"


@pytest.fixture
def life(newsroom: Newsroom, session: Session) -> Life:
    return Life(newsroom, session)


def test_a_whole_life_leaves_nothing_in_the_raw_files(
    app: Flask,
    newsroom: Newsroom,
    session: Session,
    life: Life,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    admin, is_revealed = newsroom.as_staff(Role.ADMIN), life.reveal()
    exported = admin.post(f"{PERSONS}/export", {"email": EMAIL}).json
    page = admin.post(f"{PERSONS}/page", {"author_id": AUTHOR_ID, "language": "ar"})
    assert_complete(life, exported, page.text)
    assert bool(exported["address_revealed"]) is is_revealed
    before = lives.stored_bytes(session)
    assert set(WORDS) - set(lives.found(before)) == set()  # it would be seen

    asked = admin.post(ERASURES, {"author_id": AUTHOR_ID})
    assert (asked.status_code, asked.json["state"]) == (202, "running")
    lives.work(app)
    erasure = admin.get(f"{ERASURES}/{asked.json['id']}").json
    receipt = erasure["receipt"]
    assert erasure["state"] == "succeeded"
    assert receipt["comments"] == {
        "delete": [life.published, life.rejected, life.held],
        "anonymize": [],
    }
    assert receipt["authors"] == [life.author]
    assert receipt["models"] == [{"version": MODEL_VERSION, "is_active": False}]
    assert receipt["files"]["is_clean"] is True
    for name in ("comments", "earlier_texts", "appeals", "reports_made", "suggestions"):
        assert receipt["counts"][name] >= 1, name

    assert lives.found(lives.stored_bytes(session)) == []
    assert_terms_are_gone(session)
    assert REPLY in newsroom.as_site().get(ARTICLE).text
    thread = newsroom.as_staff().get(f"{COMMENTS}/{life.reply}/thread").text
    assert life.published in thread  # the placeholder of what was replied to
    assert admin.post(f"{PERSONS}/export", {"email": EMAIL}).status_code == 404
    assert_verified(receipt, environment, tmp_path)
    assert_nothing_is_in_the_log(session)


def assert_complete(life: Life, exported: dict[str, Any], page: str) -> None:
    """Assert that a person's export has all of theirs, and nothing of others."""
    person = exported["person"]
    assert (person["names"], person["emails"]) == ([NAME], [EMAIL])
    assert person["author_ids"] == [AUTHOR_ID]
    assert [each["id"] for each in exported["comments"]] == [
        life.published,
        life.rejected,
        life.held,
    ]
    assert exported["models_trained_on_comments"][0]["version"] == MODEL_VERSION
    assert exported["recipients"] == ["hooks.example"]
    for text in (json.dumps(exported), page):
        missing = set(lives.TRACES) - {"oxlade"} - set(lives.found(text.encode()))
        assert missing == {"Snollygoster"}  # words of whoever reported her
        assert REPLY not in text
        assert "b@mail.example" not in text
    assert 'dir="rtl"' in page
    assert "http" not in page.partition("<body>")[0]


def assert_terms_are_gone(session: Session) -> None:
    """Assert that SQLite's index of grams, which can't be read, has none of hers."""
    if db.engine.dialect.name != "sqlite":
        return
    session.rollback()
    table = "fts5vocab('main', 'comments_text', 'row')"
    session.execute(sa.text(f"CREATE VIRTUAL TABLE temp.grams USING {table}"))
    terms = set(session.scalars(sa.text("SELECT term FROM temp.grams")))
    assert "gub" in terms  # of the reply
    assert {"zym", "xot", "cat"} & terms == set()
    session.rollback()


def assert_verified(
    receipt: dict[str, Any], environment: dict[str, str], tmp_path: Path
) -> None:
    """Assert that the receipt holds, an altered one doesn't, and traces are seen."""
    path = tmp_path / "receipt.json"
    runner = CliRunner(env=environment)
    words = ["person", "verify", str(path)]

    def verify(*more: str) -> tuple[int, str]:
        db.session.remove()
        result = runner.invoke(main, [*words, *more])
        return result.exit_code, result.output

    path.write_text(json.dumps(receipt))
    code, told = verify("--site", "gazette", "--person", EMAIL)
    assert (code, "is sound" in told) == (0, True), told
    assert MODEL_VERSION in told
    path.write_text(json.dumps({**receipt, "authors": []}))
    assert verify() == (1, "Error: The receipt isn't as it was signed.\n")
    path.write_text(json.dumps(receipt))
    session = db.session()
    start_writing(session)
    comment = session.scalars(sa.select(Comment).where(Comment.body == "")).first()
    assert comment is not None
    late = Revision(
        comment_id=comment.id, number=1, body="back", replaced_at=comment.received_at
    )
    session.add(late)
    session.commit()
    code, told = verify()
    assert code == 1
    assert "Still stored: revisions " in told


def assert_nothing_is_in_the_log(session: Session) -> None:
    """Assert that the audit log has all that was done, without personal data."""
    session.rollback()
    entries = session.scalars(sa.select(AuditEntry)).all()
    actions = {entry.action for entry in entries}
    assert {"person.exported", "person.erasure_requested", "person.erased"} <= actions
    told = repr([(entry.details, entry.reason) for entry in entries])
    assert NAME not in told
    assert EMAIL not in told
    assert AUTHOR_ID not in told
