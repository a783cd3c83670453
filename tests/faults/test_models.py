"""Unusable model files, and promotions at once: comments are held, one decides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.tables.models import Model, Promotion
from moderation.tables.sites import Site
from tests.builders import Newsroom, open_newsroom
from tests.refusals import on_sqlite
from tests.renamed_model import renamed_file

SITE = "/api/v1/sites/gazette"
REASON = {"despite_gate": "It served us well at the other site."}
BINARY = {"Content-Type": "application/octet-stream"}
SHIPPED = Path(default_model.__file__).parent / "shipped.safetensors"
ROUNDS = 4  # of promotions at the same time


def import_model(newsroom: Newsroom, name: str) -> str:
    """Import a model; return its version."""
    admin, data = newsroom.as_staff(Role.ADMIN), renamed_file(name)
    answer = admin.call("POST", f"{SITE}/models", data=data, headers=BINARY)
    assert answer.status_code == 201, answer.text
    version: str = answer.json["version"]
    return version


def promote(newsroom: Newsroom, version: str) -> int:
    """Promote a model; return the HTTP status."""
    admin = newsroom.as_staff(Role.ADMIN)
    return admin.post(f"{SITE}/models/{version}/promotion", REASON).status_code


def make_a_newer_format(data: bytes) -> bytes:
    """Return a model as a later release might write it."""
    newer = data.replace(b'\\"format\\": 5', b'\\"format\\": 6', 1)
    return newer if newer != data else data.replace(b'"format":5', b'"format":6', 1)


@on_sqlite
@pytest.mark.parametrize("name", ["missing", "of a newer format", "a folder"])
def test_comments_are_held_while_the_model_file_is_unusable(
    make_app: Callable[..., Flask], tmp_path: Path, name: str
) -> None:
    path = tmp_path / "model.safetensors"
    if name == "of a newer format":
        newer = make_a_newer_format(SHIPPED.read_bytes())
        assert newer != SHIPPED.read_bytes()
        path.write_bytes(newer)
    if name == "a folder":
        path.mkdir()
    app = make_app(MODERATION_MODEL_PATH=str(path))
    with app.app_context():
        sent = open_newsroom(app, "gazette").send()
    assert (sent["status"], sent["reasons"]) == ("pending", [{"code": "unscored"}])


@on_sqlite
def test_a_file_that_changes_under_a_running_service_changes_nothing(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(SHIPPED.read_bytes())
    app = make_app(MODERATION_MODEL_PATH=str(path))
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        path.write_bytes(SHIPPED.read_bytes()[:1000])  # a mapped file would end us
        assert newsroom.send()["status"] == "approved"


@pytest.mark.parametrize("cut", [0, 1000, -1])
def test_a_promoted_model_that_is_damaged_holds_comments(
    newsroom: Newsroom, session: Session, cut: int
) -> None:
    version = import_model(newsroom, "visitor")
    assert promote(newsroom, version) == 201
    start_writing(session)
    session.execute(sa.update(Model).values(artifact=renamed_file("visitor")[:cut]))
    session.commit()
    assert newsroom.send()["reasons"] == [{"code": "unscored"}]


@pytest.fixture
def versions(newsroom: Newsroom) -> list[str]:
    """Two models that can be promoted."""
    return [import_model(newsroom, name) for name in ("visitor", "guest")]


def test_two_promotions_at_once_leave_one_model_and_a_log_without_gaps(
    newsroom: Newsroom, session: Session, versions: list[str]
) -> None:
    barrier = threading.Barrier(len(versions))

    def run(version: str) -> int:
        barrier.wait()
        with newsroom.app.app_context():
            return promote(newsroom, version)

    with ThreadPoolExecutor(len(versions)) as pool:
        statuses = [status for _ in range(ROUNDS) for status in pool.map(run, versions)]
    assert set(statuses) <= {201, 409}
    session.rollback()
    log = session.scalars(sa.select(Promotion).order_by(Promotion.id)).all()
    assert len(log) == statuses.count(201)
    assert log[0].previous_id is None
    assert all(one.model_id == two.previous_id for one, two in pairwise(log))
    active = session.scalar(sa.select(Site.model_id).where(Site.name == "gazette"))
    assert active == log[-1].model_id
    decides = session.scalar(sa.select(Model.version).where(Model.id == active))
    assert newsroom.send()["model_version"] == decides
