"""The circle through HTTP: decisions, retraining, figures, promotion, rollback."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import marshmallow as ma
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from classifiers.evaluation.bootstrap import Estimate
from classifiers.evaluation.gate import Gate, Objection
from classifiers.evaluation.model_comparison import ModelComparison, PairedDifference
from classifiers.evaluation.model_report import LabelReport, ModelReport
from classifiers.pretrained import default_model
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.api.model_report_bodies import (
    ComparisonOut,
    DifferenceOut,
    FiguresOut,
    GateOut,
    IntervalOut,
    LabelFigures,
    ObjectionOut,
)
from moderation.database import db, start_writing
from moderation.tables.comments import Comment
from moderation.tables.models import Model
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts
from tests.builders import NOW, Caller, Newsroom
from tests.decided_newsroom import decide_many, sentences

SHIPPED = default_model.load().version
SITE = "/api/v1/sites/gazette"
REASON = {"despite_gate": "The election is on Sunday."}


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


@pytest.fixture
def decided(newsroom: Newsroom) -> None:
    """Decisions enough to learn from."""
    decide_many(newsroom, sentences(300))


@pytest.fixture
def refused(newsroom: Newsroom) -> str:
    """A stored model that its gate refused."""
    session = db.session()
    start_writing(session)
    report = {
        "active": {"version": SHIPPED},
        "gate": {"allowed": False, "reasons": ["It is worse."]},
    }
    session.add(
        Model(
            site_id=newsroom.site_id,
            version="bad-1",
            base_version=SHIPPED,
            artifact=default_model.PATH.read_bytes(),
            report=report,
            created_at=NOW,
        )
    )
    session.commit()
    return "bad-1"


def work(app: Flask) -> None:
    """Do what the worker does, once, in this thread."""
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    task = job_attempts.take_next(sessions)
    assert task is not None
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    job_attempts.run_job(sessions, duties.build(sessions, scoring, key), task)


def test_the_whole_circle(
    app: Flask, newsroom: Newsroom, admin: Caller, decided: None
) -> None:
    asked = admin.post(f"{SITE}/retrainings")
    assert asked.status_code == 202
    assert (asked.json["state"], asked.json["result"]) == ("queued", None)
    path = f"/api/v1/jobs/{asked.json['id']}"
    assert admin.get(path).json == {**asked.json, "log": []}

    work(app)
    done = admin.get(path).json
    assert (done["state"], done["fault"], done["progress"]) == ("succeeded", None, 1.0)
    version = done["result"]["version"]
    assert done["result"]["allowed"] is True

    found = admin.get(f"{SITE}/models/{version}").json
    gain = found["report"]["comparison"]["auc"]["insult"]["gain"]
    assert gain["low"] > 0
    assert found["report"]["active"]["version"] == SHIPPED
    assert found["gate"] == {"allowed": True, "reasons": [], "objections": []}
    assert "Wilhelmina" not in json.dumps(found)

    promoted = admin.post(f"{SITE}/models/{version}/promotion", {})
    assert promoted.status_code == 201
    assert promoted.json["version"] == version
    assert promoted.json["previous_version"] == SHIPPED
    assert newsroom.send()["model_version"] == version
    assert [each["is_active"] for each in models(admin)] == [True, False]

    back = admin.post(f"{SITE}/rollback")
    assert back.status_code == 201
    assert (back.json["action"], back.json["version"]) == ("rollback", SHIPPED)
    assert newsroom.send()["model_version"] == SHIPPED


def test_a_report_names_the_comments_on_which_the_models_differ(
    app: Flask, newsroom: Newsroom, admin: Caller
) -> None:
    newsroom.set_policy({"insult": {"review_at": 0.3, "reject_at": 0.9}})
    decide_many(newsroom, sentences(300))
    admin.post(f"{SITE}/retrainings")
    work(app)
    (model, _) = models(admin)
    answer = admin.get(f"{SITE}/models/{model['version']}")
    assert answer.status_code == 200
    different = answer.json["report"]["otherwise"]["comments"]
    assert different
    for comment in different:
        assert comment["active"] != comment["candidate"]
        assert comment["active"] in {"approve", "review", "reject"}


def test_a_model_tells_from_whom_and_what_it_has_learnt(
    app: Flask, session: Session, newsroom: Newsroom, admin: Caller, decided: None
) -> None:
    admin.post(f"{SITE}/retrainings")
    work(app)
    (model, _) = models(admin)
    report = admin.get(f"{SITE}/models/{model['version']}").json["report"]
    assert report["contributions"]["provenance"].keys() == {"single"}
    assert report["slices"] == []  # too few held out to cut them further
    assert [each["one_in"] for each in report["thresholds"]["review"]][:2] == [20, 50]

    first, last = session.execute(
        sa.select(sa.func.min(Comment.id), sa.func.max(Comment.id))
    ).one()
    session.rollback()
    newsroom.as_site().delete(f"/api/v1/comments/{identifiers.encode(first)}")
    assert readers(admin, first) == [model["version"]]
    assert readers(admin, last) == []  # it was held out


def readers(admin: Caller, comment_id: int) -> list[str]:
    path = f"{SITE}/comments/{identifiers.encode(comment_id)}/models"
    return [each["version"] for each in admin.get(path).json["models"]]


def models(admin: Caller) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = admin.get(f"{SITE}/models").json["models"]
    return listed


def test_the_shipped_model_is_listed_and_decides_at_first(admin: Caller) -> None:
    assert models(admin) == [
        {
            "version": SHIPPED,
            "is_shipped": True,
            "is_active": True,
            "base_version": None,
            "created_at": None,
            "gate": None,
        }
    ]
    assert admin.get(f"{SITE}/models/{SHIPPED}").json["report"] is None


def test_too_few_decisions_are_a_conflict_that_names_the_numbers(admin: Caller) -> None:
    answer = admin.post(f"{SITE}/retrainings")
    assert answer.status_code == 409
    assert answer.json["code"] == "too_few_decisions"
    assert "300" in answer.json["message"]


def test_one_retraining_at_a_time(admin: Caller, decided: None) -> None:
    assert admin.post(f"{SITE}/retrainings").status_code == 202
    again = admin.post(f"{SITE}/retrainings")
    assert (again.status_code, again.json["code"]) == (409, "unfinished_job")


def test_a_refused_model_needs_a_written_reason(admin: Caller, refused: str) -> None:
    path = f"{SITE}/models/{refused}/promotion"
    answer = admin.post(path, {})
    assert (answer.status_code, answer.json["code"]) == (409, "not_promotable")
    assert "It is worse." in answer.json["message"]
    assert admin.post(path, {"despite_gate": "ok"}).status_code == 422
    forced = admin.post(path, REASON)
    assert forced.status_code == 201
    assert forced.json["despite_gate"] == REASON["despite_gate"]


def test_an_address_in_the_reason_is_refused(admin: Caller, refused: str) -> None:
    reason = {"despite_gate": "Asked for by jo@mail.example"}
    answer = admin.post(f"{SITE}/models/{refused}/promotion", reason)
    assert answer.status_code == 422


def test_without_a_promotion_there_is_nothing_to_take_back(admin: Caller) -> None:
    assert admin.post(f"{SITE}/rollback").status_code == 409


@pytest.mark.parametrize("version", ["none", "%00", "x" * 300])
def test_unknown_models_are_not_found(admin: Caller, version: str) -> None:
    assert admin.get(f"{SITE}/models/{version}").status_code == 404
    promotion = admin.post(f"{SITE}/models/{version}/promotion", {})
    assert promotion.status_code == 404


@pytest.mark.parametrize("job", ["1", "0", "x", "-1", "2147483648", "9" * 30])
def test_unknown_jobs_are_not_found(admin: Caller, job: str) -> None:
    assert admin.get(f"/api/v1/jobs/{job}").status_code == 404


REQUESTS = [
    ("POST", f"{SITE}/retrainings", None),
    ("GET", f"{SITE}/models", None),
    ("GET", f"{SITE}/models/{SHIPPED}", None),
    ("POST", f"{SITE}/models/bad-1/promotion", REASON),
    ("POST", f"{SITE}/rollback", None),
    ("GET", f"{SITE}/comments/{'0' * 13}/models", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_another_sites_admin_finds_nothing(
    other_newsroom: Newsroom,
    refused: str,
    method: str,
    path: str,
    body: dict[str, str] | None,
) -> None:
    stranger = other_newsroom.as_staff(Role.ADMIN)
    assert stranger.call(method, path, json=body).status_code == 404


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_models_are_for_admins(
    newsroom: Newsroom, role: Role, method: str, path: str, body: dict[str, str] | None
) -> None:
    answer = newsroom.as_staff(role).call(method, path, json=body)
    assert answer.status_code == 403


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_models_are_not_for_sites(
    newsroom: Newsroom, method: str, path: str, body: dict[str, str] | None
) -> None:
    assert newsroom.as_site().call(method, path, json=body).status_code == 403


def test_a_job_is_hidden_from_strangers_and_moderators(
    newsroom: Newsroom, other_newsroom: Newsroom, admin: Caller, decided: None
) -> None:
    path = f"/api/v1/jobs/{admin.post(f'{SITE}/retrainings').json['id']}"
    assert admin.get(path).status_code == 200
    assert newsroom.as_staff().get(path).status_code == 404
    assert other_newsroom.as_staff(Role.ADMIN).get(path).status_code == 404


@pytest.mark.parametrize(
    ("schema", "measured"),
    [
        (FiguresOut, ModelReport),
        (LabelFigures, LabelReport),
        (IntervalOut, Estimate),
        (ComparisonOut, ModelComparison),
        (DifferenceOut, PairedDifference),
        (GateOut, Gate),
        (ObjectionOut, Objection),
    ],
)
def test_all_that_is_measured_is_answered(
    schema: type[ma.Schema], measured: type[Any]
) -> None:
    assert set(schema().fields) == {each.name for each in dataclasses.fields(measured)}
