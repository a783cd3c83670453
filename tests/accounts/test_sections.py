"""A moderator of one section sees, claims, and decides nothing else, by any route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.identifiers import decode, encode
from moderation.review import bulk, bulk_steps
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from tests.builders import ALL_HELD, Caller, Newsroom, hire
from tests.refusals import on_sqlite

SPORT, POLITICS = "Sport", "Politics"
SECRET = "quarterly budget rumor"  # only in comments under Politics
ADVERT = "Buy cheap watches at our shop today, best prices in town, hurry up"


@dataclass(frozen=True, kw_only=True)
class Desk:
    newsroom: Newsroom
    limited: Caller  #: a moderator of Sport
    staff_id: int
    sport: list[str]  #: IDs of pending comments
    politics: list[str]
    campaign_id: int | None


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    newsroom.set_policy(ALL_HELD)
    ids: dict[str, list[str]] = {SPORT: [], POLITICS: []}
    for number in range(4):
        for section in (SPORT, POLITICS):
            text = SECRET if section == POLITICS else "what a goal"
            body = f"{ADVERT} {number}" if number > 1 else f"{text} {number}"
            answer = newsroom.send(
                external_id=f"{section}-{number}",
                author_email=f"{section}{number}@mail.example",
                author_name=f"{section} reader",
                article=f"https://gazette.example/{section}",
                article_title=f"About {section}",
                article_section=section,
                body=body,
            )
            ids[section].append(answer["id"])
    staff_id, token = hire(newsroom, "sport-desk", (Role.MODERATOR, SPORT))
    campaign_id = db.session.scalar(sa.select(sa.func.max(Comment.campaign_id)))
    db.session.remove()
    return Desk(
        newsroom=newsroom,
        limited=Caller(newsroom.app.test_client(), token),
        staff_id=staff_id,
        sport=ids[SPORT],
        politics=ids[POLITICS],
        campaign_id=campaign_id,
    )


LISTS = (
    "/api/v1/queue",
    f"/api/v1/queue?section={POLITICS}",
    "/api/v1/queue?text=budget",
    "/api/v1/queue?order=newest",
    f"/api/v1/queue?author={POLITICS}%20reader",
    f"/api/v1/queue?article=https%3A%2F%2Fgazette.example%2F{POLITICS}",
    "/api/v1/campaigns?least=2&open=false",
    "/api/v1/decided?source=person&verdict=approve",
    "/api/v1/decided?source=policy&verdict=review",
    "/api/v1/triage/sample?site=gazette&label=spam&low=0&high=1",
)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_holds_nothing_of_another_section(desk: Desk, path: str) -> None:
    path_of = f"/api/v1/comments/{desk.politics[0]}"
    admin = desk.newsroom.as_staff(Role.ADMIN)
    decided = admin.post(
        f"{path_of}/decisions",
        {"verdict": "approve", "version": _version(desk.politics[0])},
    )
    assert decided.status_code == 201, decided.text
    answer = desk.limited.get(path)
    assert answer.status_code == 200, answer.text
    assert POLITICS not in answer.text
    assert SECRET not in answer.text
    assert not any(each in answer.text for each in desk.politics)


def test_the_whole_queue_is_the_section(desk: Desk) -> None:
    page = desk.limited.get("/api/v1/queue").json
    assert {entry["id"] for entry in page["comments"]} == {*desk.sport}
    counts = desk.limited.get("/api/v1/queue/counts").json
    assert counts["pending"] == len(desk.sport)
    histogram = desk.limited.get("/api/v1/triage/histogram?site=gazette&label=spam")
    assert histogram.json["total"] == len(desk.sport)


def test_a_group_of_reserved_comments_is_the_section(desk: Desk) -> None:
    hand = desk.limited.post("/api/v1/hand", {"size": 50}).json
    assert {entry["id"] for entry in hand["comments"]} == {*desk.sport}
    claimed = db.session.scalars(
        sa.select(Comment.claimed_by).where(Comment.claimed_by.is_not(None))
    ).all()
    assert len(claimed) == len(desk.sport)


ROUTES: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("GET", "", None),
    ("GET", "/history", None),
    ("GET", "/reports", None),
    ("PUT", "/claim", None),
    ("DELETE", "/claim", None),
    ("POST", "/decisions", {"verdict": "approve", "version": 1}),
    ("POST", "/undo", {"version": 1}),
    ("POST", "/notes", {"text": "look"}),
    ("POST", "/escalation", {"version": 1}),
    ("DELETE", "/escalation", None),
    ("POST", "/labels", {"labels": {"spam": True}, "version": 1}),
)


@on_sqlite
@pytest.mark.parametrize(("method", "suffix", "body"), ROUTES)
def test_a_comment_of_another_section_is_no_comment(
    desk: Desk, method: str, suffix: str, body: dict[str, Any] | None
) -> None:
    before = _decisions()
    answers = [
        desk.limited.call(method, f"/api/v1/comments/{comment}{suffix}", json=body)
        for comment in (desk.politics[0], encode(1 << 40))
    ]
    foreign, absent = answers
    assert foreign.status_code == absent.status_code
    assert foreign.status_code in (404, 403), foreign.text
    assert foreign.json == absent.json
    assert _decisions() == before


def test_a_bulk_decision_reaches_the_section_alone(desk: Desk) -> None:
    body = {
        "site": "gazette",
        "label": "spam",
        "low": 0,
        "high": 1,
        "verdict": "reject",
        "reasons": ["spam"],
        "as_of": "2100-01-01T00:00:00Z",
    }
    batch = desk.limited.post("/api/v1/batches", body)
    assert batch.status_code == 201, batch.text
    assert batch.json["decided"] == len(desk.sport)
    assert {_status(each) for each in desk.politics} == {"pending"}


def test_a_batch_that_a_worker_carries_on_stays_in_the_section(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_IN_REQUEST", 0)
    body = {
        "site": "gazette",
        "label": "spam",
        "low": 0,
        "high": 1,
        "verdict": "reject",
        "reasons": ["spam"],
        "as_of": "2100-01-01T00:00:00Z",
    }
    batch = desk.limited.post("/api/v1/batches", body).json
    session = db.session()  # as a worker's: nothing limits it
    is_left = True
    while is_left:
        is_left, _ = bulk_steps.run_step(session, batch["id"], datetime.now(UTC))
    session.commit()
    assert {_status(each) for each in desk.sport} == {"rejected"}
    assert {_status(each) for each in desk.politics} == {"pending"}


def test_a_campaign_is_decided_in_the_section_and_never_in_advance(desk: Desk) -> None:
    assert desk.campaign_id is not None
    path = f"/api/v1/campaigns/{desk.campaign_id}"
    campaign = desk.limited.get(path)
    assert campaign.status_code == 200
    assert {each["id"] for each in campaign.json["comments"]} <= {*desk.sport}
    body = {
        "verdict": "reject",
        "reasons": ["spam"],
        "as_of": "2100-01-01T00:00:00Z",
        "version": campaign.json["version"],
    }
    standing = desk.limited.post(f"{path}/decisions", {**body, "hours": 1})
    assert standing.status_code == 403
    assert desk.limited.post(f"{path}/decisions", body).status_code == 201
    assert {_status(each) for each in desk.politics} == {"pending"}


def test_a_lead_of_a_section_hears_its_escalations_alone(desk: Desk) -> None:
    _, token = hire(
        desk.newsroom,
        "sport-lead",
        (Role.LEAD, SPORT),
        (Role.MODERATOR, POLITICS),
    )
    lead = Caller(desk.newsroom.app.test_client(), token)
    moderator = desk.newsroom.as_staff(Role.MODERATOR)
    for comment in (desk.sport[0], desk.politics[0]):
        path = f"/api/v1/comments/{comment}"
        moderator.put(f"{path}/claim")
        version = _version(comment)
        handed = moderator.post(f"{path}/escalation", {"version": version})
        assert handed.status_code == 201, handed.text
    assert lead.put(f"/api/v1/comments/{desk.sport[0]}/claim").status_code == 200
    refused = lead.put(f"/api/v1/comments/{desk.politics[0]}/claim")
    assert (refused.status_code, refused.json["code"]) == (409, "escalated")
    assert lead.get("/api/v1/sites/gazette/team").status_code == 403


@on_sqlite
def test_an_article_without_a_section_is_for_the_whole_site_alone(desk: Desk) -> None:
    answer = desk.newsroom.send(
        external_id="none", article="https://gazette.example/none", body="no section"
    )
    assert desk.limited.get(f"/api/v1/comments/{answer['id']}").status_code == 404


@on_sqlite
def test_an_article_that_moves_takes_its_comments_along(desk: Desk) -> None:
    desk.newsroom.send(
        external_id="moved",
        article=f"https://gazette.example/{POLITICS}",
        article_section=SPORT,
        body="the article is in another section now",
    )
    moved = desk.limited.get(f"/api/v1/comments/{desk.politics[0]}")
    assert moved.status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    "path",
    ["rules", "policy", "team", "models", "staff", "webhooks", "jobs", "examples"],
)
def test_what_concerns_the_whole_site_needs_a_role_there(desk: Desk, path: str) -> None:
    status = desk.limited.get(f"/api/v1/sites/gazette/{path}").status_code
    assert status == (200 if path in ("rules", "policy") else 403)


def _decisions() -> int:
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Decision))
    db.session.remove()
    return count or 0


def _status(public_id: str) -> str:
    return str(_row(public_id).status)


def _version(public_id: str) -> int:
    return _row(public_id).version


def _row(public_id: str) -> Comment:
    comment_id = decode(public_id)
    assert comment_id is not None
    db.session.remove()
    return db.session().get_one(Comment, comment_id)
