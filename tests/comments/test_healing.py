"""Comments that a fault held: who decides them afterwards, and who doesn't."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from classifiers.serving.document import Document
from moderation.comments import healing
from moderation.database import db
from moderation.policy.brakes import BrakeKind
from moderation.rules.compiled import UNKNOWN, RuleSets
from moderation.tables.campaigns import Brake
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.web.services import services_of
from moderation.worker.healer import MAX_FAILURES, Healer
from tests.builders import (
    NOTHING_HELD,
    DeafScorer,
    Newsroom,
    replace_default_scorer,
    speak,
)
from tests.campaigns.waves import pills_wave
from tests.refusals import on_sqlite

ONE_LABEL: Any = {"toxicity": {"review_at": 0.5, "reject_at": 0.9}}


class KeywordScorer:
    """A model that scores what the text names, and breaks on one word."""

    version = "keyword-1"
    languages = frozenset({"en"})
    weak: ClassVar[dict[str, frozenset[str]]] = {}
    home = None

    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        if any("unlucky" in document.text for document in documents):
            raise RuntimeError("this text breaks it")
        return [
            {"toxicity": {"vile": 1.0, "rude": 0.7}.get(document.text.split()[0], 0.0)}
            for document in documents
        ]


@pytest.fixture
def healer(app: Flask) -> Healer:
    """The duty of a worker."""
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    return Healer(sessions, services_of(app).intake)


@pytest.fixture
def broken(app: Flask, newsroom: Newsroom) -> Newsroom:
    """A site whose model fails on every text."""
    newsroom.set_policy(ONE_LABEL)
    replace_default_scorer(app, DeafScorer())
    return newsroom


def mend(app: Flask) -> None:
    replace_default_scorer(app, KeywordScorer())


def read(newsroom: Newsroom, sent: dict[str, Any]) -> Any:
    return newsroom.as_staff().get(f"/api/v1/comments/{sent['id']}").json


def codes(answer: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]]


def outage(newsroom: Newsroom) -> Any:
    return newsroom.as_staff().get("/api/v1/queue/counts").json["outage"]


def test_each_comment_is_decided_by_the_policy_once_the_model_works(
    app: Flask, broken: Newsroom, healer: Healer
) -> None:
    words = {"fair": "approved", "rude": "pending", "vile": "rejected"}
    sent = {word: broken.send(body=f"{word} words") for word in words}
    assert {answer["status"] for answer in sent.values()} == {"pending"}
    healer.heal()  # the fault lasts
    assert read(broken, sent["fair"])["status"] == "pending"
    assert outage(broken)["count"] == 3

    mend(app)
    healer.heal()
    after = {word: read(broken, answer) for word, answer in sent.items()}
    assert {word: answer["status"] for word, answer in after.items()} == words
    assert codes(after["rude"]) == ["score"]
    assert after["fair"]["model_version"] == "keyword-1"
    assert outage(broken) is None
    history = broken.as_staff().get(f"/api/v1/comments/{sent['fair']['id']}/history")
    sources = [each["source"] for each in history.json["decisions"]]
    assert sources == ["policy", "policy"]


@on_sqlite
def test_a_moderator_s_comment_is_left_alone_until_it_is_released(
    app: Flask, broken: Newsroom, healer: Healer
) -> None:
    sent = broken.send(body="fair words")
    claim = f"/api/v1/comments/{sent['id']}/claim"
    assert broken.as_staff().put(claim).status_code == 200
    mend(app)
    healer.heal()
    assert read(broken, sent)["status"] == "pending"
    broken.as_staff().delete(claim)
    healer.heal()
    assert read(broken, sent)["status"] == "approved"


@on_sqlite
def test_a_decision_of_staff_that_was_undone_is_left_to_staff(
    app: Flask, broken: Newsroom, healer: Healer
) -> None:
    sent = broken.send(body="fair words")
    path = f"/api/v1/comments/{sent['id']}"
    verdict = {"verdict": "reject", "version": 1, "reasons": ["spam"]}
    assert broken.as_staff().post(f"{path}/decisions", verdict).status_code == 201
    assert broken.as_staff().post(f"{path}/undo", {"version": 2}).status_code == 201
    assert outage(broken) is None
    mend(app)
    healer.heal()
    assert read(broken, sent)["status"] == "pending"


@on_sqlite
def test_an_edit_of_what_staff_decided_is_held_for_staff(
    app: Flask, broken: Newsroom, healer: Healer
) -> None:
    mend(app)
    sent = broken.send(body="rude words")
    path = f"/api/v1/comments/{sent['id']}"
    verdict = {"verdict": "approve", "version": 1}
    assert broken.as_staff().post(f"{path}/decisions", verdict).status_code == 201
    replace_default_scorer(app, DeafScorer())
    broken.as_site().patch(path, {"body": "other words"})
    assert outage(broken)["count"] == 1
    mend(app)
    healer.heal()
    after = read(broken, sent)
    assert (after["status"], codes(after)) == ("pending", ["edited"])
    assert outage(broken) is None


@on_sqlite
def test_a_text_that_breaks_a_model_which_works_is_left_to_moderators(
    app: Flask, broken: Newsroom, healer: Healer, session: Session
) -> None:
    mend(app)
    sent = broken.send(body="unlucky words")
    for _ in range(MAX_FAILURES):
        assert outage(broken)["count"] == 1
        healer.heal()
    assert outage(broken) is None
    after = read(broken, sent)
    assert (after["status"], codes(after)) == ("pending", ["unscored"])
    healer.heal()
    assert session.scalar(sa.select(sa.func.count(Decision.id))) == 2


@on_sqlite
def test_a_comment_that_can_t_be_decided_does_not_stop_the_others(
    app: Flask, broken: Newsroom, healer: Healer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = ["fair words", "odd words", "vile words"]
    first, odd, last = (broken.send(body=body) for body in bodies)
    mend(app)
    heal = healing.heal

    def fail(session: Session, site: Any, row: Comment, *rest: Any) -> Any:
        if row.body == "odd words":
            raise ValueError("a fault of this comment")
        return heal(session, site, row, *rest)

    monkeypatch.setattr(healing, "heal", fail)
    for _ in range(MAX_FAILURES):
        healer.heal()
    statuses = [read(broken, each)["status"] for each in (first, odd, last)]
    assert statuses == ["approved", "pending", "rejected"]
    assert outage(broken) is None


@on_sqlite
def test_a_label_that_the_model_lacks_is_no_outage(
    app: Flask, newsroom: Newsroom, healer: Healer
) -> None:
    mend(app)
    newsroom.set_policy({"threat": {"review_at": 0.5, "reject_at": None}})
    assert newsroom.send()["status"] == "pending"
    assert outage(newsroom) is None


@on_sqlite
def test_a_bot_is_rejected_afterwards(
    app: Flask, broken: Newsroom, healer: Healer
) -> None:
    speak(broken)
    fields = {"blog": "https://gazette.example/", "user_ip": "203.0.113.7"}
    fields |= {"comment_content": "fair words", "comment_author": "Ada"}
    fields |= {"honeypot_field_name": "hp", "hp": "x", "api_key": broken.key}
    app.test_client().post("/1.1/comment-check", data=fields)
    mend(app)
    healer.heal()
    listed = broken.as_staff().get("/api/v1/comments?status=rejected").json
    assert len(listed["comments"]) == 1


@on_sqlite
def test_rules_that_could_not_be_asked_are_asked_later(
    app: Flask, newsroom: Newsroom, healer: Healer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mend(app)
    newsroom.set_policy(ONE_LABEL)
    with monkeypatch.context() as patch:
        patch.setattr(RuleSets, "match", lambda *_: UNKNOWN)
        session = db.session()
        session.execute(sa.text("UPDATE sites SET rules_version = 1"))
        session.commit()
        sent = newsroom.send(body="fair words")
        assert outage(newsroom)["count"] == 1
        healer.heal()
        assert outage(newsroom)["count"] == 1
    healer.heal()
    assert read(newsroom, sent)["status"] == "approved"
    assert outage(newsroom) is None


@on_sqlite
def test_a_wave_that_came_in_an_outage_is_braked_as_if_there_had_been_none(
    app: Flask, broken: Newsroom, healer: Healer, session: Session
) -> None:
    limits: dict[str, Any] = {kind.value: None for kind in BrakeKind}
    limits["near_duplicates"] = {"count": 3, "minutes": 1}
    brakes = {**limits, "quiet_minutes": 10}
    broken.set_policy(NOTHING_HELD, brakes=brakes)
    sent = [
        broken.as_site().post("/api/v1/comments", body).json for body in pills_wave(6)
    ]
    assert session.scalars(sa.select(Brake)).all() == []
    mend(app)
    healer.heal()
    after = [read(broken, each)["status"] for each in sent]
    assert after == ["approved"] * 3 + ["pending"] * 3
    session.rollback()
    (brake,) = session.scalars(sa.select(Brake)).all()
    assert brake.held == 3


@on_sqlite
def test_many_are_counted_up_to_a_limit(
    broken: Newsroom, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(healing, "MAX_COUNTED", 2)
    for _ in range(3):
        broken.send()
    found = outage(broken)
    first = session.scalar(sa.select(sa.func.min(Comment.received_at)))
    assert (found["count"], found["is_exact"]) == (2, False)
    assert datetime.fromisoformat(found["since"]) == first


@on_sqlite
def test_other_sites_don_t_see_it(broken: Newsroom, other_newsroom: Newsroom) -> None:
    broken.send()
    assert outage(other_newsroom) is None
