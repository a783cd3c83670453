"""Any two models side by side, through HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import sessionmaker

from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.learning import lineage
from moderation.tables.comments import Comment
from moderation.tables.models import Model
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts
from tests.builders import NOW, Caller, Newsroom
from tests.decided_newsroom import decide_many, sentences
from tests.refusals import on_sqlite

pytestmark = on_sqlite
SHIPPED = default_model.load()
SITE = "/api/v1/sites/gazette"
OTHER = "same-1"
PAIR = {"first": SHIPPED.version, "second": OTHER}


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


def store(newsroom: Newsroom, learnt_from: bytes | None = None) -> None:
    """Keep the shipped model once more, under another name."""
    session = db.session()
    start_writing(session)
    session.add(
        Model(
            site_id=newsroom.site_id,
            version=OTHER,
            base_version=SHIPPED.version,
            artifact=default_model.PATH.read_bytes(),
            report={"active": {"version": None}, "gate": {}},
            learnt_from=learnt_from,
            created_at=NOW,
        )
    )
    session.commit()


def compared(app: Flask, admin: Caller) -> Any:
    asked = admin.post(f"{SITE}/comparisons", PAIR)
    assert asked.status_code == 202
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    task = job_attempts.take_next(sessions)
    assert task is not None
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    job_attempts.run_job(sessions, duties.build(sessions, scoring, key), task)
    return admin.get(f"/api/v1/jobs/{asked.json['id']}").json


def test_a_model_gains_nothing_over_itself(
    app: Flask, newsroom: Newsroom, admin: Caller
) -> None:
    decide_many(newsroom, sentences(300))
    store(newsroom)
    done = compared(app, admin)
    assert done["state"] == "succeeded"
    report = done["result"]["report"]
    assert report["held_out"] > 60
    assert report["comparison"]["auc"]["insult"]["gain"]["value"] == 0
    assert report["otherwise"]["stricter"] == report["otherwise"]["milder"] == 0
    assert "contributions" not in report
    listed = admin.get(f"{SITE}/jobs").json["jobs"]
    assert listed[0]["result"] is None  # lists are short
    assert listed[0]["arguments"] == PAIR


def test_what_one_of_them_has_learnt_from_is_left_out(
    app: Flask, newsroom: Newsroom, admin: Caller
) -> None:
    decide_many(newsroom, sentences(300))
    ids = db.session.scalars(sa.select(Comment.id)).all()
    db.session.rollback()
    store(newsroom, lineage.pack_marks(services_of(app).lineage_key, ids))
    done = compared(app, admin)
    assert done["state"] == "failed"
    assert done["fault"].startswith("Only 0 of the later decisions are new to both")


@pytest.mark.parametrize(
    ("pair", "status"),
    [
        ({"first": SHIPPED.version, "second": SHIPPED.version}, 422),
        ({"first": SHIPPED.version, "second": "nothing"}, 404),
        ({"first": "a\x00b", "second": SHIPPED.version}, 404),
        ({"first": SHIPPED.version}, 422),
    ],
)
def test_a_pair_that_can_not_be_compared_is_refused(
    admin: Caller, pair: dict[str, str], status: int
) -> None:
    assert admin.post(f"{SITE}/comparisons", pair).status_code == status


def test_comparing_is_for_admins_of_the_site(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    path = f"{SITE}/comparisons"
    assert newsroom.as_staff(Role.LEAD).post(path, PAIR).status_code == 403
    assert other_newsroom.as_staff(Role.ADMIN).post(path, PAIR).status_code == 404
