"""Bulk decisions about comments of any status, and their undo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import Sessions, db, start_writing
from moderation.policy.due_times import RAISED_PATIENCE
from moderation.review import bulk, bulk_selection, bulk_steps
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import BatchComment, DecisionBatch, QaReview
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts
from tests.builders import ALL_HELD, NOTHING_HELD, Answer, Caller, Newsroom, hire
from tests.refusals import assert_refused

BATCHES = "/api/v1/batches"
COMMENTS = "/api/v1/comments"
LONG_AGO = "2020-01-01T00:00:00Z"
SEEN = {"id": "0" * 13, "version": 1}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(NOTHING_HELD)
    return newsroom


@pytest.fixture
def sessions(app: Flask) -> Sessions:
    """Sessions of a worker: none of them is a request's."""
    return sessionmaker(db.engine, expire_on_commit=False)


def act(
    newsroom: Newsroom, sent: Any, verdict: str, role: Role = Role.MODERATOR
) -> Any:
    """Decide one comment in its current version."""
    read = newsroom.as_staff(role).get(f"{COMMENTS}/{sent['id']}").json
    body = {"verdict": verdict, "version": read["version"]}
    if verdict == "reject":
        body["reasons"] = ["spam"]
    path = f"{COMMENTS}/{sent['id']}/decisions"
    answer = newsroom.as_staff(role).post(path, body)
    assert answer.status_code == 201, answer.json
    return answer.json


def one_of_each(newsroom: Newsroom) -> list[Any]:
    """Send three comments: approved, rejected, and pending."""
    sent = [newsroom.send() for _ in range(3)]
    act(newsroom, sent[1], "reject")
    act(newsroom, sent[2], "review")
    return sent


def listed(newsroom: Newsroom, sent: Sequence[Any]) -> list[dict[str, Any]]:
    """Return comments as a page names them: with the versions that it shows."""
    site = newsroom.as_site()
    rows = [site.get(f"{COMMENTS}/{each['id']}").json for each in sent]
    return [{"id": row["id"], "version": row["version"]} for row in rows]


def decide(newsroom: Newsroom, role: Role = Role.MODERATOR, **body: Any) -> Answer:
    body = {"site": newsroom.name, "verdict": "reject", "reasons": ["spam"], **body}
    return newsroom.as_staff(role).post(BATCHES, body)


def undo(newsroom: Newsroom, batch: Any, role: Role = Role.MODERATOR) -> Answer:
    return newsroom.as_staff(role).post(f"{BATCHES}/{batch['id']}/undo")


def statuses(newsroom: Newsroom, sent: Sequence[Any]) -> list[str]:
    site = newsroom.as_site()
    return [site.get(f"{COMMENTS}/{each['id']}").json["status"] for each in sent]


def work_off(app: Flask, sessions: Sessions) -> None:
    """Do all jobs that are queued, as the worker does."""
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    work = duties.build(sessions, scoring, key)
    while (task := job_attempts.take_next(sessions)) is not None:
        job_attempts.run_job(sessions, work, task)


@pytest.mark.parametrize(
    ("verdict", "after", "already"),
    [("approve", "approved", 1), ("reject", "rejected", 1), ("review", "pending", 1)],
)
def test_comments_of_every_status_are_decided_and_undone(
    newsroom: Newsroom, verdict: str, after: str, already: int
) -> None:
    sent = one_of_each(newsroom)
    before = statuses(newsroom, sent)
    assert before == ["approved", "rejected", "pending"]
    answer = decide(newsroom, verdict=verdict, comments=listed(newsroom, sent))
    assert answer.status_code == 201, answer.json
    batch = answer.json
    assert (batch["kind"], batch["state"]) == ("comments", "done")
    counts = (batch["asked"], batch["decided"], batch["already"], batch["changed"])
    assert counts == (2, 2, already, 0)
    assert statuses(newsroom, sent) == [after] * 3
    undone = undo(newsroom, batch).json
    assert (undone["state"], undone["restored"], undone["left"]) == ("undone", 2, 0)
    assert statuses(newsroom, sent) == before


