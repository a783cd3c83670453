"""Repeat offenders and abusive notifiers: counted, warned, suspended, let in again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.policy.provenance import Ground
from moderation.tables.legal import MisuseMeasure
from moderation.tables.webhooks import Delivery
from moderation.transparency.measures import MeasureRestriction, read_measures
from moderation.transparency.period import ReportPeriod
from moderation.transparency.statements import check_statements
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
    own_page = newsroom.app.test_client().get(
        urlsplit(first["status_url"]).path, headers={"Accept-Language": "en"}
    )
    for words in ("You were warned", "aren’t processed until", "Incitement, again."):
        assert words in own_page.get_data(as_text=True)
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
    complaints = {**measure("warning"), "matter": "complaints"}
    assert_refused(lead.post(path, complaints), 409)  # none was called unfounded
    (suspension, _) = lead.get(path).json["measures"]
    assert suspension["matter"] == "notices"


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


def test_unfounded_appeals_are_suspended_and_comments_are_not(
    newsroom: Newsroom, session: Session
) -> None:
    switch_on(newsroom, **PLATFORM)
    webhook = {"url": "https://cms.example/", "types": ["author.warned"]}
    admin = newsroom.as_staff(Role.ADMIN)
    assert admin.post("/api/v1/sites/gazette/webhooks", webhook).status_code == 201
    newsroom.set_policy(ALL_HELD)
    sent = [newsroom.send() for _ in "ab"]
    for one in sent:
        decide_comment(newsroom, one["id"], "reject")
    first, second = sent[0]["id"], sent[1]["id"]
    assert appeal(newsroom, first).status_code == 201
    decide_comment(newsroom, first, "reject", Role.LEAD)
    lead, path = newsroom.as_staff(Role.LEAD), f"{COMMENTS}/{first}/appeal/answer"
    answer = {"answer": "It is the same link again.", "is_unfounded": True}
    assert_refused(lead.post(path, {**answer, "is_partial": True}), 409)
    assert lead.post(path, answer).status_code == 201
    author = row_of(session, first).author_record_id
    path = f"/api/v1/authors/{author}/misuse"
    assert lead.get(path).json["complaints"] == {"manifest": 1, "all": 1, "days": 90}
    assert_refused(lead.post(path, measure("warning")), 409)  # no comment is manifest
    about = {"matter": "complaints"}
    notices = {**measure("warning"), "matter": "notices"}
    assert_refused(lead.post(path, notices), 422, "matter")
    assert lead.post(path, {**measure("warning"), **about}).status_code == 201
    suspended = lead.post(path, {**measure("suspension", 7), **about})
    assert suspended.status_code == 201, suspended.text
    session.rollback()
    (warned,) = session.scalars(sa.select(Delivery.body))
    assert warned["matter"] == "complaints"
    assert_refused(appeal(newsroom, second), 409)
    client = newsroom.app.test_client()
    page = client.get(sent[1]["status_url"]).get_data(as_text=True)
    assert "You can appeal again after" in page
    assert "<form" not in page
    newsroom.set_policy(NOTHING_HELD)
    assert newsroom.send()["status"] == "approved"  # the author can still comment
    assert lead.delete(f"/api/v1/misuse/{suspended.json['id']}").status_code == 200
    assert appeal(newsroom, second).status_code == 201


def test_a_suspension_rests_on_the_law_of_the_manifest_case(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()["id"]
    author = row_of(session, sent).author_record_id
    path, lead = f"/api/v1/authors/{author}/misuse", newsroom.as_staff(Role.LEAD)
    law = {"legal_ground": "§ 130 StGB", "is_manifest": True}
    reject(newsroom, sent, "identity_attack", "illegal", **law)
    for body in (measure("warning"), measure("suspension", 7)):
        assert lead.post(path, body).status_code == 201
    listed = lead.get(f"/api/v1/authors/{author}/statements").json["statements"]
    (stated,) = [one for one in listed if one["restriction"] == "account_suspended"]
    assert (stated["legal_ground"], stated["category"]) == (
        "§ 130 StGB",
        "ILLEGAL_OR_HARMFUL_SPEECH",
    )
    assert stated["explanation"] == "Incitement, again."
    today = datetime.now(UTC).date()
    period = ReportPeriod(first=today, last=today)
    session.rollback()  # what was read before the suspension is no more of use
    (suspension,) = [
        one
        for one in read_measures(session, newsroom.site_id, period)
        if one.restriction is MeasureRestriction.SUSPENDED
    ]
    assert suspension.classification.ground is Ground.ILLEGAL
    made = check_statements([suspension]).statements
    assert [one["illegal_content_legal_ground"] for one in made] == ["§ 130 StGB"]
    assert made[0]["illegal_content_explanation"] == "Incitement, again."
