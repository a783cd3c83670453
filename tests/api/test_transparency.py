"""Transparency files over HTTP: asked for, made by a worker, downloaded."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.audit.actions import AuditAction
from moderation.database import db
from moderation.jobs import JobKind
from moderation.transparency.templates import SHEETS
from moderation.web.services import services_of
from moderation.worker import duties, loops, maintenance
from tests.audit.rows import entries
from tests.builders import Newsroom
from tests.refusals import assert_refused, on_sqlite
from tests.transparency.year import FIRST, YearSeeder

FILES = "/api/v1/sites/gazette/transparency-files"
HALF = {"from": "2026-01-01", "to": "2026-06-30"}


def make_files(app: Flask) -> None:
    """Do what a worker does with transparency files."""
    services = services_of(app)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    work = duties.build(sessions, services.scoring, services.lineage_key)
    while loops.run_next(sessions, work, JobKind.TRANSPARENCY):
        pass


def made(newsroom: Newsroom, role: Role, **body: Any) -> tuple[Any, bytes]:
    staff = newsroom.as_staff(role)
    begun = staff.post(FILES, {**HALF, **body})
    assert begun.status_code == 202, begun.json
    path = f"{FILES}/{begun.json['id']}"
    assert staff.get(f"{path}/file").status_code == 409
    make_files(newsroom.app)
    ended = staff.get(path).json
    assert ended["state"] == "succeeded", ended
    credential = {"Authorization": f"Bearer {newsroom.tokens[role]}"}
    client = newsroom.app.test_client()
    answer = client.get(f"{path}/file", headers=credential)
    assert answer.status_code == 200, answer.text
    return ended, answer.get_data()


def test_a_lead_makes_a_report_and_an_admin_statements(
    newsroom: Newsroom, session: Session
) -> None:
    YearSeeder(newsroom, session).seed(60)
    report, content = made(newsroom, Role.LEAD, kind="report", provider="Gazette Ltd")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [f"{name}.csv" for name in SHEETS]
        assert b"Gazette Ltd" in archive.read("1_summary.csv")
    assert report["count"] == len(SHEETS)
    assert {"no_audits", "published", "notices"} <= set(report["gaps"])
    statements, content = made(newsroom, Role.ADMIN, kind="statements")
    batches = [json.loads(line)["statements"] for line in content.splitlines()]
    assert statements["count"] == sum(len(batch) for batch in batches) > 0
    listed = {
        role: [
            each["kind"] for each in newsroom.as_staff(role).get(FILES).json["files"]
        ]
        for role in (Role.LEAD, Role.ADMIN)
    }
    assert listed == {Role.LEAD: ["report"], Role.ADMIN: ["statements", "report"]}
    path = f"{FILES}/{statements['id']}"
    assert_refused(newsroom.as_staff(Role.LEAD).get(path), 404)
    taken = entries(
        session, AuditAction.REPORT_EXPORTED, AuditAction.STATEMENTS_EXPORTED
    )
    assert [entry.details["count"] for entry in taken] == [11, statements["count"]]
    # A day later, the file is gone.
    maintenance.forget_exports(
        sessionmaker(db.engine), FIRST.replace(year=FIRST.year + 20)
    )
    assert newsroom.as_staff(Role.ADMIN).get(f"{path}/file").status_code == 409


@on_sqlite
@pytest.mark.parametrize(
    ("role", "body", "status", "fields"),
    [
        (Role.MODERATOR, {"kind": "report"}, 403, []),
        (Role.LEAD, {"kind": "statements"}, 403, []),
        (Role.ADMIN, {"kind": "report", "to": "2025-12-31"}, 422, ["to"]),
        (Role.ADMIN, {"kind": "statements", "to": "2099-01-01"}, 422, ["to"]),
        (Role.ADMIN, {"kind": "poster"}, 422, ["kind"]),
    ],
)
def test_a_file_is_refused(
    newsroom: Newsroom,
    role: Role,
    body: dict[str, str],
    status: int,
    fields: list[str],
) -> None:
    answer = newsroom.as_staff(role).post(FILES, {**HALF, **body})
    assert_refused(answer, status, *fields)