def test_readers_see_a_takedown_at_once_and_its_undo(newsroom: Newsroom) -> None:
    sent = [newsroom.send() for _ in range(2)]
    path = "/api/v1/articles/https://gazette.example/bridge/comments"
    batch = decide(newsroom, comments=listed(newsroom, sent)).json
    assert newsroom.as_site().get(path).json["comments"] == []
    undo(newsroom, batch)
    assert len(newsroom.as_site().get(path).json["comments"]) == 2


def test_a_comment_that_changed_since_is_left(newsroom: Newsroom) -> None:
    sent = [newsroom.send() for _ in range(3)]
    named = listed(newsroom, sent)
    newsroom.as_site().patch(f"{COMMENTS}/{sent[0]['id']}", {"body": "Another text."})
    newsroom.as_site().delete(f"{COMMENTS}/{sent[1]['id']}")
    batch = decide(newsroom, comments=named).json
    assert (batch["asked"], batch["decided"], batch["changed"]) == (3, 1, 2)
    assert batch["progress"] == 1.0
    assert statuses(newsroom, [sent[0], sent[2]]) == ["approved", "rejected"]


def test_a_comment_of_another_site_is_left(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    mine, foreign = newsroom.send(), other_newsroom.send()
    named = [*listed(newsroom, [mine]), {"id": foreign["id"], "version": 1}]
    batch = decide(newsroom, comments=named).json
    assert (batch["decided"], batch["changed"]) == (1, 1)
    assert statuses(other_newsroom, [foreign]) == ["approved"]


def test_nothing_to_decide_is_refused_and_leaves_no_batch(newsroom: Newsroom) -> None:
    sent = newsroom.send()
    named = listed(newsroom, [sent])
    answer = decide(newsroom, verdict="approve", reasons=[], comments=named)
    assert_refused(answer, 409)
    assert newsroom.as_staff().get(BATCHES).json["batches"] == []


def test_what_a_colleague_has_claimed_is_skipped(newsroom: Newsroom) -> None:
    sent = one_of_each(newsroom)
    newsroom.as_staff(Role.LEAD).put(f"{COMMENTS}/{sent[2]['id']}/claim")
    batch = decide(newsroom, comments=listed(newsroom, sent)).json
    assert (batch["decided"], batch["skipped"], batch["already"]) == (1, 1, 1)
    assert statuses(newsroom, sent) == ["rejected", "rejected", "pending"]


def test_what_a_colleague_reviews_as_a_sample_is_skipped(
    newsroom: Newsroom, session: Session
) -> None:
    sent = [newsroom.send() for _ in range(2)]
    start_writing(session)
    decision = session.scalars(sa.select(Decision).order_by(Decision.id)).first()
    assert decision is not None
    now = datetime.now(UTC)
    review = QaReview(
        site_id=newsroom.site_id,
        comment_id=decision.comment_id,
        decision_id=decision.id,
        kind="audit",
        state="open",
        first_verdict="approve",
        created_at=now,
        expires_at=now + timedelta(days=1),
        due_at=now,
        version=1,
        shown_version=1,
        claimed_by=newsroom.staff_ids[Role.LEAD],
        claimed_until=now + timedelta(minutes=5),
        claimed_at=now,
    )
    session.add(review)
    session.commit()
    batch = decide(newsroom, comments=listed(newsroom, sent)).json
    assert (batch["decided"], batch["skipped"]) == (1, 1)
    assert statuses(newsroom, sent) == ["approved", "rejected"]


def test_an_undo_leaves_what_a_colleague_has_claimed_since(newsroom: Newsroom) -> None:
    sent = [newsroom.send() for _ in range(3)]
    batch = decide(newsroom, verdict="review", comments=listed(newsroom, sent)).json
    lead = newsroom.as_staff(Role.LEAD)
    lead.put(f"{COMMENTS}/{sent[0]['id']}/claim")
    version = listed(newsroom, [sent[1]])[0]["version"]
    newsroom.as_staff().post(
        f"{COMMENTS}/{sent[1]['id']}/escalation", {"version": version, "note": "?"}
    )
    undone = undo(newsroom, batch).json
    assert (undone["restored"], undone["left"]) == (1, 2)
    assert statuses(newsroom, sent) == ["pending", "pending", "approved"]


def test_an_undo_leaves_what_was_edited_or_decided_since(newsroom: Newsroom) -> None:
    sent = [newsroom.send() for _ in range(3)]
    batch = decide(newsroom, comments=listed(newsroom, sent)).json
    newsroom.as_site().patch(f"{COMMENTS}/{sent[0]['id']}", {"body": "Another text."})
    act(newsroom, sent[1], "approve", Role.LEAD)
    act(newsroom, sent[1], "reject", Role.LEAD)
    undone = undo(newsroom, batch).json
    assert (undone["restored"], undone["left"]) == (1, 2)
    assert statuses(newsroom, sent) == ["pending", "rejected", "approved"]


def test_a_large_batch_of_mixed_statuses_is_a_workers_and_undone_by_one(
    app: Flask, newsroom: Newsroom, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_IN_REQUEST", 2)
    monkeypatch.setattr(bulk_steps, "BATCH_SIZE", 2)
    sent = [*one_of_each(newsroom), *one_of_each(newsroom), newsroom.send()]
    before = statuses(newsroom, sent)
    batch = decide(newsroom, verdict="review", comments=listed(newsroom, sent)).json
    assert (batch["state"], batch["asked"], batch["already"]) == ("running", 5, 2)
    act(newsroom, sent[6], "reject", Role.LEAD)
    work_off(app, sessions)
    done = newsroom.as_staff().get(f"{BATCHES}/{batch['id']}").json
    assert (done["state"], done["decided"], done["changed"]) == ("done", 4, 1)
    with sessions() as session:
        assert session.scalars(sa.select(BatchComment.comment_id)).all() == []
    assert undo(newsroom, batch).json["state"] == "undoing"
    work_off(app, sessions)
    assert statuses(newsroom, sent) == [*before[:6], "rejected"]


def test_an_undo_while_it_runs_forgets_the_rest(
    app: Flask, newsroom: Newsroom, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_IN_REQUEST", 2)
    monkeypatch.setattr(bulk_steps, "BATCH_SIZE", 2)
    sent = [newsroom.send() for _ in range(5)]
    batch = decide(newsroom, comments=listed(newsroom, sent)).json
    with sessions() as session:
        start_writing(session)
        bulk_steps.run_step(session, batch["id"], datetime.now(UTC))
        session.commit()
    undo(newsroom, batch)
    work_off(app, sessions)
    assert statuses(newsroom, sent) == ["approved"] * 5
    with sessions() as session:
        assert session.scalars(sa.select(BatchComment.comment_id)).all() == []


def test_an_undo_is_possible_for_the_minutes_of_the_setting(
    newsroom: Newsroom, session: Session
) -> None:
    sent = [newsroom.send()]
    batch = decide(newsroom, comments=listed(newsroom, sent)).json
    ended = datetime.fromisoformat(batch["finished_at"])
    assert datetime.fromisoformat(batch["undoable_until"]) == ended + timedelta(
        minutes=30
    )

    def shift(minutes: float) -> None:
        start_writing(session)
        moment = datetime.now(UTC) - timedelta(minutes=minutes)
        session.execute(sa.update(DecisionBatch).values(finished_at=moment))
        session.commit()

    shift(30.1)
    assert_refused(undo(newsroom, batch), 409)
    shift(29.9)
    assert undo(newsroom, batch).json["restored"] == 1


def test_too_many_at_once_are_refused(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.set_policy(ALL_HELD)
    for _ in range(3):
        newsroom.send()
    monkeypatch.setattr(bulk_selection, "MAX_COMMENTS", 2)
    now = datetime.now(UTC).isoformat()
    answer = decide(newsroom, label="toxicity", low=0, high=1, as_of=now)
    assert_refused(answer, 409)
    assert "More than 2 comments" in answer.json["message"]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"comments": []}, ["comments"]),
        ({"comments": [{**SEEN, "version": 0}]}, ["comments.0.version"]),
        ({"comments": [{**SEEN, "id": "x"}]}, ["comments.0.id"]),
        ({"comments": [SEEN, SEEN]}, ["comments"]),
        ({"comments": [{**SEEN, "id": f"{n:013d}"} for n in range(501)]}, ["comments"]),
        ({"comments": [SEEN], "low": 0.5}, ["low"]),
        ({"comments": [SEEN], "reasons": []}, ["reasons"]),
        ({"comments": [SEEN], "filter": {}}, ["filter"]),
        ({"comments": [SEEN], "excluded": []}, ["excluded"]),
        ({"filter": {}}, ["as_of"]),
        ({"filter": {"site": "x"}, "as_of": LONG_AGO}, ["filter.site"]),
        ({"filter": {"status": "x"}, "as_of": LONG_AGO}, ["filter.status"]),
        ({"filter": {"min_score": 0.5}, "as_of": LONG_AGO}, ["label"]),
        ({}, ["as_of", "high", "label", "low"]),
        ({"label": "spam", "low": 0, "high": 1}, ["as_of"]),
        ({"label": "spam", "low": 1, "high": 0, "as_of": LONG_AGO}, ["high"]),
    ],
)
def test_a_bad_body_is_refused_with_the_fields(
    newsroom: Newsroom, change: dict[str, Any], fields: list[str]
) -> None:
    assert_refused(decide(newsroom, **change), 422, *fields)


