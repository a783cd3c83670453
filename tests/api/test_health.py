"""Liveness and readiness, which say what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import sessionmaker

from classifiers.errors import BadArtifact
from classifiers.pretrained import default_encoder, default_model
from classifiers.serving.document import Document
from moderation.database import db, start_writing
from moderation.web.services import services_of
from moderation.worker import maintenance
from tests.refusals import on_sqlite


def test_the_process_tells_that_it_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_service_with_all_its_parts_is_ready(app: Flask, client: FlaskClient) -> None:
    maintenance.beat(sessionmaker(db.engine), datetime.now(UTC))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "model": "ok",
        "disk": "ok",
        "encoder": "ok",
        "email_keys": "ok",
        "keys": "ok",
        "worker": "ok",
        "webhooks": "ok",
        "notifications": "ok",
    }


def test_an_older_database_is_told_with_both_revisions(
    app: Flask, client: FlaskClient
) -> None:
    session = db.session()
    start_writing(session)
    session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["migrations"].startswith("at 0000, ")
    assert answer.json["status"] == "not ready"
    assert client.get("/healthz").status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.sqlite",
        "postgresql+psycopg://nobody:s3cret@127.0.0.1:1/none",
    ],
)
def test_an_unreachable_database_is_told_without_its_address(
    make_app: Callable[..., Flask], url: str
) -> None:
    client = make_app(DATABASE_URL=url).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"].startswith("does not answer")
    assert "s3cret" not in answer.text
    assert "nowhere" not in answer.text
    assert client.get("/healthz").status_code == 200


@on_sqlite
def test_an_empty_database_is_not_ready(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    client = make_app(DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite").test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["migrations"].startswith("at None, ")


@on_sqlite
def test_a_missing_model_is_told(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    client = make_app(MODERATION_MODEL_PATH=f"{tmp_path}/none").test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "can" in answer.json["model"]
    assert answer.json["database"] == "ok"


@on_sqlite
def test_without_the_encoder_the_fast_scorer_goes_on_visibly(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise BadArtifact("onnxruntime is not installed")

    monkeypatch.setattr(default_encoder, "load", fail)
    app = make_app(MODERATION_ENCODER="always")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["encoder"] == "onnxruntime is not installed"
    assert answer.json["model"] == "ok"
    scoring = services_of(app).scoring
    scorer = scoring.find_default()
    assert scorer is default_model.load()
    (scored,) = scoring.score(scorer, [Document(text="you stupid idiot")])
    assert scored is not None
    assert scored.model_version == default_model.load().version
