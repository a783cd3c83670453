"""Readers' reports: weighed, sent to a person once, held by an approval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.policy.due_times import (
    MAX_PATIENCE,
    MIN_PATIENCE,
    REPORTED_PATIENCE,
    reported_due_at,
)
from moderation.policy.reports import get_reporter_weight
from moderation.policy.thresholds import Moderation
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Report
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    NOTHING_HELD,
    NOW,
    Answer,
    Newsroom,
    open_newsroom,
)
from tests.concurrency.test_concurrency import at_once
from tests.refusals import assert_refused, on_sqlite

COMMENTS = "/api/v1/comments"


def report(
    newsroom: Newsroom, comment_id: str, reporter: str = "r-1", **fields: Any
) -> Answer:
    """Report a comment as the site does for a reader."""
    body = {"reason": "spam", "reporter": reporter, **fields}
    return newsroom.as_site().post(f"{COMMENTS}/{comment_id}/reports", body)


def report_often(
    newsroom: Newsroom, comment_id: str, count: int, **fields: Any
) -> list[Answer]:
    """Report a comment by so many new readers."""
    who = f"new-{comment_id}-{fields.get('reason')}"
    return [
        report(newsroom, comment_id, f"{who}-{number}", **fields)
        for number in range(count)
    ]


def decide(
    newsroom: Newsroom, comment_id: str, verdict: str, role: Role = Role.MODERATOR
) -> Answer:
    """Decide about a comment as it stands."""
    staff = newsroom.as_staff(role)
    version = staff.get(f"{COMMENTS}/{comment_id}").json["version"]
    reasons = ["spam"] if verdict == "reject" else []
    body = {"verdict": verdict, "version": version, "reasons": reasons}
    answer = staff.post(f"{COMMENTS}/{comment_id}/decisions", body)
    assert answer.status_code == 201, answer.json
    return answer


def status_of(newsroom: Newsroom, comment_id: str) -> str:
    status: str = newsroom.as_site().get(f"{COMMENTS}/{comment_id}").json["status"]
    return status


def row_of(session: Session, comment_id: str) -> Comment:
    session.rollback()
    session.expire_all()
    return session.get_one(Comment, identifiers.decode(comment_id))


def in_hand(newsroom: Newsroom) -> dict[str, Any]:
    """Return the one comment that waits, as the desk shows it."""
    (comment,) = newsroom.as_staff().post("/api/v1/hand", {}).json["comments"]
    found: dict[str, Any] = comment
    return found


def prove(newsroom: Newsroom, reporter: str, *, right: int, wrong: int = 0) -> None:
    """Let a reader be right and wrong so many times."""
    for number in range(right + wrong):
        sent = newsroom.send()["id"]
        assert report(newsroom, sent, reporter).status_code == 201
        decide(newsroom, sent, "reject" if number < right else "approve")


def test_a_report_is_recorded(newsroom: Newsroom, session: Session) -> None:
    sent = newsroom.send()
    answer = report(newsroom, sent["id"], note="Sells watches.")
    assert answer.status_code == 201
    assert answer.json["comment"] == sent["id"]
    assert (answer.json["reason"], answer.json["status"]) == ("spam", "approved")
    assert answer.json["is_heard"] is False
    row = session.scalars(sa.select(Report)).one()
    assert (row.reason, row.note, row.weight) == ("spam", "Sells watches.", 1.0)
    assert "r-1" not in row.reporter
    assert row_of(session, sent["id"]).report_weight == 1.0


def test_the_same_report_again_is_one(newsroom: Newsroom, session: Session) -> None:
    sent = newsroom.send()["id"]
    first, second = report(newsroom, sent), report(newsroom, sent, note="More.")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert row_of(session, sent).report_weight == 1.0


def test_many_reasons_of_one_reader_weigh_once(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    for reason in ("spam", "insult", "threat", "illegal", "other"):
        assert report(newsroom, sent, reason=reason).status_code == 201
    assert row_of(session, sent).report_weight == 1.0
    assert status_of(newsroom, sent) == "approved"


def test_the_threshold_itself_sends_back_and_what_is_under_it_does_not(
    newsroom: Newsroom,
) -> None:
    sent = newsroom.send()["id"]
    first, second, third = report_often(newsroom, sent, 3)
    assert [first.json["status"], second.json["status"]] == ["approved", "approved"]
    assert third.json["status"] == "pending"


def test_what_is_sent_back_says_why_and_is_hidden(newsroom: Newsroom) -> None:
    sent = newsroom.send(article="https://gazette.example/a")["id"]
    report_often(newsroom, sent, 2)
    report(newsroom, sent, "r-9", reason="insult", note="Calls me names.")
    shown = in_hand(newsroom)
    assert shown["held_for"] == [
        {"code": "reported", "reported_for": "spam", "count": 2},
        {"code": "reported", "reported_for": "insult", "count": 1},
    ]
    assert shown["reports"] == {
        "count": 3,
        "weight": 3.0,
        "reasons": {"spam": 2, "insult": 1},
        "notes": ["Calls me names."],
    }
    assert shown["decisions"][-1]["source"] == "readers"
    assert shown["decisions"][-1]["verdict"] == "review"
    article = "/api/v1/articles/https%3A%2F%2Fgazette.example%2Fa/comments"
    assert newsroom.as_site().get(article).json["comments"] == []


def test_a_reader_counts_once_on_the_desk(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()["id"]
    for reason in ("spam", "insult"):
        report(newsroom, sent, reason=reason)
    shown = in_hand(newsroom)["reports"]
    assert (shown["count"], shown["reasons"]) == (1, {"spam": 1, "insult": 1})


def test_a_comment_without_reports_has_none_on_the_desk(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    assert in_hand(newsroom)["reports"] is None


@pytest.mark.parametrize("threshold", [0.5, 1.0])
def test_a_site_sets_its_threshold(newsroom: Newsroom, threshold: float) -> None:
    newsroom.set_policy(NOTHING_HELD, report_threshold=threshold)
    sent = newsroom.send()["id"]
    assert report(newsroom, sent).json["status"] == "pending"


def test_without_a_threshold_reports_are_recorded_only(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD, report_threshold=None)
    sent = newsroom.send()["id"]
    answers = report_often(newsroom, sent, 5)
    assert {answer.json["status"] for answer in answers} == {"approved"}


def test_a_policy_of_before_has_the_usual_threshold(newsroom: Newsroom) -> None:
    policy = f"/api/v1/sites/{newsroom.name}/policy"
    assert newsroom.as_staff().get(policy).json["report_threshold"] == 3.0


@on_sqlite
@pytest.mark.parametrize("threshold", [0, -1, 0.4, 1001, "much", [3]])
def test_a_bad_threshold_is_refused(newsroom: Newsroom, threshold: object) -> None:
    body = {"thresholds": {}, "default": "post", "report_threshold": threshold}
    answer = newsroom.as_staff(Role.ADMIN).put(
        f"/api/v1/sites/{newsroom.name}/policy", body
    )
    assert_refused(answer, 422, "report_threshold")


def test_a_reader_who_was_right_weighs_more(
    newsroom: Newsroom, session: Session
) -> None:
    prove(newsroom, "r-1", right=4)
    sent = newsroom.send()["id"]
    report(newsroom, sent)
    assert row_of(session, sent).report_weight == pytest.approx(2 * 5 / 6)
    assert report(newsroom, sent, "r-2").json["status"] == "approved"
    assert report(newsroom, sent, "r-3").json["status"] == "pending"


def test_a_reader_who_was_wrong_weighs_less(
    newsroom: Newsroom, session: Session
) -> None:
    prove(newsroom, "r-1", right=0, wrong=3)
    sent = newsroom.send()["id"]
    report(newsroom, sent)
    assert row_of(session, sent).report_weight == pytest.approx(2 / 5)


def test_a_text_settles_once_whatever_the_reasons(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    for reason in ("spam", "insult", "other"):
        report(newsroom, sent, reason=reason)
    decide(newsroom, sent, "reject")
    other = newsroom.send()["id"]
    report(newsroom, other)
    assert row_of(session, other).report_weight == pytest.approx(2 * 2 / 3)


def test_what_the_policy_decides_settles_nothing(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    report(newsroom, sent)
    newsroom.set_policy(ALL_REJECTED)
    newsroom.as_site().patch(f"{COMMENTS}/{sent}", {"body": "Something else."})
    session.rollback()
    assert session.scalars(sa.select(Report.is_right)).all() == [None]


def test_readers_of_another_site_are_others(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session
) -> None:
    prove(newsroom, "r-1", right=3)
    sent = other_newsroom.send()["id"]
    report(other_newsroom, sent)
    assert row_of(session, sent).report_weight == 1.0
    assert len(set(session.scalars(sa.select(Report.reporter)))) == 2


def test_a_brigade_of_new_readers_is_no_more_urgent_than_the_threshold(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    answers = report_often(newsroom, sent, 20)
    assert answers[-1].json["status"] == "pending"  # a person looks: never rejected
    row = row_of(session, sent)
    assert row.report_weight == 3.0
    last = max(session.scalars(sa.select(Report.created_at)))
    assert row.due_at <= last + REPORTED_PATIENCE
    assert row.due_at > last + REPORTED_PATIENCE - timedelta(minutes=5)
    decisions = session.scalars(
        sa.select(Decision.verdict).where(Decision.source == "readers")
    ).all()
    assert decisions == ["review"]


def test_an_approval_holds_against_the_same_kind_only(newsroom: Newsroom) -> None:
    sent = newsroom.send()["id"]
    report_often(newsroom, sent, 3, reason="spam")
    decide(newsroom, sent, "approve")
    again = [report(newsroom, sent, f"late-{number}") for number in range(4)]
    assert {answer.json["status"] for answer in again} == {"approved"}
    assert {answer.json["is_heard"] for answer in again} == {True}
    others = report_often(newsroom, sent, 3, reason="insult")
    assert [answer.json["status"] for answer in others] == ["approved"] * 2 + [
        "pending"
    ]
    shown = in_hand(newsroom)["reports"]
    assert shown["reasons"] == {"spam": 4, "insult": 3}  # recorded and counted
    assert shown["weight"] == 3.0


def test_an_approval_that_heard_no_report_holds_against_none(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()["id"]
    decide(newsroom, sent, "approve")
    assert report_often(newsroom, sent, 3)[-1].json["status"] == "pending"


def test_an_approval_holds_for_the_text_that_was_seen(newsroom: Newsroom) -> None:
    sent = newsroom.send()["id"]
    report_often(newsroom, sent, 3)
    decide(newsroom, sent, "approve")
    newsroom.as_site().patch(f"{COMMENTS}/{sent}", {"body": "Buy watches."})
    decide(newsroom, sent, "approve")
    answers = [report(newsroom, sent, f"late-{number}") for number in range(3)]
    assert answers[-1].json["status"] == "pending"


def test_an_approval_taken_back_holds_no_more(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    report_often(newsroom, sent, 3)
    decide(newsroom, sent, "approve")
    assert row_of(session, sent).report_weight == 0
    version = row_of(session, sent).version
    path = f"{COMMENTS}/{sent}/undo"
    assert newsroom.as_staff().post(path, {"version": version}).status_code == 201
    assert row_of(session, sent).report_weight == 3.0
    assert set(session.scalars(sa.select(Report.is_right))) == {None}
    assert report(newsroom, sent, "late").json["is_heard"] is False


def test_taking_back_a_second_decision_leaves_the_first_in_force(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    report_often(newsroom, sent, 3)
    decide(newsroom, sent, "approve", Role.LEAD)
    report(newsroom, sent, "late")
    decide(newsroom, sent, "reject")
    version = row_of(session, sent).version
    newsroom.as_staff().post(f"{COMMENTS}/{sent}/undo", {"version": version})
    session.rollback()
    session.expire_all()
    rights = session.scalars(sa.select(Report.is_right).order_by(Report.id)).all()
    assert rights == [False, False, False, None]


def test_a_pending_comment_is_due_sooner_and_stays_with_who_holds_it(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(NOTHING_HELD, Moderation.PRE)
    sent = newsroom.send()["id"]
    version = in_hand(newsroom)["version"]
    before = row_of(session, sent).due_at
    report_often(newsroom, sent, 3)
    row = row_of(session, sent)
    assert row.due_at < before
    assert row.claimed_by == newsroom.staff_ids[Role.MODERATOR]
    assert row.version == version  # the decision under way still fits
    decide(newsroom, sent, "approve")


def test_a_report_never_makes_a_comment_wait_longer(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(NOTHING_HELD, Moderation.PRE)
    sent = newsroom.send()["id"]
    report_often(newsroom, sent, 3)
    before = row_of(session, sent).due_at
    report(newsroom, sent, "r-77", reason="other")
    assert row_of(session, sent).due_at <= before


def test_a_rejected_comment_stays_rejected(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_REJECTED)
    sent = newsroom.send()["id"]
    answers = report_often(newsroom, sent, 4)
    assert {answer.json["status"] for answer in answers} == {"rejected"}
    assert len(session.scalars(sa.select(Report.id)).all()) == 4


def test_an_edit_does_not_slip_past_the_reports(newsroom: Newsroom) -> None:
    sent = newsroom.send()["id"]
    report_often(newsroom, sent, 3)
    edited = newsroom.as_site().patch(f"{COMMENTS}/{sent}", {"body": "All is well."})
    assert edited.json["status"] == "pending"
    assert edited.json["reasons"][0]["code"] == "edited"
    assert in_hand(newsroom)["reports"] is None  # they spoke of another text


def test_what_readers_wrote_goes_with_a_deleted_comment(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    report(newsroom, sent, note="He wrote that I am a fool.")
    newsroom.as_site().delete(f"{COMMENTS}/{sent}")
    session.rollback()
    assert session.scalars(sa.select(Report.note)).all() == [None]
    assert_refused(report(newsroom, sent), 404)


def test_fifty_reports_at_once_send_back_once(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    calls = [
        lambda number=number: report(newsroom, sent, f"r-{number}")
        for number in range(50)
    ]
    codes = Counter(answer.status_code for answer in at_once(app, calls))
    assert codes == {201: 50}
    row = row_of(session, sent)
    assert (row.status, row.version, row.report_weight) == ("pending", 2, 3.0)
    sources = session.scalars(sa.select(Decision.source).order_by(Decision.id)).all()
    assert sources == ["policy", "readers"]


def test_the_same_report_many_times_at_once_is_one(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    codes = Counter(
        answer.status_code
        for answer in at_once(app, [lambda: report(newsroom, sent)] * 16)
    )
    assert codes == {201: 1, 200: 15}
    assert row_of(session, sent).report_weight == 1.0


@on_sqlite
@pytest.mark.parametrize(
    "setting", ["MODERATION_REPORT_LIMIT", "MODERATION_REPORTER_LIMIT"]
)
def test_reports_are_limited(make_app: Callable[..., Flask], setting: str) -> None:
    app = make_app(**{setting: "2 per hour"})
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        sent = [newsroom.send()["id"] for _ in range(3)]
        first, second, third = [report(newsroom, each) for each in sent]
        assert (first.status_code, second.status_code) == (201, 201)
        assert_refused(third, 429)
        # One reader's limit is not another's; the site's is everybody's.
        expected = 201 if setting == "MODERATION_REPORTER_LIMIT" else 429
        assert report(newsroom, sent[2], "r-2").status_code == expected


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", "duplicate"),  # readers can't know
        ("reason", "score"),
        ("reason", ""),
        ("reason", None),
        ("reason", ["spam"]),
        ("reporter", ""),
        ("reporter", " "),
        ("reporter", None),
        ("reporter", 7),
        ("reporter", "ada@mail.example"),
        ("reporter", "x" * 256),
        ("reporter", "a\x00b"),
        ("reporter", "\ud800"),
        ("note", ""),
        ("note", "\u200b"),
        ("note", "x" * 2001),
        ("note", "a\x00b"),
        ("weight", 9),
    ],
)
def test_a_bad_report_is_refused(newsroom: Newsroom, field: str, value: Any) -> None:
    sent = newsroom.send()["id"]
    assert_refused(report(newsroom, sent, **{field: value}), 422, field)


@on_sqlite
@pytest.mark.parametrize("comment_id", ["x", "0" * 13, "z" * 13, "%00", "0" * 14])
def test_a_report_of_nothing_is_refused(newsroom: Newsroom, comment_id: str) -> None:
    assert_refused(report(newsroom, comment_id), 404)


def test_addresses_in_a_note_are_masked(newsroom: Newsroom) -> None:
    sent = newsroom.send()["id"]
    report(newsroom, sent, note="Write to eve@mail.example")
    listed = newsroom.as_staff().get(f"{COMMENTS}/{sent}/reports").json
    assert listed["reports"][0]["note"] == "Write to [e-mail]"


def test_staff_read_reports_without_who_reported(newsroom: Newsroom) -> None:
    sent = newsroom.send()["id"]
    report(newsroom, sent, "r-1", note="First.")
    decide(newsroom, sent, "approve")
    report(newsroom, sent, "r-2", reason="threat")
    listed = newsroom.as_staff().get(f"{COMMENTS}/{sent}/reports").json
    assert listed["summary"]["reasons"] == {"threat": 1}
    second, first = listed["reports"]
    assert set(first) == {
        "reason",
        "note",
        "revision",
        "created_at",
        "weight",
        "is_right",
    }
    assert (first["note"], first["is_right"]) == ("First.", False)
    assert (second["reason"], second["is_right"]) == ("threat", None)


@on_sqlite
def test_reports_are_for_those_who_may(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    sent = newsroom.send()["id"]
    path = f"{COMMENTS}/{sent}/reports"
    body = {"reason": "spam", "reporter": "r-1"}
    assert_refused(newsroom.as_staff().post(path, body), 403)
    assert_refused(newsroom.as_site().get(path), 403)
    assert_refused(other_newsroom.as_site().post(path, body), 404)
    assert_refused(other_newsroom.as_staff().get(path), 404)
    stranger = newsroom.app.test_client()
    assert stranger.post(path, json=body).status_code == 401
    assert stranger.get(path).status_code == 401


def test_the_weight_is_that_of_the_beta_prior() -> None:
    assert get_reporter_weight(0, 0) == 1.0
    assert get_reporter_weight(1, 1) == pytest.approx(4 / 3)
    assert get_reporter_weight(0, 1) == pytest.approx(2 / 3)
    assert get_reporter_weight(5, 10) == 1.0
    assert get_reporter_weight(1000, 1000) < 2


@pytest.mark.parametrize(
    ("weight", "patience"),
    [
        (3.0, REPORTED_PATIENCE),
        (6.0, REPORTED_PATIENCE / 2),
        (1.5, REPORTED_PATIENCE * 2),
        (0.0, MAX_PATIENCE),
        (300.0, MIN_PATIENCE),
    ],
)
def test_heavier_reports_are_due_sooner(weight: float, patience: timedelta) -> None:
    due: datetime = reported_due_at(NOW, weight, 3.0)
    assert due == NOW + patience
