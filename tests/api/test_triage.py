"""Triage: the histogram, a sample, earlier decisions, and bulk decisions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation import jobs
from moderation.accounts.staff import Role
from moderation.database import Sessions, db, start_writing
from moderation.review import bulk, bulk_steps
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.jobs import Job
from moderation.tables.objections import Appeal, Report
from moderation.tables.webhooks import Callback
from moderation.web.services import services_of
from moderation.worker import dispatch, duties, job_attempts, loops
from tests.builders import (
    ALL_HELD,
    NOW,
    Answer,
    Caller,
    Newsroom,
    comment,
    hire,
    sender_in,
)
from tests.concurrency.test_concurrency import at_once
from tests.decided_newsroom import decide_many, sentences
from tests.refusals import assert_refused, on_sqlite

BATCHES = "/api/v1/batches"
HISTOGRAM = "/api/v1/triage/histogram"
SAMPLE = "/api/v1/triage/sample"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


@pytest.fixture
def sessions(app: Flask) -> Sessions:
    """Sessions of a worker: none of them is a request's."""
    return sessionmaker(db.engine, expire_on_commit=False)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker do what a request would, a few comments a step."""
    monkeypatch.setattr(bulk, "MAX_IN_REQUEST", 2)
    monkeypatch.setattr(bulk_steps, "BATCH_SIZE", 3)


def hold(
    newsroom: Newsroom, scores: Sequence[float | None], **fields: Any
) -> list[str]:
    """Let comments wait, each with a score of spam; return their ids in order."""
    bodies = {"comments": [comment(**fields) for _ in scores]}
    answer = newsroom.as_site().post("/api/v1/comments/batch", bodies)
    ids = [item["comment"]["id"] for item in answer.json["comments"]]
    session = db.session()
    start_writing(session)
    rows = session.scalars(
        sa.select(Comment).order_by(Comment.id.desc()).limit(len(ids))
    )
    for row, score in zip(reversed(rows.all()), scores, strict=True):
        row.score_spam = score
    session.commit()
    return ids


def histogram(newsroom: Newsroom, **query: Any) -> Any:
    query = {"site": newsroom.name, "label": "spam", **query}
    answer = newsroom.as_staff().get(HISTOGRAM, query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


def ask(newsroom: Newsroom, role: Role = Role.MODERATOR, **query: Any) -> Answer:
    query = {"site": newsroom.name, "label": "spam", "low": 0, "high": 1, **query}
    return newsroom.as_staff(role).get(SAMPLE, query_string=query)


def sample(newsroom: Newsroom, **query: Any) -> Any:
    answer = ask(newsroom, **query)
    assert answer.status_code == 200, answer.json
    return answer.json


def decide(newsroom: Newsroom, **body: Any) -> Answer:
    body = {
        "site": newsroom.name,
        "label": "spam",
        "low": 0.9,
        "high": 1.0,
        "verdict": "reject",
        "reasons": ["spam"],
        "as_of": datetime.now(UTC).isoformat(),
        **body,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return newsroom.as_staff().post(BATCHES, body)


def undo(newsroom: Newsroom, batch: Any, role: Role = Role.MODERATOR) -> Answer:
    return newsroom.as_staff(role).post(f"{BATCHES}/{batch['id']}/undo")


def read(newsroom: Newsroom, batch: Any) -> Any:
    return newsroom.as_staff().get(f"{BATCHES}/{batch['id']}").json


def statuses(newsroom: Newsroom, ids: Sequence[str]) -> list[str]:
    site = newsroom.as_site()
    return [site.get(f"/api/v1/comments/{each}").json["status"] for each in ids]


def work_off(app: Flask, sessions: Sessions) -> None:
    """Do all jobs that wait, as the worker does."""
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    work = duties.build(sessions, scoring, key)
    while (task := job_attempts.take_next(sessions)) is not None:
        job_attempts.run_job(sessions, work, task)


def test_the_histogram_counts_what_waits(newsroom: Newsroom) -> None:
    hold(newsroom, [0.0, 0.049, 0.05, 0.15, 0.35, 0.55, 0.95, 1.0, None])
    found = histogram(newsroom)
    expected = [0] * 20
    for place in (0, 0, 1, 3, 7, 11, 19, 19):
        expected[place] += 1
    assert found["counts"] == expected
    assert (found["total"], found["unscored"]) == (8, 1)


def test_a_bin_and_its_range_agree(newsroom: Newsroom) -> None:
    """Also at the bounds, which binary fractions can't represent."""
    hold(newsroom, [n / 20 for n in range(21)])
    counts = histogram(newsroom)["counts"]
    assert counts == [
        sample(newsroom, low=n / 20, high=(n + 1) / 20)["count"] for n in range(20)
    ]
    assert sum(counts) == 21


