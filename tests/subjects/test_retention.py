"""Retention clocks: what is old goes, what is fresh or held stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.subjects import clocks, retention
from moderation.subjects.clocks import DEFAULTS, DataClass
from moderation.tables.accounts import StaffToken
from moderation.tables.audit import AuditEntry
from moderation.tables.authors import Author, AuthorNote, StandingChange
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.jobs import Job
from moderation.tables.legal import Notice
from moderation.tables.models import Model
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Escalation, Note
from moderation.tables.subjects import SiteRetention
from moderation.tables.webhooks import Delivery
from moderation.worker import maintenance
from moderation.worker import retention as worker
from tests.api.test_exports import write as write_exports
from tests.builders import Newsroom
from tests.refusals import assert_refused
from tests.subjects import lives
from tests.subjects.lives import COMMENTS, Life

RETENTION = "/api/v1/sites/gazette/retention"
HOLDS = "/api/v1/sites/gazette/holds"
LONG_AGO = timedelta(days=1200)  # longer than every clock

#: When each row became what its clock counts from.
TIMES: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Comment, ("received_at",)),
    (Decision, ("created_at",)),
    (Author, ("first_seen_at", "last_seen_at")),
    (AuthorNote, ("created_at",)),
    (StandingChange, ("created_at",)),
    (Report, ("created_at",)),
    (Appeal, ("created_at",)),
    (Note, ("created_at",)),
    (Escalation, ("created_at",)),
    (Delivery, ("created_at",)),
    (Model, ("created_at",)),
)


def grow_old(session: Session, by: timedelta = LONG_AGO) -> None:
    """Let all that is stored have happened earlier, and be settled."""
    then = datetime.now(UTC) - by
    start_writing(session)
    for table, columns in TIMES:
        session.execute(sa.update(table).values(dict.fromkeys(columns, then)))
    session.execute(sa.update(Appeal).values(heard_at=then))
    session.execute(sa.update(Escalation).values(ended_at=then))
    session.execute(sa.update(Notice).values(decided_at=then))
    session.execute(sa.update(Delivery).values(settled_at=then, state="delivered"))
    session.commit()


def pass_through(session: Session, site_id: int) -> dict[str, int]:
    """Do what a worker does once a day; return what it deleted."""
    session.rollback()
    db.session.remove()
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    counts = worker.apply_clocks(sessions, site_id)
    return {each.value: count for each, count in counts.items() if count}


@pytest.fixture
def life(newsroom: Newsroom, session: Session) -> Life:
    return Life(newsroom, session)


def test_what_is_old_is_counted_and_deleted_and_what_is_held_stays(
    app: Flask, newsroom: Newsroom, session: Session, life: Life
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    path, staff = f"{COMMENTS}/{life.rejected}", newsroom.as_staff()
    lives.done(staff.put(f"{path}/claim"))
    version = newsroom.as_site().get(path).json["version"]
    rejection = {"verdict": "reject", "reasons": ["insult"], "version": version}
    lives.done(staff.post(f"{path}/decisions", rejection))  # answers the appeal
    assert pass_through(session, newsroom.site_id) == {}  # all of it is fresh
    grow_old(session)
    hold = {"comment": life.rejected, "reason": "Complaint at the district court"}
    placed = admin.post(HOLDS, hold)
    assert (placed.status_code, placed.json["comment"]) == (201, life.rejected)
    deletion = newsroom.as_site().delete(f"{COMMENTS}/{life.rejected}")
    assert_refused(deletion, 409)
    assert deletion.json["code"] == "under_legal_hold"

    body = {"clocks": [{"data": "published", "days": 400}], "mode": "anonymize"}
    assert admin.patch(RETENTION, body).json["mode"] == "anonymize"
    due = admin.get(f"{RETENTION}/due").json["due"]
    counted = {row["data"]: row["count"] for row in due if row["count"]}
    deleted = pass_through(session, newsroom.site_id)
    assert counted == deleted
    assert set(deleted) == {
        *("networks", "user_agents", "emails", "published", "reports", "notes"),
        *("deliveries", "lineage", "notices"),
    }
    left = lives.found(lives.stored_bytes(session))
    # Of the rejected and held comment, all; of the published one, her text.
    assert {"Plainly unwithholdable."} | set(left) >= {"unwithholdable", lives.NAME}
    published = session.get_one(Comment, identifiers.decode(life.published))
    assert published.body == "Better flabbergastration, says [name]."
    assert (published.author_name, published.email_index) == ("Anonymous", None)
    assert published.author_record_id is None
    assert session.scalar(sa.select(Model.learnt_from)) is None

    assert admin.delete(f"{HOLDS}/{placed.json['id']}").status_code == 204
    again = pass_through(session, newsroom.site_id)
    assert again["rejected"] == 1
    assert_refused(admin.get(f"{HOLDS}?comment={life.rejected}"), 404)
    applied = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "retention.applied")
    ).all()
    assert "rejected=1" in applied[-1].details["deleted"]


def test_a_held_article_is_left_out_of_an_erasure(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    admin, person = newsroom.as_staff(Role.ADMIN), {"email": "ada@mail.example"}
    kept = newsroom.send()["id"]
    gone = newsroom.send(article="https://gazette.example/other")["id"]
    hold = {"article": "https://gazette.example/bridge", "reason": "Court"}
    assert admin.post(HOLDS, hold).json["article"] == hold["article"]
    asked = admin.post(lives.ERASURES, {**person, "mode": "delete"}).json
    lives.work(app)
    receipt = admin.get(f"{lives.ERASURES}/{asked['id']}").json["receipt"]
    assert receipt["comments"]["delete"] == [gone]
    assert (receipt["under_legal_hold"], receipt["authors"]) == ([kept], [])
    summary = admin.post(f"{lives.PERSONS}/summary", person).json
    assert (summary["comments"], summary["under_legal_hold"]) == (1, 1)


def test_an_author_who_is_back_keeps_an_address(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send()
    grow_old(session, timedelta(days=400))
    newsroom.send()
    assert "emails" not in pass_through(session, newsroom.site_id)


def test_clocks_have_defaults_and_limits(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    shown = {row["data"]: row["days"] for row in admin.get(RETENTION).json["clocks"]}
    assert shown == {each.value: days for each, days in DEFAULTS.items()}
    for data, days in (("deliveries", 31), ("deliveries", None), ("networks", 0)):
        body = {"clocks": [{"data": data, "days": days}]}
        assert admin.patch(RETENTION, body).status_code == 422
    assert_refused(newsroom.as_staff(Role.LEAD).get(RETENTION), 403)


def test_an_upgraded_site_has_time_to_choose(
    newsroom: Newsroom, session: Session
) -> None:
    now = datetime.now(UTC)
    start_writing(session)
    row = SiteRetention(
        site_id=newsroom.site_id,
        clocks={},
        mode="delete",
        starts_at=now + timedelta(days=14),
    )
    session.add(row)
    session.commit()
    assert retention.due_site(session, now) is None
    assert retention.due_site(session, now + timedelta(days=15)) == newsroom.site_id
    start_writing(session)
    clocks.update_clocks(
        session, newsroom.site_id, {DataClass.NOTES: 7}, None, staff_id=None, now=now
    )
    session.commit()
    assert retention.due_site(session, now) == newsroom.site_id


def test_ended_log_ins_and_records_of_exports_go(
    newsroom: Newsroom, session: Session
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    lives.done(admin.post("/api/v1/sites/gazette/exports", {}))
    write_exports(newsroom.app)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    session.rollback()
    tokens = sa.select(sa.func.count()).select_from(StaffToken)
    jobs = sa.select(sa.func.count()).select_from(Job)
    for days, left in ((80, 1), (100, 0)):
        now = datetime.now(UTC) + timedelta(days=days)
        maintenance.forget_counters(sessions, now)
        maintenance.forget_exports(sessions, now)
        assert bool(session.scalar(tokens)) is bool(left)
        assert session.scalar(jobs) == left
        session.rollback()
