"""Comments that call for care, over HTTP: held, first, with the site's text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.comments import rescoring
from moderation.comments.rescoring import RescoringOrder
from moderation.database import db, start_writing
from moderation.models.serving import ScoredText
from moderation.sites import sites
from moderation.tables.comments import Comment
from moderation.web.services import services_of
from moderation.worker.healer import Healer
from tests.builders import NOW, DeafScorer, Newsroom, replace_default_scorer

POLICY = "/api/v1/sites/gazette/policy"
QUEUE = "/api/v1/queue"
HAND = "/api/v1/hand"
THRESHOLDS: Any = {
    "toxicity": {"review_at": 0.5, "reject_at": 0.9},
    "threat": {"review_at": 0.5, "reject_at": 0.9},
}
SCORES = {
    "despair": {"self_harm": 0.8},
    "furious": {"self_harm": 0.8, "toxicity": 1.0},
    "threat": {"threat": 0.95},
    "vile": {"toxicity": 1.0},
    "rude": {"toxicity": 0.7},
}
TEXT = "Call the editor on duty."


class WordScorer:
    """A model that scores what a text's first word names; of self-harm, only some."""

    version = "word-1"
    languages = frozenset({"en"})
    weak: ClassVar[dict[str, frozenset[str]]] = {}
    home = None
    labels = ("toxicity", "threat")

    def score_many(self, documents: Any) -> list[dict[str, float]]:
        plain = {"toxicity": 0.0, "threat": 0.0}
        return [
            {**plain, **SCORES.get(document.text.split()[0], {})}
            for document in documents
        ]

    def is_left_out(self, document: object, label: str) -> bool:
        return False

    def explain(self, document: object, label: str) -> list[Any]:
        return []


@pytest.fixture
def newsroom(app: Flask, newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(THRESHOLDS)
    replace_default_scorer(app, WordScorer())
    return newsroom


def send(newsroom: Newsroom, word: str) -> dict[str, Any]:
    return newsroom.send(body=f"{word} is all that the neighbors hear from me today")


def row_of(session: Session, sent: dict[str, Any]) -> Comment:
    session.expire_all()
    return session.get_one(Comment, identifiers.decode(sent["id"]))


def take(newsroom: Newsroom, **body: Any) -> list[Any]:
    comments: list[Any] = newsroom.as_staff().post(HAND, body).json["comments"]
    return comments


@pytest.mark.parametrize(
    ("word", "labels"),
    [
        ("despair", ["self_harm"]),
        ("furious", ["self_harm", "toxicity"]),
        ("threat", ["threat"]),
    ],
)
def test_it_is_held_and_due_in_minutes(
    newsroom: Newsroom, session: Session, word: str, labels: list[str]
) -> None:
    sent = send(newsroom, word)
    assert sent["status"] == "pending"
    assert [reason["label"] for reason in sent["reasons"]] == labels
    assert sent["reasons"][0]["code"] == "care"
    row = row_of(session, sent)
    assert row.calls_for_care
    assert row.held_reason == "care"
    assert row.due_at - row.received_at == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("word", "status"), [("vile", "rejected"), ("calm", "approved")]
)
def test_without_a_call_all_is_as_before(
    newsroom: Newsroom, session: Session, word: str, status: str
) -> None:
    sent = send(newsroom, word)
    assert sent["status"] == status
    row = row_of(session, sent)
    assert (row.calls_for_care, row.score_self_harm) == (False, None)


def test_it_comes_first_in_the_queue_before_what_is_overdue(
    newsroom: Newsroom, session: Session
) -> None:
    rude = [send(newsroom, "rude") for _ in range(3)]
    start_writing(session)
    session.execute(sa.update(Comment).values(due_at=Comment.received_at))
    session.commit()
    calls = [send(newsroom, "despair"), send(newsroom, "threat")]
    expected = [each["id"] for each in (*calls, *rude)]
    found, after = [], ""
    for _ in expected:  # one comment a page
        page = newsroom.as_staff().get(f"{QUEUE}?limit=1{after}").json
        found += [each["id"] for each in page["comments"]]
        after = f"&cursor={page['next']}"
    assert found == expected
    assert [each["id"] for each in take(newsroom)] == expected


@pytest.mark.parametrize("order", ["newest", "oldest", "uncertainty"])
def test_a_moderator_gets_it_first_in_any_order(newsroom: Newsroom, order: str) -> None:
    send(newsroom, "rude")
    call = send(newsroom, "despair")
    send(newsroom, "rude")
    first, *others = take(newsroom, order=order, size=2)
    assert first["id"] == call["id"]
    assert len(others) == 1


def test_the_desk_shows_the_sites_text(newsroom: Newsroom) -> None:
    send(newsroom, "despair")
    send(newsroom, "rude")
    call, other = take(newsroom)
    assert (call["care"], other["care"]) == ({"text": None}, None)
    assert call["label"] == "self_harm"
    newsroom.set_policy(THRESHOLDS, care={"minutes": 5, "text": TEXT})
    assert take(newsroom)[0]["care"] == {"text": TEXT}


