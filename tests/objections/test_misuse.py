"""Repeat offenders and abusive notifiers: counted, warned, suspended, let in again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.tables.legal import MisuseMeasure
from tests.builders import ALL_HELD, NOTHING_HELD, Newsroom
from tests.comments.test_statements import reject, switch_on
from tests.objections.test_appeals import appeal, standing
from tests.objections.test_notices import (
    NOTICES,
    decide,
    kept,
    noticed,
    queue_of,
    verdict,
)
from tests.objections.test_reports import COMMENTS, row_of
from tests.objections.test_reports import decide as decide_comment
from tests.refusals import assert_refused

PLATFORM = {"kind": "platform", "is_small": False}


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def measure(kind: str, days: int | None = None) -> dict[str, Any]:
    until = in_days(days) if days else None
    return {"kind": kind, "reason": "Incitement, again.", "until": until}


def test_an_author_is_warned_then_suspended_until_it_ends(
    newsroom: Newsroom, session: Session
) -> None:
    switch_on(newsroom, **PLATFORM)
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()
    author = row_of(session, sent["id"]).author_record_id
    path, lead = f"/api/v1/authors/{author}/misuse", newsroom.as_staff(Role.LEAD)
    assert_refused(lead.post(path, measure("warning")), 409)  # nothing manifest
    law = {"legal_ground": "§ 130 StGB", "is_manifest": True}
    reject(newsroom, sent["id"], "identity_attack", **law)
    counts = lead.get(path).json["counts"]
    assert (counts["manifest"], counts["all"]) == (1, 1)
    assert_refused(lead.post(path, measure("suspension", 7)), 409)  # no warning
    assert_refused(newsroom.as_staff().post(path, measure("warning")), 404)
    assert lead.post(path, measure("warning")).status_code == 201
    client = newsroom.app.test_client()
    page = client.get(sent["status_url"]).get_data(as_text=True)
    assert "You were warned" in page
    assert "Incitement, again." in page
    assert_refused(lead.post(path, measure("suspension")), 422, "until")
    assert_refused(lead.post(path, measure("suspension", 366)), 422, "until")
    suspended = lead.post(path, measure("suspension", 7))
    assert suspended.status_code == 201, suspended.text
    assert suspended.json["is_over"] is False
    newsroom.set_policy(NOTHING_HELD)
    assert newsroom.send()["status"] == "rejected"
    ended = lead.delete(f"/api/v1/misuse/{suspended.json['id']}")
    assert ended.json["is_over"] is True
    assert newsroom.send()["status"] == "approved"
    listed = lead.get("/api/v1/sites/gazette/misuse").json["measures"]
    assert [one["kind"] for one in listed] == ["suspension", "warning"]


def test_an_abusive_notifier_is_received_and_not_processed(
    newsroom: Newsroom, session: Session
) -> None:
    switch_on(newsroom, **PLATFORM)
    sent = newsroom.send()["id"]
    first = noticed(newsroom, sent)
    body = verdict(kept(sent), is_unfounded=True)
    assert decide(newsroom, first["notice"], body).status_code == 201
    path, lead = (
        f"{NOTICES}/{first['notice']}/sender/misuse",
        newsroom.as_staff(Role.LEAD),
    )
    assert lead.get(path).json["counts"] == {"manifest": 1, "all": 1, "days": 90}
    assert_refused(lead.post(path, measure("suspension", 7)), 409)
    assert lead.post(path, measure("warning")).status_code == 201
    assert lead.post(path, measure("suspension", 7)).status_code == 201
    text = "He calls me a fool."
    received = noticed(newsroom, sent, explanation=text)
    assert received["suspended_until"] is not None
    assert queue_of(newsroom)["notices"] == []
    noticed(newsroom, sent, explanation="He will shoot.", is_life=True)
    (listed,) = queue_of(newsroom)["notices"]  # a threat is processed regardless
    assert listed["sender"]["is_warned"] is True
    start_writing(session)
    past = datetime.now(UTC) - timedelta(seconds=1)
    session.execute(sa.update(MisuseMeasure).values(until=past))
    session.commit()
    later = noticed(newsroom, sent, explanation="Another matter.")
    assert later["suspended_until"] is None


def test_an_appeal_is_answered_with_reasons_and_in_part(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()
    decide_comment(newsroom, sent["id"], "reject")
    assert appeal(newsroom, sent["id"]).status_code == 201
    path = f"{COMMENTS}/{sent['id']}/appeal/answer"
    body = {"answer": "It is no spam, but rude.", "is_partial": True}
    lead = newsroom.as_staff(Role.LEAD)
    assert_refused(lead.post(path, body), 409)
    decide_comment(newsroom, sent["id"], "reject", Role.LEAD)
    assert_refused(newsroom.as_staff().post(path, body), 409)  # another's decision
    answered = lead.post(path, body)
    assert answered.status_code == 201, answered.text
    assert_refused(lead.post(path, body), 409)
    assert standing(newsroom, sent["id"])["appeal"]["is_partial"] is True
    client = newsroom.app.test_client()
    page = client.get(sent["status_url"]).get_data(as_text=True)
    assert "It is no spam, but rude." in page


def test_an_appeal_is_taken_for_six_months(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    ids = [newsroom.send()["id"] for _ in "ab"]
    for sent, days, status in zip(ids, (180, 185), (201, 409), strict=True):
        decide_comment(newsroom, sent, "reject")
        start_writing(session)
        moment = datetime.now(UTC) - timedelta(days=days)
        of_all = sa.text("UPDATE decisions SET created_at = :moment")
        bound = of_all.bindparams(
            sa.bindparam("moment", moment, MisuseMeasure.created_at.type)
        )
        session.execute(bound)
        session.commit()
        assert appeal(newsroom, sent).status_code == status