def test_the_histogram_is_of_a_part_of_the_site(newsroom: Newsroom) -> None:
    hold(newsroom, [0.9], article_section="Sport", language="en")
    hold(newsroom, [0.9, 0.8], article="https://gazette.example/2", language="de")
    assert histogram(newsroom, section="Sport")["total"] == 1
    assert histogram(newsroom, language="de")["total"] == 2
    assert histogram(newsroom, section="Sport", language="de")["total"] == 0


def test_what_is_decided_is_not_counted(newsroom: Newsroom) -> None:
    (decided, _) = hold(newsroom, [0.9, 0.9])
    path = f"/api/v1/comments/{decided}/decisions"
    newsroom.as_staff().post(path, {"verdict": "approve", "version": 1})
    assert histogram(newsroom)["total"] == 1


def test_a_sample_is_of_the_range(newsroom: Newsroom) -> None:
    ids = hold(newsroom, [0.2, 0.91, 0.97, 0.93])
    found = sample(newsroom, low=0.9, high=1)
    assert [each["id"] for each in found["comments"]] == [ids[1], ids[3], ids[2]]
    assert found["count"] == 3


def test_a_sample_is_no_longer_than_asked(newsroom: Newsroom) -> None:
    hold(newsroom, [0.5] * 5)
    found = sample(newsroom, size=2)
    assert (len(found["comments"]), found["count"]) == (2, 5)


def test_precision_is_what_people_decided_one_by_one(newsroom: Newsroom) -> None:
    ids = hold(newsroom, [0.95] * 4)
    session = db.session()
    start_writing(session)
    session.execute(sa.text("UPDATE scores SET spam = 0.95"))
    session.commit()
    bodies: list[dict[str, Any]] = [
        {"verdict": "reject", "reasons": ["spam"]},
        {"verdict": "reject", "reasons": ["off_topic"]},
        {"verdict": "approve"},
    ]
    for comment_id, body in zip(ids, bodies, strict=False):
        path = f"/api/v1/comments/{comment_id}/decisions"
        newsroom.as_staff().post(path, {"version": 1, **body})
    evidence = sample(newsroom, low=0.9, high=1)["evidence"]
    assert evidence["decided"] == 3
    assert evidence["rejected"]["count"] == 2
    assert evidence["confirmed"]["count"] == 1
    assert evidence["rejected"]["low"] < 2 / 3 < evidence["rejected"]["high"]
    elsewhere = sample(newsroom, low=0.5, high=0.9)["evidence"]
    assert elsewhere["decided"] == 0
    assert elsewhere["rejected"]["value"] is None


def test_a_batch_is_no_proof_of_itself(newsroom: Newsroom) -> None:
    hold(newsroom, [0.95] * 3)
    decide(newsroom)
    assert sample(newsroom)["evidence"]["decided"] == 0


def test_a_decision_taken_back_proves_nothing(newsroom: Newsroom) -> None:
    (comment_id,) = hold(newsroom, [0.95])
    path = f"/api/v1/comments/{comment_id}"
    staff = newsroom.as_staff()
    staff.post(f"{path}/decisions", {"verdict": "approve", "version": 1})
    staff.post(f"{path}/undo", {"version": 2})
    assert sample(newsroom)["evidence"]["decided"] == 0


def test_a_small_batch_is_decided_in_the_answer(newsroom: Newsroom) -> None:
    ids = hold(newsroom, [0.95, 0.89, 1.0])
    answer = decide(newsroom)
    assert answer.status_code == 201
    batch = answer.json
    assert (batch["state"], batch["progress"]) == ("done", 1.0)
    assert (batch["asked"], batch["decided"], batch["skipped"]) == (2, 2, 0)
    assert batch["filter"] == {"label": "spam", "low": 0.9, "high": 1.0}
    assert statuses(newsroom, ids) == ["rejected", "pending", "rejected"]