def test_its_return_to_the_queue_is_due_in_minutes_too(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(THRESHOLDS, care={"minutes": 5, "text": None})
    sent = send(newsroom, "despair")
    take(newsroom)
    path = f"/api/v1/comments/{sent['id']}/decisions"
    staff = newsroom.as_staff()
    assert staff.post(path, {"verdict": "approve", "version": 1}).status_code == 201
    assert staff.post(path, {"verdict": "review", "version": 2}).status_code == 201
    row = row_of(session, sent)
    assert row.due_at < datetime.now(row.due_at.tzinfo) + timedelta(minutes=5)
    assert row.calls_for_care


def test_an_edit_that_calls_no_more_is_decided_as_any(
    newsroom: Newsroom, session: Session
) -> None:
    sent = send(newsroom, "despair")
    path = f"/api/v1/comments/{sent['id']}"
    edited = newsroom.as_site().patch(path, {"body": "calm words, and no more of it"})
    assert edited.json["status"] == "approved"
    assert not row_of(session, sent).calls_for_care


def test_decisions_by_filter_leave_it_pending(newsroom: Newsroom) -> None:
    send(newsroom, "rude")
    call = send(newsroom, "furious")
    body = {"site": "gazette", "verdict": "reject", "reasons": ["toxicity"]}
    as_of = {"as_of": "2199-01-01T00:00:00+00:00"}
    scores = {"label": "toxicity", "low": 0.5, "high": 1.0}
    staff = newsroom.as_staff(Role.LEAD)
    for chosen in (scores, {"filter": {"status": "pending"}}):
        send(newsroom, "rude")
        batch = staff.post("/api/v1/batches", {**body, **as_of, **chosen})
        assert batch.status_code in (200, 201, 202), batch.json
        assert batch.json["skipped"] == 1
    (left,) = newsroom.as_staff().get(QUEUE).json["comments"]
    assert left["id"] == call["id"]


def test_named_it_is_decided(newsroom: Newsroom) -> None:
    call = send(newsroom, "furious")
    body = {"site": "gazette", "verdict": "reject", "reasons": ["other"]}
    named = [{"id": call["id"], "version": 1}]
    staff = newsroom.as_staff(Role.LEAD)
    assert (
        staff.post("/api/v1/batches", {**body, "comments": named}).json["decided"] == 1
    )


def test_no_reject_threshold_is_taken_for_self_harm(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    cut = {"review_at": 0.3, "reject_at": 0.9}
    body = {"thresholds": {"self_harm": cut}, "default": "post"}
    assert admin.put(POLICY, body).status_code == 422
    asked = admin.post(
        "/api/v1/sites/gazette/what-if", {"thresholds": body["thresholds"]}
    )
    assert asked.status_code == 422
    body["thresholds"] = {"self_harm": {**cut, "reject_at": None}}
    assert admin.put(POLICY, body).json["care"] == {"minutes": 15, "text": None}


@pytest.mark.parametrize(
    "care", [{"minutes": 0}, {"minutes": 121}, {"text": "x" * 1001}, {"text": " "}]
)
def test_odd_settings_are_refused(newsroom: Newsroom, care: dict[str, Any]) -> None:
    body = {"thresholds": {}, "default": "post", "care": care}
    assert newsroom.as_staff(Role.ADMIN).put(POLICY, body).status_code == 422


def test_a_what_if_holds_what_calls_for_care(newsroom: Newsroom) -> None:
    for word in ("despair", "furious", "threat", "vile", "calm"):
        send(newsroom, word)
    asked = newsroom.as_staff(Role.ADMIN).post("/api/v1/sites/gazette/what-if", {})
    total = asked.json["in_force"]["total"]
    assert (total["held"], total["rejected"], total["approved"]) == (3, 1, 1)


def test_moderators_cannot_reject_for_self_harm(newsroom: Newsroom) -> None:
    sent = send(newsroom, "despair")
    path = f"/api/v1/comments/{sent['id']}/decisions"
    body = {"verdict": "reject", "version": 1, "reasons": ["self_harm"]}
    assert newsroom.as_staff().post(path, body).status_code == 422


def rescore(
    session: Session, newsroom: Newsroom, version: str, **scores: float
) -> None:
    site = sites.find_by_id(session, newsroom.site_id)
    assert site is not None
    order = RescoringOrder(
        site_id=site.id,
        model_id=None,
        policy=site.policy,
        first_id=None,
        is_silent=False,
    )
    rows = rescoring.read_some(session, order, version, identifiers.MIN_ID)
    scored = ScoredText(
        scores={"toxicity": 0.7, "threat": 0.0, **scores},
        model_version=version,
        is_language_supported=True,
    )
    start_writing(session)
    rescoring.store_some(session, order, rows, [scored] * len(rows), NOW)
    session.commit()


def test_a_rescoring_finds_a_call_and_another_one_keeps_it(
    newsroom: Newsroom, session: Session
) -> None:
    sent = send(newsroom, "rude")
    for version, scores in (("two-1", {"self_harm": 0.9}), ("one-1", {})):
        rescore(session, newsroom, version, **scores)
        row = row_of(session, sent)
        assert row.calls_for_care
        assert row.held_reason == "care"
        assert row.due_at - row.received_at == timedelta(minutes=15)
    (card,) = take(newsroom)
    assert [reason["code"] for reason in card["held_for"]] == ["care", "score"]
    assert card["care"] == {"text": None}


def test_healing_holds_what_calls_for_care(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    replace_default_scorer(app, DeafScorer())
    sent = send(newsroom, "furious")
    assert sent["reasons"] == [{"code": "unscored"}]
    replace_default_scorer(app, WordScorer())
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    Healer(sessions, services_of(app).intake).heal()
    row = row_of(session, sent)
    assert (row.status, row.held_reason) == ("pending", "care")
    assert row.calls_for_care
