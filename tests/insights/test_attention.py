"""Tasks that need attention: listed while they do, for the people concerned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.identifiers import decode
from moderation.insights.attention import ALERTS_LAST
from moderation.policy.brakes import BRAKES
from moderation.tables.comments import Comment
from moderation.tables.jobs import Job
from moderation.tables.monitoring import Alarm
from moderation.tables.webhooks import Webhook
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, Caller, Newsroom, hire
from tests.campaigns.waves import robot_wave

ATTENTION = "/api/v1/overview/attention"
ADMIN = Role.ADMIN


def read(newsroom: Newsroom, role: Role = Role.MODERATOR) -> Any:
    answer = newsroom.as_staff(role).get(ATTENTION)
    assert answer.status_code == 200, answer.json
    return answer.json


def kinds(newsroom: Newsroom, role: Role = Role.MODERATOR) -> Sequence[str]:
    return [item["kind"] for item in read(newsroom, role)["items"]]


def change(session: Session, row: Any, **values: Any) -> None:
    start_writing(session)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.commit()


def hold_one(newsroom: Newsroom) -> Any:
    newsroom.set_policy(ALL_HELD)
    return newsroom.send()


def test_nothing_needs_anybody_at_a_quiet_site(newsroom: Newsroom) -> None:
    newsroom.send()
    for role in Role:
        assert read(newsroom, role) == {"waves": [], "items": [], "desk": []}


def test_overdue_comments_need_somebody_until_they_are_decided(
    newsroom: Newsroom, session: Session
) -> None:
    sent = hold_one(newsroom)
    assert kinds(newsroom) == []
    due_at = datetime.now(UTC) - timedelta(minutes=3)
    row = session.get_one(Comment, decode(sent["id"]))
    change(session, row, due_at=due_at)
    (item,) = read(newsroom)["items"]
    assert (item["kind"], item["count"], item["is_exact"]) == ("overdue", 1, True)
    assert datetime.fromisoformat(item["since"]) == due_at
    decide(newsroom, sent["id"])
    assert kinds(newsroom) == []


def decide(newsroom: Newsroom, comment_id: str, role: Role = Role.MODERATOR) -> None:
    staff = newsroom.as_staff(role)
    path = f"/api/v1/comments/{comment_id}"
    claimed = staff.put(f"{path}/claim")
    assert claimed.status_code == 200, claimed.json
    body = {"verdict": "approve", "version": claimed.json["version"]}
    assert staff.post(f"{path}/decisions", body).status_code == 201


def test_an_escalation_needs_the_leads_and_not_moderators(newsroom: Newsroom) -> None:
    sent = hold_one(newsroom)
    path = f"/api/v1/comments/{sent['id']}/escalation"
    body = {"version": sent["version"], "note": "Is that allowed?"}
    assert newsroom.as_staff().post(path, body).status_code == 201
    assert kinds(newsroom) == []
    for role in (Role.LEAD, Role.ADMIN):
        (item,) = read(newsroom, role)["items"]
        assert (item["kind"], item["count"]) == ("escalated", 1)
    decide(newsroom, sent["id"], Role.LEAD)
    assert kinds(newsroom, Role.LEAD) == []


def test_a_report_needs_somebody_until_it_is_settled(newsroom: Newsroom) -> None:
    sent = newsroom.send()
    path = f"/api/v1/comments/{sent['id']}/reports"
    newsroom.as_site().post(path, {"reason": "spam", "reporter": "r-1"})
    (item,) = read(newsroom)["items"]
    assert (item["kind"], item["count"]) == ("reported", 1)
    listed = newsroom.as_staff().get("/api/v1/comments?status=reported").json
    assert [row["id"] for row in listed["comments"]] == [sent["id"]]


def test_an_appeal_needs_somebody_else_than_who_rejected(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_REJECTED)
    automatic = newsroom.send()
    appeal(newsroom, automatic["id"])
    (item,) = read(newsroom)["items"]
    assert (item["kind"], item["count"]) == ("appealed", 1)
    assert item["facts"] == {"own": "0"}
    own = hold_one(newsroom)
    reject(newsroom, own["id"])
    appeal(newsroom, own["id"])
    (item,) = read(newsroom)["items"]
    assert (item["count"], item["facts"]) == (2, {"own": "1"})
    decide(newsroom, automatic["id"])
    assert kinds(newsroom) == []  # the other one is a colleague's
    assert kinds(newsroom, Role.LEAD) == ["appealed"]


def appeal(newsroom: Newsroom, comment_id: str) -> None:
    path = f"/api/v1/comments/{comment_id}/appeal"
    answer = newsroom.as_site().post(path, {"text": "Please look again."})
    assert answer.status_code == 201, answer.json


def reject(newsroom: Newsroom, comment_id: str) -> None:
    staff, path = newsroom.as_staff(), f"/api/v1/comments/{comment_id}"
    version = staff.put(f"{path}/claim").json["version"]
    body = {"verdict": "reject", "reasons": ["spam"], "version": version}
    assert staff.post(f"{path}/decisions", body).status_code == 201


def test_a_failing_webhook_needs_admins_until_it_answers(
    newsroom: Newsroom, session: Session
) -> None:
    webhook = Webhook(
        site_id=newsroom.site_id,
        url="https://user:word@cms.example/hooks?token=secret",
        types=["comment.held"],
        is_on=True,
        sealed_secret="",
        created_at=datetime.now(UTC),
        failing_since=datetime.now(UTC),
    )
    change(session, webhook)
    assert kinds(newsroom) == kinds(newsroom, Role.LEAD) == []
    (item,) = read(newsroom, ADMIN)["items"]
    assert item["kind"] == "webhook"
    assert item["facts"] == {"id": str(webhook.id), "host": "cms.example"}
    change(session, webhook, failing_since=None)
    assert kinds(newsroom, ADMIN) == []
    change(session, webhook, gone_at=datetime.now(UTC), is_on=False)
    assert kinds(newsroom, ADMIN) == ["webhook"]
    change(session, webhook, deleted_at=datetime.now(UTC))
    assert kinds(newsroom, ADMIN) == []


@pytest.mark.parametrize(
    ("kind", "expected"), [("retraining", ["job"]), ("export", [])]
)
def test_a_failed_job_needs_admins_until_the_next_one(
    newsroom: Newsroom, session: Session, kind: str, expected: list[str]
) -> None:
    change(session, job(newsroom, kind, "failed"))
    assert kinds(newsroom, ADMIN) == expected
    change(session, job(newsroom, kind, "succeeded"))
    assert kinds(newsroom, ADMIN) == []


def job(newsroom: Newsroom, kind: str, state: str) -> Job:
    now = datetime.now(UTC)
    return Job(
        site_id=newsroom.site_id,
        kind=kind,
        state=state,
        result={},
        arguments={},
        created_at=now,
        finished_at=now,
    )


def alarm(newsroom: Newsroom, **values: Any) -> Alarm:
    values = {"created_at": datetime.now(UTC), "kind": "languages", **values}
    return Alarm(site_id=newsroom.site_id, subject="de", details={}, **values)


def test_a_drift_alert_needs_admins_until_it_is_seen_or_old(
    newsroom: Newsroom, session: Session
) -> None:
    row = alarm(newsroom)
    change(session, row)
    (item,) = read(newsroom, ADMIN)["items"]
    assert item["facts"] == {
        "id": str(row.id),
        "drift": "languages",
        "subject": "de",
    }
    assert kinds(newsroom, Role.LEAD) == []
    change(session, row, created_at=datetime.now(UTC) - ALERTS_LAST)
    assert kinds(newsroom, ADMIN) == []
    change(session, row, created_at=datetime.now(UTC), seen_at=datetime.now(UTC))
    assert kinds(newsroom, ADMIN) == []
    change(session, alarm(newsroom, kind="brake"))  # its wave says it
    assert kinds(newsroom, ADMIN) == []


def test_a_wave_comes_with_its_brake_until_somebody_has_handled_it(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKES.as_json())
    for body in robot_wave(20):
        assert newsroom.as_site().post("/api/v1/comments", body).status_code == 201
    (wave,) = read(newsroom)["waves"]
    assert wave["campaign"]["size"] == 20
    assert wave["brake"]["state"] == "holding"
    assert sum(wave["rate"]) == 20
    body = {"as_of": wave["brake"]["as_of"]}
    path = f"/api/v1/brakes/{wave['brake']['id']}"
    assert newsroom.as_staff().post(f"{path}/hold", body).status_code == 201
    assert newsroom.as_staff().post(f"{path}/prolongation", {"hours": 6}).json
    assert read(newsroom)["waves"] == []


def test_a_wave_without_a_brake_can_be_braked(newsroom: Newsroom) -> None:
    for body in robot_wave(12):
        newsroom.as_site().post("/api/v1/comments", body)
    (wave,) = read(newsroom)["waves"]
    assert wave["brake"] is None
    path = f"/api/v1/campaigns/{wave['campaign']['id']}/brake"
    newsroom.as_staff().post(path, {"hours": 6})
    (wave,) = read(newsroom)["waves"]  # what got through is still approved
    assert wave["brake"]["published"] == 12


def test_a_wave_of_one_author_is_told_by_its_brake(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKES.as_json())
    for number in range(12):
        newsroom.send(
            body=f"{number} " + " ".join(f"word{number}x{n}" for n in range(9))
        )
    (wave,) = read(newsroom)["waves"]
    assert (wave["campaign"], wave["brake"]["kind"]) == (None, "author")
    assert wave["rate"] == []


def test_who_has_reserved_comments_is_on_the_desk(newsroom: Newsroom) -> None:
    hold_one(newsroom)
    newsroom.as_staff().post("/api/v1/hand", {"size": 5})
    assert read(newsroom, Role.LEAD)["desk"] == [
        {"login": "gazette-moderator", "comments": 1, "site": "gazette"}
    ]


def test_another_sites_needs_are_not_shown(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session
) -> None:
    sent = hold_one(newsroom)
    row = session.get_one(Comment, decode(sent["id"]))
    change(session, row, due_at=datetime.now(UTC) - timedelta(minutes=3))
    change(session, alarm(newsroom))
    assert kinds(other_newsroom, ADMIN) == []
    answer = other_newsroom.as_staff(ADMIN).get(f"{ATTENTION}?site=gazette")
    assert answer.status_code == 404


def test_a_moderator_of_a_section_is_told_of_it_alone(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    for section in ("Sport", "Politics", "Politics"):
        newsroom.send(article=f"https://a.example/{section}", article_section=section)
    start_writing(session)
    overdue = datetime.now(UTC) - timedelta(minutes=3)
    session.execute(sa.update(Comment).values(due_at=overdue))
    session.commit()
    _, token = hire(newsroom, "sport", (Role.LEAD, "Sport"))
    caller = Caller(newsroom.app.test_client(), token)
    (item,) = caller.get(ATTENTION).json["items"]
    assert (item["kind"], item["count"]) == ("overdue", 1)
    assert read(newsroom)["items"][0]["count"] == 3
