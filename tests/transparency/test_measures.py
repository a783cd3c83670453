"""Which decisions of the service are measures, and how each came about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.policy.thresholds import Moderation
from moderation.transparency.complaints import ComplaintResult, read_complaints
from moderation.transparency.measures import (
    Measure,
    MeasureAutomation,
    MeasureOrigin,
    MeasureRestriction,
    read_measures,
)
from moderation.transparency.period import ReportPeriod
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, Newsroom
from tests.objections.test_appeals import appeal
from tests.objections.test_reports import COMMENTS, decide, report_often


def measures_of(newsroom: Newsroom, session: Session, public: str) -> list[Measure]:
    """Return the measures about a comment of today."""
    today = datetime.now(UTC).date()
    period = ReportPeriod(first=today - timedelta(days=1), last=today)
    number = identifiers.decode(public)
    session.rollback()
    found = read_measures(session, newsroom.site_id, period)
    return [each for each in found if each.comment_id == number]


def sent(newsroom: Newsroom) -> str:
    public: str = newsroom.send()["id"]
    return public


def rejected(newsroom: Newsroom, public: str, role: Role = Role.MODERATOR) -> None:
    decide(newsroom, public, "reject", role)


def undo(newsroom: Newsroom, public: str) -> None:
    staff = newsroom.as_staff()
    version = staff.get(f"{COMMENTS}/{public}").json["version"]
    answer = staff.post(f"{COMMENTS}/{public}/undo", {"version": version})
    assert answer.status_code == 201, answer.text


def how(measure: Measure) -> tuple[MeasureAutomation, bool, MeasureOrigin]:
    return measure.automation, measure.is_detected_automatically, measure.origin


def test_automation_and_origin_are_those_of_the_log(
    newsroom: Newsroom, session: Session
) -> None:
    own, not_at_all = MeasureOrigin.OWN_INITIATIVE, MeasureAutomation.NOT
    newsroom.set_policy(ALL_REJECTED)
    by_policy = sent(newsroom)
    (measure,) = measures_of(newsroom, session, by_policy)
    assert how(measure) == (MeasureAutomation.FULLY, True, own)
    assert measure.classification.code == "toxicity"
    assert measure.was_shown_for is None
    newsroom.set_policy(ALL_HELD)
    by_score = sent(newsroom)
    rejected(newsroom, by_score)
    (measure,) = measures_of(newsroom, session, by_score)
    assert how(measure) == (MeasureAutomation.PARTIALLY, True, own)
    newsroom.set_policy(NOTHING_HELD, Moderation.PRE)
    premoderated = sent(newsroom)
    rejected(newsroom, premoderated)
    (measure,) = measures_of(newsroom, session, premoderated)
    assert how(measure) == (not_at_all, False, own)
    newsroom.set_policy(NOTHING_HELD)
    by_eye = sent(newsroom)
    rejected(newsroom, by_eye)
    (measure,) = measures_of(newsroom, session, by_eye)
    assert how(measure) == (not_at_all, False, own)
    assert measure.was_shown_for is not None
    assert measure.was_shown_for > timedelta(0)
    reported = sent(newsroom)
    report_often(newsroom, reported, 3)
    rejected(newsroom, reported)
    (measure,) = measures_of(newsroom, session, reported)
    assert how(measure) == (not_at_all, False, MeasureOrigin.REPORT)
    assert measure.restriction is MeasureRestriction.DISABLED


def test_a_comment_counts_once_for_each_time_that_it_is_hidden(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    undone = sent(newsroom)
    rejected(newsroom, undone)
    undo(newsroom, undone)
    assert measures_of(newsroom, session, undone) == []
    twice = sent(newsroom)
    for verdict in ("reject", "approve", "reject"):
        decide(newsroom, twice, verdict)
    assert len(measures_of(newsroom, session, twice)) == 2
    upheld, reversed_ = sent(newsroom), sent(newsroom)
    for public, verdict in ((upheld, "reject"), (reversed_, "approve")):
        rejected(newsroom, public)
        assert appeal(newsroom, public).status_code == 201
        decide(newsroom, public, verdict, Role.LEAD)
        assert len(measures_of(newsroom, session, public)) == 1
    today = datetime.now(UTC).date()
    period = ReportPeriod(first=today - timedelta(days=1), last=today)
    outcomes = [
        each.outcome for each in read_complaints(session, newsroom.site_id, period)
    ]
    assert outcomes == [ComplaintResult.UPHELD, ComplaintResult.REVERSED]


@pytest.mark.parametrize(
    ("body", "restriction"),
    [
        ({"standing": "suspended", "days": 7}, MeasureRestriction.SUSPENDED),
        ({"standing": "banned"}, MeasureRestriction.TERMINATED),
    ],
)
def test_an_authors_restriction_counts_and_not_each_comment(
    newsroom: Newsroom,
    session: Session,
    body: dict[str, object],
    restriction: MeasureRestriction,
) -> None:
    sent(newsroom)
    lead = newsroom.as_staff(Role.LEAD)
    (author,) = lead.get("/api/v1/authors").json["authors"]
    change = dict(body)
    days = change.pop("days", None)
    if days is not None:
        change["until"] = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    path = f"/api/v1/authors/{author['id']}/standing"
    answer = lead.put(path, {**change, "reason": "spam"})
    assert answer.status_code == 200, answer.text
    barred = sent(newsroom)
    assert measures_of(newsroom, session, barred) == []
    today = datetime.now(UTC).date()
    period = ReportPeriod(first=today - timedelta(days=1), last=today)
    (measure,) = read_measures(session, newsroom.site_id, period)
    assert (measure.restriction, measure.comment_id) == (restriction, None)
    assert measure.classification.other == "Unsolicited advertising"