def test_a_large_batch_is_a_workers(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    ids = hold(newsroom, [0.95] * 7)
    batch = decide(newsroom).json
    assert (batch["state"], batch["progress"], batch["asked"]) == ("running", 0.0, 7)
    assert batch["undoable_until"] is None
    work_off(app, sessions)
    ended = read(newsroom, batch)
    assert (ended["state"], ended["decided"]) == ("done", 7)
    assert ended["undoable_until"] > ended["finished_at"]
    assert statuses(newsroom, ids) == ["rejected"] * 7


def test_two_batches_of_a_site_run_side_by_side(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    hold(newsroom, [0.95] * 4 + [0.1] * 4)
    high = decide(newsroom).json
    low = decide(newsroom, low=0, high=0.5, verdict="approve", reasons=None).json
    work_off(app, sessions)
    assert read(newsroom, high)["decided"] == read(newsroom, low)["decided"] == 4


def test_what_is_held_when_its_turn_comes_is_skipped(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    ids = hold(newsroom, [0.95] * 7)
    batch = decide(newsroom).json
    newsroom.as_staff(Role.LEAD).put(f"/api/v1/comments/{ids[4]}/claim")
    work_off(app, sessions)
    ended = read(newsroom, batch)
    assert (ended["decided"], ended["skipped"], ended["progress"]) == (6, 1, 1.0)
    assert statuses(newsroom, ids[4:5]) == ["pending"]


def test_what_came_or_changed_since_is_left(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    ids = hold(newsroom, [0.95] * 5)
    batch = decide(newsroom).json
    late = hold(newsroom, [0.95])
    staff, path = newsroom.as_staff(), f"/api/v1/comments/{ids[0]}"
    staff.post(f"{path}/decisions", {"verdict": "approve", "version": 1})
    staff.post(f"{path}/decisions", {"verdict": "review", "version": 2})
    work_off(app, sessions)
    assert read(newsroom, batch)["decided"] == 4
    assert statuses(newsroom, [ids[0], *late]) == ["pending", "pending"]


def test_each_is_decided_once_beside_a_team_at_work(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    ids = hold(newsroom, [0.95] * 12)
    batch = decide(newsroom).json

    def by_hand() -> Answer:
        staff = newsroom.as_staff(Role.LEAD)
        for comment_id in reversed(ids):
            body = {"verdict": "approve", "version": 1}
            staff.post(f"/api/v1/comments/{comment_id}/decisions", body)
        return staff.get("/api/v1/session")

    def in_bulk() -> Answer:
        work_off(app, sessions)
        return newsroom.as_staff().get("/api/v1/session")

    at_once(app, [by_hand, in_bulk])
    with sessions() as session:
        by_person = sa.select(Decision.comment_id).where(Decision.source == "person")
        decided = session.scalars(by_person).all()
    assert len(decided) == len(set(decided)) == 12
    found = statuses(newsroom, ids)
    assert found.count("rejected") == read(newsroom, batch)["decided"]
    assert "pending" not in found


KILLED = """
import os, signal
from sqlalchemy.orm import sessionmaker
from moderation import create_app
from moderation.database import db
from moderation.review import bulk, bulk_steps
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts

bulk_steps.BATCH_SIZE = 3
run_step, steps = bulk_steps.run_step, []

def killed(session, batch_id, now):
    found = run_step(session, batch_id, now)
    steps.append(batch_id)
    if len(steps) == 2:  # the second step is done, but not committed
        os.kill(os.getpid(), signal.SIGKILL)
    return found

bulk_steps.run_step = killed
app = create_app(os.environ)
with app.app_context():
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    work = duties.build(sessions, scoring, key)
    job_attempts.run_job(sessions, work, job_attempts.take_next(sessions))
"""


def test_a_killed_workers_batch_is_carried_on_where_it_was(
    app: Flask,
    newsroom: Newsroom,
    sessions: Sessions,
    environment: dict[str, str],
    small_steps: None,
) -> None:
    ids = hold(newsroom, [0.95] * 8)
    batch = decide(newsroom).json
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env={**os.environ, **environment}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    left = read(newsroom, batch)
    assert (left["state"], left["decided"]) == ("running", 3)
    with sessions() as session:
        start_writing(session)
        session.execute(sa.update(Job).values(leased_until=NOW))
        session.commit()
    work_off(app, sessions)
    assert read(newsroom, batch)["decided"] == 8
    assert statuses(newsroom, ids) == ["rejected"] * 8
    with sessions() as session:
        of_batch = sa.select(Decision.comment_id).where(
            Decision.batch_id == batch["id"]
        )
        decided = session.scalars(of_batch).all()
    assert len(decided) == len(set(decided)) == 8


def test_an_undo_takes_the_whole_batch_back(newsroom: Newsroom) -> None:
    ids = hold(newsroom, [0.95] * 3)
    batch = decide(newsroom).json
    undone = undo(newsroom, batch)
    assert undone.status_code == 200
    assert (undone.json["state"], undone.json["restored"]) == ("undone", 3)
    assert statuses(newsroom, ids) == ["pending"] * 3
    path = f"/api/v1/comments/{ids[0]}/history"
    newest = newsroom.as_staff().get(path).json["decisions"][-1]
    assert newest["reasons"] == [{"code": "undone"}]
    assert (newest["verdict"], newest["batch"]) == ("review", batch["id"])


def test_an_undo_leaves_what_was_changed_since(newsroom: Newsroom) -> None:
    ids = hold(newsroom, [0.95] * 3)
    batch = decide(newsroom).json
    path = f"/api/v1/comments/{ids[1]}/decisions"
    newsroom.as_staff(Role.LEAD).post(path, {"verdict": "approve", "version": 2})
    undone = undo(newsroom, batch).json
    assert (undone["restored"], undone["left"]) == (2, 1)
    assert statuses(newsroom, ids) == ["pending", "approved", "pending"]


def test_an_undo_stops_a_batch_that_runs(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    ids = hold(newsroom, [0.95] * 8)
    batch = decide(newsroom).json
    with sessions() as session:
        start_writing(session)
        bulk_steps.run_step(session, batch["id"], datetime.now(UTC))
        session.commit()
    assert undo(newsroom, batch).json["state"] == "undoing"
    work_off(app, sessions)
    ended = read(newsroom, batch)
    assert (ended["state"], ended["decided"], ended["restored"]) == ("undone", 3, 3)
    assert statuses(newsroom, ids) == ["pending"] * 8


def test_a_large_batch_is_taken_back_by_a_worker(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    ids = hold(newsroom, [0.95] * 8)
    batch = decide(newsroom).json
    work_off(app, sessions)
    assert undo(newsroom, batch).json["state"] == "undoing"
    work_off(app, sessions)
    ended = read(newsroom, batch)
    assert (ended["state"], ended["restored"]) == ("undone", 8)
    assert statuses(newsroom, ids) == ["pending"] * 8


def test_a_batch_whose_job_was_given_up_can_be_taken_back(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    hold(newsroom, [0.95] * 8)
    batch = decide(newsroom).json
    with sessions() as session:
        start_writing(session)
        bulk_steps.run_step(session, batch["id"], datetime.now(UTC))
        session.execute(sa.update(Job).values(state=jobs.JobState.FAILED.value))
        session.commit()
    undo(newsroom, batch)
    work_off(app, sessions)
    assert read(newsroom, batch)["restored"] == 3


def test_a_batch_whose_job_failed_is_continued_by_who_gave_it(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    ids = hold(newsroom, [0.95] * 8)
    batch = decide(newsroom).json
    path = f"/api/v1/batches/{batch['id']}/retry"
    assert batch["is_stopped"] is False
    assert_refused(newsroom.as_staff().post(path), 409)
    with sessions() as session:
        start_writing(session)
        bulk_steps.run_step(session, batch["id"], datetime.now(UTC))
        session.execute(sa.update(Job).values(state=jobs.JobState.FAILED.value))
        session.commit()
    stopped = read(newsroom, batch)
    assert (stopped["state"], stopped["is_stopped"]) == ("running", True)
    _, colleague = hire(newsroom, "grace", (Role.MODERATOR, ""))
    other = Caller(app.test_client(), colleague)
    assert_refused(other.post(path), 403)
    answer = newsroom.as_staff().post(path)
    assert (answer.status_code, answer.json["is_stopped"]) == (200, False)
    work_off(app, sessions)
    ended = read(newsroom, batch)
    assert (ended["state"], ended["decided"]) == ("done", 8)
    assert statuses(newsroom, ids) == ["rejected"] * 8


def test_a_batch_is_taken_back_once(newsroom: Newsroom) -> None:
    hold(newsroom, [0.95] * 3)
    batch = decide(newsroom).json
    undo(newsroom, batch)
    assert_refused(undo(newsroom, batch), 409)


def test_after_the_grace_window_a_batch_stays(
    make_app: Callable[..., Flask], newsroom: Newsroom
) -> None:
    hold(newsroom, [0.95] * 3)
    batch = decide(newsroom).json
    session = db.session()
    start_writing(session)
    session.execute(sa.text("UPDATE batches SET finished_at = :at"), {"at": NOW})
    session.commit()
    answer = undo(newsroom, batch)
    assert_refused(answer, 409)
    assert answer.json["code"] == "not_undoable"


@pytest.mark.parametrize(("role", "status"), [(Role.LEAD, 200), (Role.ADMIN, 200)])
def test_a_lead_takes_anothers_batch_back(
    newsroom: Newsroom, session: Session, role: Role, status: int
) -> None:
    hold(newsroom, [0.95] * 3)
    assert undo(newsroom, decide(newsroom).json, role).status_code == status
    newest = sa.select(Decision.staff_id).order_by(Decision.id.desc()).limit(1)
    assert session.scalar(newest) == newsroom.staff_ids[role]


def test_a_moderator_leaves_anothers_batch(newsroom: Newsroom) -> None:
    hold(newsroom, [0.95] * 3)
    batch = newsroom.as_staff(Role.LEAD).post(
        BATCHES,
        {
            "site": newsroom.name,
            "label": "spam",
            "low": 0,
            "high": 1,
            "verdict": "approve",
            "as_of": datetime.now(UTC).isoformat(),
        },
    )
    assert_refused(undo(newsroom, batch.json), 409)


def test_one_of_a_batch_is_not_taken_back_alone(newsroom: Newsroom) -> None:
    ids = hold(newsroom, [0.95] * 3)
    decide(newsroom)
    path = f"/api/v1/comments/{ids[0]}/undo"
    assert_refused(newsroom.as_staff().post(path, {"version": 2}), 409)
    assert newsroom.as_staff().post("/api/v1/hand", {}).json["undoable"] is None


def test_nobody_is_told_before_a_batch_can_no_longer_be_taken_back(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    hold(newsroom, [0.95] * 4)
    privacy = services_of(app).privacy
    with sessions() as session:
        start_writing(session)
        for row in session.scalars(sa.select(Comment)):
            sealed = privacy.seal_secret("key", "callback", row.site_id)
            session.add(
                Callback(
                    comment_id=row.id,
                    site_id=row.site_id,
                    url="http://127.0.0.1:9/",
                    sealed_key=sealed,
                    about={},
                    due_at=NOW,
                )
            )
        session.commit()
    batch = decide(newsroom).json

    def is_told(after: timedelta) -> bool:
        post = sender_in(newsroom.app, networks=(), grace=timedelta(seconds=30))
        return dispatch.call_back_next(post, datetime.now(UTC) + after)

    with sessions() as session:
        start_writing(session)
        bulk_steps.run_step(session, batch["id"], datetime.now(UTC))
        session.commit()
    assert not is_told(timedelta(minutes=5))  # decided long ago, but it still runs
    work_off(app, sessions)
    assert not is_told(timedelta(seconds=20))
    assert is_told(timedelta(seconds=40))


def test_batches_are_listed_the_newest_first(newsroom: Newsroom) -> None:
    hold(newsroom, [0.95, 0.1])
    high = decide(newsroom).json
    low = decide(newsroom, low=0, high=0.5, verdict="approve", reasons=None).json
    staff = newsroom.as_staff()
    first = staff.get(BATCHES, query_string={"limit": 1}).json
    assert [each["id"] for each in first["batches"]] == [low["id"]]
    query = {"limit": 1, "cursor": first["next"]}
    second = staff.get(BATCHES, query_string=query).json
    assert [each["id"] for each in second["batches"]] == [high["id"]]
    assert second["next"] is None


def test_a_batch_of_nothing_is_refused(newsroom: Newsroom) -> None:
    assert_refused(decide(newsroom), 409)


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", "boredom"),
        ("low", -0.1),
        ("high", 1.1),
        ("high", 0.9),
        ("high", "much"),
        ("section", "\x00"),
        ("section", "x" * 101),
        ("language", "!"),
        ("verdict", "review"),
        ("reasons", None),
        ("as_of", None),
    ],
)
def test_a_bad_field_is_named(newsroom: Newsroom, field: str, value: Any) -> None:
    assert_refused(decide(newsroom, **{field: value}), 422, field)


@on_sqlite
@pytest.mark.parametrize(("size", "status"), [(0, 422), (50, 200), (51, 422)])
def test_a_sample_has_a_size(newsroom: Newsroom, size: int, status: int) -> None:
    assert ask(newsroom, size=size).status_code == status


@on_sqlite
def test_strangers_see_and_decide_nothing(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    hold(newsroom, [0.95])
    batch = decide(newsroom).json
    stranger = other_newsroom.as_staff(Role.ADMIN)
    query = {"site": newsroom.name, "label": "spam", "low": 0, "high": 1}
    assert_refused(stranger.get(SAMPLE, query_string=query), 404)
    del query["low"], query["high"]
    assert_refused(stranger.get(HISTOGRAM, query_string=query), 404)
    assert_refused(decide(other_newsroom, site=newsroom.name), 404)
    assert_refused(stranger.get(f"{BATCHES}/{batch['id']}"), 404)
    assert_refused(undo(other_newsroom, batch, Role.ADMIN), 404)
    assert stranger.get(BATCHES).json["batches"] == []


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", HISTOGRAM),
        ("GET", SAMPLE),
        ("GET", BATCHES),
        ("POST", BATCHES),
        ("GET", f"{BATCHES}/1"),
        ("POST", f"{BATCHES}/1/undo"),
    ],
)
def test_only_staff_come_in(newsroom: Newsroom, method: str, path: str) -> None:
    answer = newsroom.as_site().call(method, path)
    assert_refused(answer, 403)


def test_much_that_was_decided_is_looked_through(newsroom: Newsroom) -> None:
    """Decisions without scores say nothing of any range, and break nothing."""
    decide_many(newsroom, sentences(40))
    assert sample(newsroom)["evidence"]["decided"] == 0


def test_a_training_keeps_no_batch_waiting(
    app: Flask, newsroom: Newsroom, sessions: Sessions, small_steps: None
) -> None:
    hold(newsroom, [0.95] * 4)
    with sessions() as session:
        start_writing(session)
        kind, now = jobs.JobKind.RETRAINING, datetime.now(UTC)
        jobs.enqueue(session, newsroom.site_id, kind, staff_id=None, now=now)
        session.commit()
    batch = decide(newsroom).json
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    work, stopped = duties.build(sessions, scoring, key), threading.Event()
    loop = loops.Loop(
        "bulk", 0.1, lambda: loops.run_next(sessions, work, jobs.JobKind.BULK)
    )
    beside = threading.Thread(target=loops.run, args=(loop, stopped))
    beside.start()
    deadline = time.monotonic() + 60  # seconds; it takes one
    while read(newsroom, batch)["state"] != "done":
        assert time.monotonic() < deadline
    stopped.set()
    beside.join()
    with sessions() as session:
        states = session.scalars(sa.select(Job.state).order_by(Job.id)).all()
    assert states[0] == "queued"


def test_a_batch_settles_what_readers_reported(
    newsroom: Newsroom, session: Session
) -> None:
    (comment_id, _) = hold(newsroom, [0.95, 0.95])
    path = f"/api/v1/comments/{comment_id}/reports"
    report = {"reporter": "r-1", "reason": "spam"}
    assert newsroom.as_site().post(path, report).status_code == 201
    batch = decide(newsroom).json
    right = sa.select(Report.is_right)
    assert session.scalars(right).all() == [True]
    session.rollback()
    undo(newsroom, batch)
    assert session.scalars(right).all() == [None]


def test_an_appeal_is_heard_by_itself(newsroom: Newsroom, session: Session) -> None:
    ids = hold(newsroom, [0.95, 0.95])
    first = sa.select(Comment).order_by(Comment.id).limit(1)
    row = session.scalars(first).one()
    decision = session.scalars(
        sa.select(Decision).where(Decision.comment_id == row.id)
    ).one()
    about = {"site_id": row.site_id, "comment_id": row.id, "revision": row.revision}
    appeal = Appeal(**about, text="?", created_at=NOW, decision_id=decision.id)
    start_writing(session)
    session.add(appeal)
    session.commit()
    batch = decide(newsroom).json
    assert (batch["decided"], batch["skipped"]) == (1, 1)
    assert statuses(newsroom, ids) == ["pending", "rejected"]
