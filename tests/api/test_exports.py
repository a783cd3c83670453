"""Exports of listed comments over HTTP: asked for, written by a worker, downloaded."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.desk import export
from moderation.jobs import JobKind
from moderation.tables.accounts import Membership
from moderation.tables.exports import ExportPart
from moderation.web.services import services_of
from moderation.worker import duties, loops, maintenance
from tests.builders import ALL_HELD, Newsroom
from tests.refusals import assert_refused

EXPORTS = "/api/v1/sites/gazette/exports"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def write(app: Flask) -> None:
    """Do what a worker does with exports."""
    services = services_of(app)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    work = duties.build(sessions, services.scoring, services.lineage_key)
    while loops.run_next(sessions, work, JobKind.EXPORT):
        pass


def exported(newsroom: Newsroom, role: Role = Role.MODERATOR, **body: Any) -> Any:
    staff = newsroom.as_staff(role)
    answer = staff.post(EXPORTS, body)
    assert answer.status_code == 202, answer.json
    assert answer.json["state"] == "queued"
    assert answer.json["count"] is None
    write(newsroom.app)
    path = f"{EXPORTS}/{answer.json['id']}"
    told = staff.get(path).json
    assert told["state"] == "succeeded", told
    file = staff.get(f"{path}/file")
    assert file.status_code == 200, file.text
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert told["count"] == len(rows)
    return rows


def test_what_is_listed_is_exported(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PART_SIZE", 2)
    bodies = ["=1+1", 'Line\nbreak, "quoted"', "@SUM(A1)", "Plain."]
    for body in bodies:
        newsroom.send(body=body, author_name="-Ada", author_email="a@mail.example")
    rows = exported(newsroom)
    assert [row["body"] for row in rows] == [
        bodies[3],
        "'" + bodies[2],
        bodies[1],
        "'" + bodies[0],
    ]
    assert {row["author_name"] for row in rows} == {"'-Ada"}
    assert {row["status"] for row in rows} == {"pending"}
    assert "mail.example" not in str(rows)
    (row,) = exported(newsroom, filters={"text": "plain", "status": "pending"})
    assert row["body"] == "Plain."
    assert exported(newsroom, filters={"status": "approved"}) == []


def test_an_export_says_that_it_holds_the_first_alone(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_EXPORTED", 2)
    for _ in range(3):
        newsroom.send()
    assert len(exported(newsroom, order="oldest")) == 2
    (told,) = newsroom.as_staff().get(EXPORTS).json["exports"]
    assert told["is_complete"] is False


def test_an_export_is_its_owners_and_the_admins(newsroom: Newsroom) -> None:
    exported(newsroom)
    (told,) = newsroom.as_staff(Role.ADMIN).get(EXPORTS).json["exports"]
    path = f"{EXPORTS}/{told['id']}"
    assert newsroom.as_staff(Role.ADMIN).get(f"{path}/file").status_code == 200
    assert newsroom.as_staff(Role.LEAD).get(EXPORTS).json["exports"] == []
    for name in (path, f"{path}/file"):
        assert_refused(newsroom.as_staff(Role.LEAD).get(name), 404)


def test_an_export_keeps_to_the_sections_of_who_asked(
    newsroom: Newsroom, session: Session
) -> None:
    for section in ("Local", "World"):
        article = f"https://gazette.example/{section}"
        newsroom.send(article=article, article_section=section, body=section)
    start_writing(session)
    session.execute(
        sa.update(Membership)
        .where(Membership.staff_id == newsroom.staff_ids[Role.MODERATOR])
        .values(section="Local")
    )
    session.commit()
    assert [row["body"] for row in exported(newsroom)] == ["Local"]


def test_an_export_expires(newsroom: Newsroom, session: Session) -> None:
    newsroom.send()
    exported(newsroom)
    later = datetime.now(UTC) + export.EXPORT_LASTS + timedelta(minutes=1)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    maintenance.forget_exports(sessions, datetime.now(UTC))
    assert session.scalars(sa.select(ExportPart.number)).all() == [0]
    session.commit()
    maintenance.forget_exports(sessions, later)
    assert session.scalars(sa.select(ExportPart.number)).all() == []
    session.commit()
    (told,) = newsroom.as_staff().get(EXPORTS).json["exports"]
    assert_refused(newsroom.as_staff().get(f"{EXPORTS}/{told['id']}/file"), 409)


def test_nobody_has_many_unfinished_exports(newsroom: Newsroom) -> None:
    for _ in range(export.MAX_UNFINISHED):
        assert newsroom.as_staff().post(EXPORTS, {}).status_code == 202
    assert_refused(newsroom.as_staff().post(EXPORTS, {}), 409)
    assert newsroom.as_staff(Role.LEAD).post(EXPORTS, {}).status_code == 202


def test_an_export_of_nonsense_is_refused(newsroom: Newsroom) -> None:
    staff = newsroom.as_staff()
    assert_refused(staff.post(EXPORTS, {"order": "score"}), 422, "label")
    assert_refused(staff.post(EXPORTS, {"order": "due"}), 422, "order")
    assert_refused(
        staff.post(EXPORTS, {"filters": {"from": "soon"}}), 422, "filters.from"
    )
    answer = staff.post("/api/v1/sites/nowhere/exports", {})
    assert_refused(answer, 404)