def test_reports_follow_a_bulk_decision_and_its_undo(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()
    newsroom.as_site().post(
        f"{COMMENTS}/{sent['id']}/reports", {"reason": "spam", "reporter": "r1"}
    )

    def weight() -> float:
        session.rollback()  # a read of its own
        return session.scalars(sa.select(Comment.report_weight)).one()

    before = weight()
    assert before > 0
    batch = decide(newsroom, comments=listed(newsroom, [sent])).json
    assert weight() == 0
    undo(newsroom, batch)
    assert weight() == before


@pytest.mark.parametrize(
    ("first", "second", "after"),
    [
        ("approve", "reject", "rejected"),
        ("reject", "approve", "approved"),
        ("approve", "review", "pending"),
        ("reject", "review", "pending"),
    ],
)
def test_one_comment_is_decided_again_and_undone(
    newsroom: Newsroom, first: str, second: str, after: str
) -> None:
    sent = newsroom.send()
    act(newsroom, sent, first, Role.LEAD)
    before = statuses(newsroom, [sent])
    act(newsroom, sent, second)
    assert statuses(newsroom, [sent]) == [after]
    (named,) = listed(newsroom, [sent])
    path = f"{COMMENTS}/{sent['id']}/undo"
    answer = newsroom.as_staff().post(path, {"version": named["version"]})
    assert answer.status_code == 201
    assert statuses(newsroom, [sent]) == before


def decide_matching(newsroom: Newsroom, **body: Any) -> Answer:
    as_of = datetime.now(UTC).isoformat()
    return decide(newsroom, **{"as_of": as_of, "filter": {}, **body})


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", ["approved", "rejected", "rejected"]),
        ("approved", ["rejected", "rejected", "pending"]),
        ("all", ["rejected", "rejected", "rejected"]),
    ],
)
def test_all_that_match_a_tab_are_decided_and_undone(
    newsroom: Newsroom, status: str, expected: list[str]
) -> None:
    sent = one_of_each(newsroom)
    before = statuses(newsroom, sent)
    answer = decide_matching(newsroom, filter={"status": status})
    assert answer.status_code == 201, answer.json
    batch = answer.json
    assert (batch["kind"], batch["filter"]) == ("filter", {"status": status})
    assert statuses(newsroom, sent) == expected
    undo(newsroom, batch)
    assert statuses(newsroom, sent) == before


