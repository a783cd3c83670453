"""Shadow models, blind reviews, and rescoring."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from classifiers.pretrained import default_model
from classifiers.serving import artifact
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.policy.thresholds import Moderation
from moderation.tables.comments import Comment, Score
from moderation.tables.models import Model
from moderation.tables.monitoring import SilentScore
from moderation.tables.sites import Site
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts, maintenance
from tests.builders import ALL_HELD, NOTHING_HELD, NOW, Caller, Newsroom

SHIPPED = default_model.load()
SITE = "/api/v1/sites/gazette"
HATEFUL = "You are a stupid idiot and nobody likes you"


@pytest.fixture(scope="module")
def strict() -> bytes:
    """A model that finds everything toxic."""
    weights = SHIPPED.weights
    intercept = weights.intercept.copy()
    intercept[SHIPPED.labels.index("toxicity")] += 50
    made = artifact.named(
        "strict",
        labels=SHIPPED.labels,
        weights=dataclasses.replace(weights, intercept=intercept),
        manifest=SHIPPED.manifest,
        frozen=SHIPPED.frozen,
    )
    return artifact.dumps(made)


@pytest.fixture
def version(newsroom: Newsroom, strict: bytes) -> str:
    """The stored candidate."""
    session = db.session()
    start_writing(session)
    name = artifact.loads(strict).version
    session.add(
        Model(
            site_id=newsroom.site_id,
            version=name,
            base_version=SHIPPED.version,
            artifact=strict,
            report={
                "active": {"version": SHIPPED.version},
                "gate": {"allowed": True, "reasons": []},
            },
            created_at=NOW,
        )
    )
    session.commit()
    return name


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


@pytest.fixture
def shadowed(admin: Caller, newsroom: Newsroom, version: str) -> None:
    """The site, with the candidate scoring silently."""
    newsroom.set_policy({"toxicity": {"review_at": 0.99, "reject_at": None}})
    answer = admin.call("PUT", f"{SITE}/shadow", json={"version": version})
    assert answer.status_code == 204


def observe(app: Flask) -> int:
    return maintenance.score_in_shadow(
        sessionmaker(db.engine), services_of(app).scoring
    )


def work(app: Flask) -> None:
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    task = job_attempts.take_next(sessions)
    assert task is not None
    work = duties.build(
        sessions, services_of(app).scoring, services_of(app).lineage_key
    )
    job_attempts.run_job(sessions, work, task)


def test_a_shadow_scores_what_comes_in_and_decides_nothing(
    app: Flask, session: Session, newsroom: Newsroom, version: str, shadowed: None
) -> None:
    sent = newsroom.send()
    assert sent["status"] == "approved"
    assert observe(app) == 1
    assert observe(app) == 0
    silent = session.scalars(sa.select(SilentScore)).one()
    assert silent.model_version == version
    assert silent.toxicity is not None
    assert silent.toxicity > 0.99
    assert session.scalars(sa.select(Score.model_version)).all() == [SHIPPED.version]
    shown = newsroom.as_staff().get(f"/api/v1/comments/{sent['id']}").json
    assert shown["status"] == "approved"
    assert shown["model_version"] == SHIPPED.version


def test_what_came_before_is_not_scored(
    app: Flask, newsroom: Newsroom, version: str, admin: Caller
) -> None:
    newsroom.send()
    admin.call("PUT", f"{SITE}/shadow", json={"version": version})
    assert observe(app) == 0


def test_the_page_shows_where_it_would_have_decided_otherwise(
    app: Flask, newsroom: Newsroom, admin: Caller, version: str, shadowed: None
) -> None:
    sent = newsroom.send(body="A fair point.", article_section="Local")
    observe(app)
    found = admin.get(f"{SITE}/shadow").json
    assert (found["version"], found["scored"]) == (version, 1)
    (count,) = found["verdicts"]
    share = count.pop("share")
    assert count == {"active": "approve", "shadow": "review", "comments": 1}
    assert 0 < share["low"] < share["value"] == share["high"] == 1
    (difference,) = found["differences"]
    scores = difference.pop("active_score"), difference.pop("shadow_score")
    assert scores[0] < 0.99 < scores[1]
    assert difference == {
        "comment": sent["id"],
        "active": "approve",
        "shadow": "review",
        "text": "A fair point.",
        "section": "Local",
        "label": "toxicity",
    }


def test_a_blind_look_says_who_was_right(
    app: Flask, newsroom: Newsroom, admin: Caller, shadowed: None
) -> None:
    sent = newsroom.send(body="Well said.")
    observe(app)
    moderator = newsroom.as_staff()
    sample = moderator.get(f"{SITE}/shadow/sample").json["texts"]
    assert sample == [{"comment": sent["id"], "text": "Well said."}]
    look = {"comment": sent["id"], "is_harmful": False}
    assert moderator.post(f"{SITE}/shadow/looks", look).status_code == 204
    assert moderator.post(f"{SITE}/shadow/looks", look).status_code == 409
    assert moderator.get(f"{SITE}/shadow/sample").json["texts"] == []
    blind = admin.get(f"{SITE}/shadow").json["blind"]
    assert moderator.get(f"{SITE}/shadow/looks").json == blind
    share = blind.pop("share")
    assert blind == {"looks": 1, "shadow_right": 0, "active_right": 1}
    assert share["value"] == 0 < share["high"] < 1
    assert newsroom.as_site().get(f"/api/v1/comments/{sent['id']}").json["status"] == (
        "approved"
    )


def test_a_shadow_is_ended(
    app: Flask, newsroom: Newsroom, admin: Caller, shadowed: None
) -> None:
    assert admin.delete(f"{SITE}/shadow").status_code == 204
    newsroom.send()
    assert observe(app) == 0
    assert admin.get(f"{SITE}/shadow").status_code == 404
    assert newsroom.as_staff().get(f"{SITE}/shadow/sample").status_code == 404


def test_what_decides_can_not_be_its_own_shadow(admin: Caller, version: str) -> None:
    assert admin.post(f"{SITE}/models/{version}/promotion", {}).status_code == 201
    answer = admin.call("PUT", f"{SITE}/shadow", json={"version": version})
    assert answer.status_code == 409


@pytest.mark.parametrize("version", ["none-1", SHIPPED.version, "\x00"])
def test_an_unknown_model_can_not_score(admin: Caller, version: str) -> None:
    answer = admin.call("PUT", f"{SITE}/shadow", json={"version": version})
    assert answer.status_code == 404


def test_what_waits_is_scored_anew_by_the_model_that_decides(
    app: Flask, session: Session, newsroom: Newsroom, admin: Caller, version: str
) -> None:
    newsroom.set_policy(ALL_HELD, Moderation.PRE)
    waiting = newsroom.send()
    newsroom.set_policy(NOTHING_HELD)
    newsroom.send()
    admin.post(f"{SITE}/models/{version}/promotion", {})
    asked = admin.post(f"{SITE}/rescorings", {})
    assert asked.status_code == 202
    assert admin.post(f"{SITE}/rescorings", {}).status_code == 409
    before = session.get_one(Comment, identifiers.decode(waiting["id"])).due_at
    session.rollback()
    work(app)
    done = admin.get(f"/api/v1/jobs/{asked.json['id']}").json
    assert done["result"] == {"version": version, "scored": 1}
    shown = newsroom.as_staff().get(f"/api/v1/comments/{waiting['id']}").json
    assert (shown["model_version"], shown["status"]) == (version, "pending")
    session.expire_all()
    comment = session.get_one(Comment, identifiers.decode(waiting["id"]))
    assert comment.due_at < before
    assert comment.score_toxicity is not None
    assert comment.score_toxicity > 0.99
    assert comment.version == waiting["version"]  # a decision under way still fits


def test_another_model_scores_the_last_days_silently(
    app: Flask, session: Session, newsroom: Newsroom, admin: Caller, version: str
) -> None:
    newsroom.send()
    body = {"version": version, "days": 2}
    asked = admin.post(f"{SITE}/rescorings", body)
    work(app)
    done = admin.get(f"/api/v1/jobs/{asked.json['id']}").json
    assert done["result"] == {"version": version, "scored": 1}
    assert session.scalars(sa.select(SilentScore.model_version)).all() == [version]
    found = admin.post(f"{SITE}/what-if", {"version": version}).json
    assert (found["asked"]["total"]["comments"], found["asked"]["unscored"]) == (1, 0)


@pytest.mark.parametrize(
    "body",
    [{"days": 3}, {"version": "x"}, {"version": "x", "days": 0}, {"more": 1}],
)
def test_a_bad_rescoring_is_refused(admin: Caller, body: dict[str, Any]) -> None:
    assert admin.post(f"{SITE}/rescorings", body).status_code == 422


def test_a_rescoring_by_an_unknown_model_is_not_found(admin: Caller) -> None:
    body = {"version": "none-1", "days": 3}
    assert admin.post(f"{SITE}/rescorings", body).status_code == 404


REQUESTS = [
    ("PUT", "/shadow", {"version": "x"}, Role.ADMIN),
    ("GET", "/shadow", None, Role.ADMIN),
    ("DELETE", "/shadow", None, Role.ADMIN),
    ("POST", "/rescorings", {}, Role.ADMIN),
    ("GET", "/shadow/sample", None, Role.MODERATOR),
    (
        "POST",
        "/shadow/looks",
        {"comment": "0" * 13, "is_harmful": True},
        Role.MODERATOR,
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "role"), REQUESTS)
def test_strangers_sites_and_lower_roles_are_refused(
    newsroom: Newsroom,
    other_newsroom: Newsroom,
    session: Session,
    method: str,
    path: str,
    body: Any,
    role: Role,
) -> None:
    url = SITE + path
    stranger = other_newsroom.as_staff(Role.ADMIN)
    assert stranger.call(method, url, json=body).status_code == 404
    assert newsroom.as_site().call(method, url, json=body).status_code == 403
    client = newsroom.app.test_client()
    assert client.open(url, method=method, json=body).status_code == 401
    if role is Role.ADMIN:
        lead = newsroom.as_staff(Role.LEAD)
        assert lead.call(method, url, json=body).status_code == 403
    assert session.get_one(Site, newsroom.site_id).shadow_model_id is None
