"""Notices of illegal content: receipt, urgency, decision with reasons, complaint."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.monitoring.occurrences import find_events
from moderation.notifications.kinds import NotificationKind
from moderation.objections import notices
from moderation.objections.notices import NoticeQueue
from moderation.policy.due_times import FLAGGER_PATIENCE, LIFE_PATIENCE
from moderation.tables.legal import Notice, NoticeComplaint
from moderation.tables.webhooks import Delivery
from moderation.web.services import services_of
from tests.builders import Answer, Caller, Newsroom, hire
from tests.comments.test_statements import statements_of, switch_on
from tests.objections.test_reports import COMMENTS, status_of
from tests.refusals import assert_refused, on_sqlite

NOTICES = "/api/v1/notices"
QUEUE = "/api/v1/sites/gazette/notices"
ADDRESS = "notifier@mail.example"
PLATFORM = {"kind": "platform", "is_small": False}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    switch_on(newsroom, **PLATFORM)
    return newsroom


def notify(newsroom: Newsroom, *comments: str, **fields: Any) -> Answer:
    """Send a notice as the site does; `None` leaves a field out."""
    body = {
        "comments": list(comments),
        "explanation": "It calls a named nurse a thief, which is untrue.",
        "category": "ILLEGAL_OR_HARMFUL_SPEECH",
        "name": "Nora Notifier",
        "email": ADDRESS,
        "good_faith": True,
        **fields,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return newsroom.as_site().post(NOTICES, body)


def noticed(newsroom: Newsroom, *comments: str, **fields: Any) -> dict[str, Any]:
    answer = notify(newsroom, *comments, **fields)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json
    return receipt


def queue_of(newsroom: Newsroom, queue: str = "open") -> dict[str, Any]:
    answer = newsroom.as_staff().get(f"{QUEUE}?queue={queue}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json
    return page


def verdict(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"items": list(items), "answer": "We looked into it.", **more}


def illegal(comment: str) -> dict[str, Any]:
    basis = {"legal_ground": "§ 186 StGB", "explanation": "An untrue fact."}
    return {
        "comment": comment,
        "outcome": "illegal",
        "reasons": ["illegal"],
        "basis": basis,
    }


def kept(comment: str) -> dict[str, Any]:
    return {"comment": comment, "outcome": "kept"}


def decide(
    newsroom: Newsroom, notice: str, body: dict[str, Any], role: Role = Role.MODERATOR
) -> Answer:
    return newsroom.as_staff(role).post(f"{NOTICES}/{notice}/decision", body)


def test_from_a_notice_to_both_answers_over_the_api(
    newsroom: Newsroom, session: Session
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    types = ["notice.received", "notice.decided"]
    webhook = {"url": "https://cms.example/", "types": types}
    assert admin.post("/api/v1/sites/gazette/webhooks", webhook).status_code == 201
    bad, good = newsroom.send()["id"], newsroom.send()["id"]
    receipt = noticed(newsroom, bad, good)
    assert notify(newsroom, bad, good).json["notice"] == receipt["notice"]  # once
    notice = receipt["notice"]
    (listed,) = queue_of(newsroom)["notices"]
    assert (listed["kind"], listed["flagger"]) == ("private", None)
    assert ADDRESS not in str(listed)
    assert "Nora" not in str(listed)
    body = verdict(illegal(bad), kept(good))
    assert_refused(decide(newsroom, notice, verdict(illegal(bad))), 422, "items")
    lawless = {**illegal(bad), "basis": None}
    assert_refused(decide(newsroom, notice, verdict(lawless, kept(good))), 422, "items")
    decided = decide(newsroom, notice, body)
    assert decided.status_code == 201, decided.text
    assert_refused(decide(newsroom, notice, body), 409)

    assert [status_of(newsroom, one) for one in (bad, good)] == ["rejected", "approved"]
    (statement,) = statements_of(newsroom, bad)
    assert (statement["finder"], statement["ground"]) == ("notice", "illegal")
    assert statement["is_found_automatically"] is False
    told = newsroom.as_site().get(f"{NOTICES}/{notice}").json
    outcomes = {item["comment"]: item["outcome"] for item in told["items"]}
    assert outcomes == {bad: "illegal", good: "kept"}
    assert (told["answer"], told["automation"]) == ("We looked into it.", "none")
    assert "a court" in told["redress"]["en"]
    session.rollback()
    events = session.scalars(sa.select(Delivery).order_by(Delivery.id)).all()
    assert [event.type for event in events] == types
    assert not any(ADDRESS in str(event.body) for event in events)
    row = session.scalars(sa.select(Notice)).one()
    privacy = services_of(newsroom.app).privacy
    assert row.sealed_email is not None
    assert ADDRESS not in row.sealed_email
    assert privacy.open_for_notice(row.sealed_email, "email", row.id) == ADDRESS


@on_sqlite
def test_the_law_names_the_fields(newsroom: Newsroom) -> None:
    sent = newsroom.send()["id"]
    assert_refused(notify(newsroom, sent, good_faith=None), 422, "good_faith")
    assert_refused(notify(newsroom, sent, good_faith=False), 422, "good_faith")
    assert_refused(notify(newsroom, sent, name=None, email=None), 422, "email", "name")
    assert_refused(notify(newsroom, "0" * 13), 422, "comments")
    assert_refused(notify(newsroom, sent, explanation="x" * 5001), 422, "explanation")
    abuse = {
        "category": "PROTECTION_OF_MINORS",
        "keyword": "CHILD_SEXUAL_ABUSE_MATERIAL",
    }
    assert notify(newsroom, sent, name=None, email=None, **abuse).status_code == 201
    switch_on(newsroom, kind=None)
    assert_refused(notify(newsroom, sent), 404)


def test_the_urgent_come_first_and_raise_an_alarm(
    newsroom: Newsroom, session: Session
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    path = "/api/v1/sites/gazette/flaggers"
    wanted = {"name": "Hate Aid", "reference": "BNetzA 7/2026"}
    flagger = admin.post(path, wanted).json
    sent = newsroom.send()["id"]
    for number in range(3):
        noticed(newsroom, sent, email=f"n{number}@mail.example")
    flagged = noticed(newsroom, sent, flagger_token=flagger["token"])
    life = noticed(newsroom, sent, email="l@mail.example", is_life=True)
    page = queue_of(newsroom)
    order = [one["notice"] for one in page["notices"]]
    assert order[:2] == [life["notice"], flagged["notice"]]
    assert page["notices"][1]["flagger"] == "Hate Aid"
    assert page["counts"] == {"open": 5, "life": 1, "complaints": 0, "decided": 0}
    assert [one["notice"] for one in queue_of(newsroom, "life")["notices"]] == order[:1]
    for receipt, patience in ((life, LIFE_PATIENCE), (flagged, FLAGGER_PATIENCE)):
        received, due = (
            datetime.fromisoformat(receipt[name]) for name in ("received_at", "due_at")
        )
        assert due - received == patience

    now = datetime.now(UTC)
    session.rollback()

    def alarmed(at: datetime) -> int:
        kinds = [event.kind for event in find_events(session, at)]
        return kinds.count(NotificationKind.NOTICE)

    assert alarmed(now) == 1
    later = now + timedelta(hours=23, minutes=59)
    assert alarmed(later) == 2  # the flagger's is overdue
    assert notices.count_queues(session, newsroom.site_id, later).overdue == 2
    off = admin.put(f"{path}/{flagger['id']}", {"is_suspended": True})
    assert off.json["suspended_at"] is not None
    again = notify(newsroom, sent, flagger_token=flagger["token"])
    assert_refused(again, 422, "flagger_token")

    staff = newsroom.as_staff()
    evidence = staff.post(f"{NOTICES}/{life['notice']}/evidence").json
    (item,) = evidence["items"]
    assert (len(item["body_hash"]), item["is_unchanged"]) == (64, True)
    assert item["body"].startswith("A fair point")
    passed = staff.put(f"{NOTICES}/{life['notice']}/passed-on", {"to": "Police"})
    assert passed.json["passed_on_to"] == "Police"
    newsroom.as_site().delete(f"{COMMENTS}/{sent}")
    gone = decide(newsroom, life["notice"], verdict(illegal(sent)))
    assert gone.json["items"][0]["outcome"] == "gone"


def test_another_person_decides_a_complaint_within_six_months(
    newsroom: Newsroom, session: Session
) -> None:
    sent = newsroom.send()["id"]
    notice = noticed(newsroom, sent)["notice"]
    complaint = f"{NOTICES}/{notice}/complaint"
    text = {"text": "She never stole. Ask boss@mail.example."}
    assert_refused(newsroom.as_site().post(complaint, text), 409)
    decide(newsroom, notice, verdict(kept(sent)))

    def age(days: int) -> None:
        start_writing(session)
        moment = datetime.now(UTC) - timedelta(days=days)
        session.execute(sa.update(Notice).values(decided_at=moment))
        session.commit()

    age(185)
    assert_refused(newsroom.as_site().post(complaint, text), 409)
    age(180)
    filed = newsroom.as_site().post(complaint, text)
    assert filed.status_code == 201, filed.text
    assert "[e-mail]" in filed.json["complaint"]["text"]
    (listed,) = queue_of(newsroom, "complaints")["notices"]
    assert listed["may_decide"] is False
    path = f"{complaint}/decision"
    body = verdict(illegal(sent), outcome="reversed")
    assert_refused(newsroom.as_staff().post(path, body), 409)
    lead = newsroom.as_staff(Role.LEAD)
    assert_refused(lead.post(path, {**body, "outcome": "upheld"}), 422, "items")
    decided = lead.post(path, body)
    assert decided.status_code == 201, decided.text
    assert decided.json["complaint"]["outcome"] == "reversed"
    assert status_of(newsroom, sent) == "rejected"
    assert_refused(lead.post(path, body), 409)
    assert session.scalar(sa.select(sa.func.count(NoticeComplaint.id))) == 1
    assert queue_of(newsroom, "complaints")["notices"] == []


@on_sqlite
def test_a_role_in_a_section_sees_no_notices(newsroom: Newsroom) -> None:
    notice = noticed(newsroom, newsroom.send()["id"])["notice"]
    _, token = hire(newsroom, "sports", (Role.MODERATOR, "sports"))
    limited = Caller(newsroom.app.test_client(), token)
    assert_refused(limited.get(QUEUE), 403)
    assert_refused(limited.post(f"{NOTICES}/{notice}/evidence"), 404)
    assert identifiers.decode(notice)
    assert set(queue_of(newsroom)["counts"]) == set(NoticeQueue)
