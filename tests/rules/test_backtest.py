"""A rule tried on past comments: its matches, and people's decisions about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.rules import backtest
from moderation.tables.comments import Comment
from moderation.tables.rules import RuleHit
from tests.api.test_rules import RULES, TRIALS, WORDS, write
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, Newsroom
from tests.refusals import assert_refused, on_sqlite


def decide(newsroom: Newsroom, sent: dict[str, Any], verdict: str) -> None:
    reasons = ["spam"] if verdict == "reject" else []
    body = {"verdict": verdict, "version": sent["version"], "reasons": reasons}
    path = f"/api/v1/comments/{sent['id']}/decisions"
    assert newsroom.as_staff().post(path, body).status_code == 201


def tried(newsroom: Newsroom, **body: Any) -> dict[str, Any]:
    fields = {"conditions": [WORDS], **body}
    answer = newsroom.as_staff(Role.ADMIN).post(TRIALS, fields)
    assert answer.status_code == 200, answer.text
    trial: dict[str, Any] = answer.json
    return trial


def test_a_trial_tells_what_became_of_what_it_would_have_caught(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.send(body="A casino, published")
    newsroom.set_policy(ALL_REJECTED)
    newsroom.send(body="A casino, rejected")
    newsroom.set_policy(ALL_HELD)
    decide(newsroom, newsroom.send(body="A casino, fine"), "approve")
    decide(newsroom, newsroom.send(body="A casino, bad"), "reject")
    newsroom.send(body="A casino, waiting")
    newsroom.send(body="Nothing of it")
    other_newsroom.send(body="A casino elsewhere")
    trial = tried(newsroom)
    assert (trial["tried"], trial["caught"], trial["is_cut"]) == (6, 5, False)
    assert trial["standings"] == {
        "approved_by_people": 1,
        "rejected_by_people": 1,
        "approved_by_machine": 1,
        "rejected_by_machine": 1,
        "pending": 1,
    }
    newest = trial["examples"][0]
    assert newest["body"] == "A casino, waiting"
    assert newest["spans"] == [[2, 8]]
    assert [each["decided_by"] for each in trial["examples"]] == [
        "policy",
        "person",
        "person",
        "policy",
        "policy",
    ]


def test_a_trial_changes_nothing(newsroom: Newsroom, session: Session) -> None:
    newsroom.send(body="A casino")
    tried(newsroom)
    assert newsroom.as_staff().get(RULES).json["rules"] == []
    assert session.scalar(sa.select(sa.func.count()).select_from(RuleHit)) == 0


def test_a_stored_rule_is_tried_in_any_mode(newsroom: Newsroom) -> None:
    newsroom.send(body="A casino")
    newsroom.send(body="A casino", article_section="Sport", article="other")
    rule = write(newsroom, mode="off", section="Sport")
    answer = newsroom.as_staff(Role.ADMIN).post(TRIALS, {"rule": rule["id"]})
    assert answer.json["caught"] == 1


def test_only_the_days_asked_for_are_tried(
    newsroom: Newsroom, session: Session
) -> None:
    old = identifiers.first_id(datetime.now(UTC) - timedelta(days=3))
    sent = newsroom.send(body="A casino")
    start_writing(session)
    session.execute(sa.text("DELETE FROM decisions"))
    session.execute(sa.text("DELETE FROM scores"))
    session.execute(sa.text("DELETE FROM search_texts"))
    session.execute(
        sa.update(Comment)
        .where(Comment.id == identifiers.decode(sent["id"]))
        .values(id=old)
    )
    session.execute(
        sa.text(
            "INSERT INTO decisions (site_id, comment_id, revision, created_at, source,"
            " verdict, reasons, labels) SELECT site_id, id, 1, received_at, 'policy',"
            " 'approve', '[]', '{}' FROM comments"
        )
    )
    session.commit()
    assert tried(newsroom, days=2)["tried"] == 0
    assert tried(newsroom, days=4)["caught"] == 1


def test_a_trial_that_is_cut_says_so(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest, "MAX_TRIED", 2)
    monkeypatch.setattr(backtest, "BATCH_SIZE", 1)
    for number in range(4):
        newsroom.send(body=f"A casino {number}")
    trial = tried(newsroom)
    assert (trial["tried"], trial["caught"], trial["is_cut"]) == (2, 2, True)
    assert [each["body"] for each in trial["examples"]] == ["A casino 3", "A casino 2"]


def test_first_comments_are_those_before_the_first_approved_one(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(ALL_REJECTED)
    newsroom.send(body="First", author_email="eve@mail.example")
    newsroom.set_policy(NOTHING_HELD)
    newsroom.send(body="Second", author_email="eve@mail.example")
    newsroom.send(body="Third", author_email="eve+news@mail.example")
    newsroom.send(body="Another's", author_email="ada@mail.example")
    trial = tried(newsroom, conditions=[{"kind": "first_comment"}])
    bodies = [each["body"] for each in trial["examples"]]
    assert bodies == ["Another's", "Second", "First"]


def test_a_rule_shows_what_became_of_what_it_matched(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    rule = write(newsroom, mode="shadow", action="reject")
    decide(newsroom, newsroom.send(body="A casino, fine"), "approve")
    decide(newsroom, newsroom.send(body="A casino, bad"), "reject")
    newsroom.send(body="A casino, waiting")
    read = newsroom.as_staff().get(f"{RULES}/{rule['id']}?days=1").json
    assert read["standings"] == {
        "approved_by_people": 1,
        "rejected_by_people": 1,
        "approved_by_machine": 0,
        "rejected_by_machine": 0,
        "pending": 1,
    }
    [listed] = newsroom.as_staff().get(RULES).json["rules"]
    assert listed["hits"] == {"live": 0, "shadow": 3}


@on_sqlite
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "conditions"),
        ({"rule": 1, "conditions": [WORDS]}, "conditions"),
        ({"conditions": [WORDS], "days": 0}, "days"),
        ({"conditions": [WORDS], "days": 91}, "days"),
        ({"conditions": [WORDS], "days": "7"}, "days"),
        ({"conditions": [{"kind": "pattern", "entries": ["("]}]}, None),
    ],
)
def test_a_bad_trial_is_refused(
    newsroom: Newsroom, body: dict[str, Any], field: str | None
) -> None:
    answer = newsroom.as_staff(Role.ADMIN).post(TRIALS, body)
    assert_refused(answer, 422, field or "conditions.0.entries.0")


@on_sqlite
def test_a_trial_of_no_rule_is_not_there(newsroom: Newsroom) -> None:
    assert_refused(newsroom.as_staff(Role.ADMIN).post(TRIALS, {"rule": 9}), 404)


@on_sqlite
def test_a_trial_whose_patterns_take_too_long_is_refused(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.send()
    monkeypatch.setattr("moderation.rules.patterns.MAX_SECONDS", -1.0)
    pattern = {"kind": "pattern", "entries": ["casino"]}
    answer = newsroom.as_staff(Role.ADMIN).post(TRIALS, {"conditions": [pattern]})
    assert_refused(answer, 422, "conditions")