def test_filters_combine_and_some_are_left_out(newsroom: Newsroom) -> None:
    sent = [newsroom.send(author_name="Big Dave", body=f"Sell {n}") for n in range(3)]
    other = newsroom.send(author_name="Big Dave", body="A kind word")
    another = newsroom.send(author_name="Ada", body="Sell no")
    asked = {"author": "dave", "text": "sel", "status": "approved"}
    batch = decide_matching(newsroom, filter=asked, excluded=[sent[1]["id"]]).json
    assert (batch["decided"], batch["filter"]) == (2, asked)
    expected = ["rejected", "approved", "rejected", "approved", "approved"]
    assert statuses(newsroom, [*sent, other, another]) == expected


def test_what_came_or_changed_after_the_look_does_not_match(
    newsroom: Newsroom,
) -> None:
    sent = [newsroom.send() for _ in range(2)]
    as_of = datetime.now(UTC).isoformat()
    act(newsroom, sent[0], "review", Role.LEAD)
    late = newsroom.send()
    batch = decide_matching(newsroom, as_of=as_of).json
    assert batch["decided"] == 1
    assert statuses(newsroom, [*sent, late]) == ["pending", "rejected", "approved"]


def test_a_filter_is_of_one_site(newsroom: Newsroom, other_newsroom: Newsroom) -> None:
    newsroom.also_at(other_newsroom, Role.MODERATOR)
    mine, foreign = newsroom.send(), other_newsroom.send()
    decide_matching(newsroom)
    assert statuses(newsroom, [mine]) == ["rejected"]
    assert other_newsroom.as_site().get(f"{COMMENTS}/{foreign['id']}").json[
        "status"
    ] in ("approved", "pending")


