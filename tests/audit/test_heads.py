"""The head of the chain, sent where no one can change it."""

from __future__ import annotations

import json
import logging
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation.audit.chain import derive_head_secret
from moderation.audit.heads import read_heads
from moderation.audit.verification import read_head, verify
from moderation.database import db
from moderation.web.services import services_of
from moderation.worker.audit_heads import HeadPublisher, publisher_of
from tests.audit.rows import fill, tamper
from tests.audit.test_verification import delete, set_head
from tests.builders import AUDIT_KEY, ENVIRONMENT
from tests.receivers import Receiver, receiving

SECRET = derive_head_secret(ENVIRONMENT["MODERATION_SECRET_KEY"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where heads are posted to."""
    with receiving() as receiver:
        yield receiver


def publisher(file: Path | None = None, url: str = "") -> HeadPublisher:
    return HeadPublisher(
        sessions=sessionmaker(db.engine),
        file=file,
        url=url,
        secrets=[SECRET],
        networks=("127.0.0.0/8",),
    )


def test_a_head_is_appended_when_it_has_moved(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "heads"
    ours = publisher(path)
    ours.publish()
    assert not path.exists()  # there is no entry yet
    fill(session, 2)
    ours.publish()
    ours.publish()
    first = read_head(session)
    fill(session, 1)
    ours.publish()
    heads = [(head.sequence, head.hash) for head in read_heads(path)]
    second = read_head(session)
    assert heads == [(2, first.hash), (3, second.hash)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert verify(session, AUDIT_KEY, read_heads(path)).fault is None


def test_a_head_is_posted_and_signed(session: Session, receiver: Receiver) -> None:
    ours = publisher(url=receiver.url)
    fill(session, 2)
    ours.publish()
    ours.publish()
    (got,) = receiver.received
    event, head = got.verified(SECRET), read_head(session)
    assert event["type"] == "audit.head"
    assert event["data"] == {"sequence": 2, "hash": head.hash}
    assert got.headers["webhook-id"] == "audit_2"


def test_a_failure_is_logged_and_tried_again(
    session: Session,
    receiver: Receiver,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "away" / "heads"
    ours = publisher(path, receiver.url)
    receiver.status = 500
    fill(session, 1)
    ours.publish()
    assert "the audit head isn't in its file" in caplog.text
    assert "the audit head wasn't taken: 500" in caplog.text
    path.parent.mkdir()
    receiver.status = 204
    ours.publish()
    assert len(list(read_heads(path))) == 1
    assert len(receiver.received) == 2


def test_a_truncated_log_is_noticed(
    session: Session, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ours = publisher(tmp_path / "heads")
    fill(session, 1)
    earlier = read_head(session)
    fill(session, 2)
    ours.publish()
    tamper(session, delete(2, 3))
    tamper(session, set_head(earlier.sequence, earlier.hash))
    with caplog.at_level(logging.ERROR):
        ours.publish()
    assert "ends at entry 1, but had entry 3: it was truncated" in caplog.text


def test_the_settings_say_where(app: Flask, tmp_path: Path) -> None:
    settings = services_of(app).settings
    sessions = sessionmaker(db.engine)
    nowhere = publisher_of(settings, sessions)
    assert (nowhere.file, nowhere.url) == (None, "")


def test_the_page_shows_what_is_posted(session: Session, receiver: Receiver) -> None:
    """docs/audit.md shows the body."""
    page = (Path(__file__).parents[2] / "docs" / "audit.md").read_text()
    (shown,) = re.findall(r"^```json\n(.+?)^```$", page, re.MULTILINE | re.DOTALL)
    fill(session, 1)
    publisher(url=receiver.url).publish()
    sent, example = receiver.received[0].event, json.loads(shown)
    assert sent.keys() == example.keys()
    assert sent["data"].keys() == example["data"].keys()
    assert len(example["data"]["hash"]) == len(sent["data"]["hash"])
