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
from moderation.tables.subjects import PersonLink
from moderation.tables.webhooks import Delivery
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
    admin = newsroom.as_staff(Role.ADMIN)
    life.reveal()
    exported = admin.post(f"{PERSONS}/export", {"email": EMAIL}).json
    page = admin.post(f"{PERSONS}/page", {"author_id": AUTHOR_ID, "language": "ar"})
    assert_complete(life, exported, page.text)
    (reveal,) = exported["address_revealed"]
    assert (reveal["by"], reveal["reason"]) == ("gazette-lead", "A court asked for it.")
    before = lives.stored_bytes(session)
    assert set(WORDS) - set(lives.found(before)) == set()  # it would be seen

    asked = admin.post(ERASURES, {"email": EMAIL})
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
    for name in (
        *("comments", "earlier_texts", "appeals", "suggestions"),
        *("reports_made", "notices_made"),
    ):
        assert receipt["counts"][name] >= 1, name

    assert lives.found(lives.stored_bytes(session)) == []
    assert_terms_are_gone(session)
    told = session.scalars(sa.select(Delivery)).all()
    erased = [each.body["comment"] for each in told if each.type == "comment.erased"]
    assert erased == receipt["comments"]["delete"]
    session.rollback()
    shown = newsroom.as_site().get(ARTICLE).json["comments"]
    assert [each["is_erased"] for each in shown] == [True, False]
    assert (shown[0]["id"], shown[0]["body"]) == (life.published, "")
    assert (shown[1]["body"], shown[1]["parent"]) == (REPLY, life.published)
    first = newsroom.as_site().get(f"{ARTICLE}?limit=1").json
    assert first["comments"] == shown[:1]
    rest = newsroom.as_site().get(f"{ARTICLE}?cursor={first['next']}").json
    assert rest == {"comments": shown[1:], "next": None}
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
    (notice,) = exported["notices_made"]
    assert notice["explanation"] == "It names my neighbour."
    for text in (json.dumps(exported), page):
        missing = set(lives.TRACES) - {"oxlade"} - set(lives.found(text.encode()))
        assert missing == {"Snollygoster"}  # words of the reader who reported her
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


def test_a_person_sees_their_data_by_a_link_and_asks_for_erasure(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    newsroom.send(author_name="Ada", author_id="reader-7")
    body = {"author_id": "reader-7", "days": 2}
    link = newsroom.as_site().post("/api/v1/person-links", body).json["url"]
    person = newsroom.as_site()  # the link proves who the person is
    assert "This site holds 1 of your comments." in person.get(link).text
    assert person.get(f"{link}/data.json").json["person"]["author_ids"] == ["reader-7"]
    assert "ada@mail.example" in person.get(f"{link}/data.html").text
    altered = link[:-1] + ("0" if link[-1] != "0" else "1")
    assert person.get(altered).status_code == 404
    for _ in range(2):  # asked twice, it is one request
        assert person.post(f"{link}/erasure").status_code == 303
    assert "You asked the site" in person.get(link).text
    lives.work(app)  # not yet allowed: nothing happens
    admin = newsroom.as_staff(Role.ADMIN)
    (asked,) = admin.get(ERASURES).json["erasures"]
    assert (asked["state"], asked["is_by_person"]) == ("requested", True)
    answer = f"{ERASURES}/{asked['id']}/answer"
    assert admin.post(answer, {"allow": False}).status_code == 422
    allowed = admin.post(answer, {"allow": True, "mode": "anonymize"})
    assert allowed.json["state"] == "running"
    lives.work(app)
    assert admin.post(answer, {"allow": False, "reason": "Late"}).status_code == 409
    receipt = admin.get(f"{ERASURES}/{asked['id']}").json["receipt"]
    assert len(receipt["comments"]["anonymize"]) == 1
    check = admin.post("/api/v1/sites/gazette/receipts/check", {"receipt": receipt})
    assert check.json["is_sound"] is True
    assert person.get(link).status_code == 404  # the link went with the person
    assert "Anonymous" in newsroom.as_site().get(ARTICLE).text


def test_a_link_expires_and_a_request_can_be_refused(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send(author_id="reader-7")
    admin, body = newsroom.as_staff(Role.ADMIN), {"email": "ada@mail.example"}
    link = admin.post(f"{PERSONS}/link", body).json["url"]
    assert admin.post(f"{link}/erasure").status_code == 303
    (asked,) = admin.get(ERASURES).json["erasures"]
    refusal = {"allow": False, "reason": "Needed for a claim (Article 17(3)(e))"}
    refused = admin.post(f"{ERASURES}/{asked['id']}/answer", refusal)
    assert refused.json["state"] == "refused"
    start_writing(session)
    session.execute(sa.update(PersonLink).values(expires_at=PersonLink.created_at))
    session.commit()
    assert admin.get(link).status_code == 404


def test_a_name_and_an_address_are_corrected(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send(author_name="Ada")
    other = newsroom.send(author_name="Eve", author_email="eve@mail.example")["id"]
    admin, body = newsroom.as_staff(Role.ADMIN), {"email": "ada@mail.example"}
    path = f"{PERSONS}/correction"
    assert admin.post(path, body).status_code == 422  # nothing is corrected
    taken = admin.post(path, {**body, "right_email": "eve@mail.example"})
    assert (taken.status_code, taken.json["code"]) == (409, "address_taken")
    right = {"right_name": "Ada Byron", "right_email": "ada.byron@mail.example"}
    assert admin.post(path, {**body, **right}).json == {"comments": 1}
    assert admin.post(f"{PERSONS}/export", body).status_code == 404
    now = admin.post(f"{PERSONS}/export", {"email": right["right_email"]}).json
    assert now["person"]["names"] == ["Ada Byron"]
    assert now["person"]["emails"] == ["ada.byron@mail.example"]
    assert newsroom.as_site().get(f"{COMMENTS}/{other}").json["author_name"] == "Eve"
    newsroom.send(author_name="Ada Byron", author_email="ada.byron@mail.example")
    summary = admin.post(f"{PERSONS}/summary", {"email": right["right_email"]}).json
    assert (summary["comments"], len(summary["authors"])) == (2, 1)


def test_the_retraining_that_forgets_is_queued_if_it_can_be(
    app: Flask, newsroom: Newsroom
) -> None:
    newsroom.send()
    admin = newsroom.as_staff(Role.ADMIN)
    body = {"email": "ada@mail.example", "retrain": True}
    asked = admin.post(ERASURES, body).json
    lives.work(app)
    receipt = admin.get(f"{ERASURES}/{asked['id']}").json["receipt"]
    assert receipt["retraining"] == {"job": None, "refused": "too_few_decisions"}