def test_a_filter_reaches_beyond_one_page_of_ids(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_selection, "EXAMINED_AT_ONCE", 2)
    sent = [newsroom.send() for _ in range(5)]
    batch = decide_matching(newsroom).json
    assert batch["decided"] == 5
    undo(newsroom, batch)
    assert statuses(newsroom, sent) == ["approved"] * 5
    monkeypatch.setattr(bulk_selection, "MAX_EXAMINED", 4)
    assert_refused(decide_matching(newsroom), 409)


def test_a_filter_of_a_moderator_of_a_section_stays_in_it(newsroom: Newsroom) -> None:
    _, token = hire(newsroom, "sport-desk", (Role.MODERATOR, "Sport"))
    sent = [
        newsroom.send(article=f"https://gazette.example/{name}", article_section=name)
        for name in ("Sport", "Politics")
    ]
    limited = Caller(newsroom.app.test_client(), token)
    body = {
        "site": newsroom.name,
        "verdict": "reject",
        "reasons": ["spam"],
        "as_of": datetime.now(UTC).isoformat(),
        "filter": {},
    }
    batch = limited.post(BATCHES, body).json
    assert batch["decided"] == 1
    assert statuses(newsroom, sent) == ["rejected", "approved"]
    named = listed(newsroom, sent[1:])
    del body["filter"]
    assert_refused(limited.post(BATCHES, {**body, "comments": named}), 409)
    assert statuses(newsroom, sent) == ["rejected", "approved"]


def due_of(session: Session, sent: Any) -> datetime:
    session.expire_all()
    return session.get_one(Comment, identifiers.decode(sent["id"])).due_at


@pytest.mark.parametrize("is_bulk", [True, False], ids=["bulk", "one"])
def test_what_is_put_back_is_due_as_if_it_arrived_now(
    newsroom: Newsroom, session: Session, is_bulk: bool
) -> None:
    """The old time has long passed, and would put it before all that is urgent."""
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()
    arriving = due_of(session, sent) - datetime.now(UTC)
    act(newsroom, sent, "approve")
    start_writing(session)
    long_ago = datetime.now(UTC) - timedelta(days=90)
    session.execute(sa.update(Comment).values(due_at=long_ago))
    session.commit()
    if is_bulk:
        decide(newsroom, verdict="review", comments=listed(newsroom, [sent]))
    else:
        act(newsroom, sent, "review")
    patience = due_of(session, sent) - datetime.now(UTC)
    assert abs(patience - arriving) < timedelta(hours=1)


def test_a_rule_still_raises_what_is_put_back(
    newsroom: Newsroom, session: Session
) -> None:
    rule = {
        "name": "Urgent",
        "action": "raise",
        "mode": "on",
        "conditions": [{"kind": "words", "entries": ["casino"]}],
    }
    path = "/api/v1/sites/gazette/rules"
    assert newsroom.as_staff(Role.ADMIN).post(path, rule).status_code == 201
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send(body="A casino")
    act(newsroom, sent, "reject")
    before = datetime.now(UTC)
    decide(newsroom, verdict="review", comments=listed(newsroom, [sent]))
    after = datetime.now(UTC)
    due = due_of(session, sent)
    assert before <= due - RAISED_PATIENCE <= after
