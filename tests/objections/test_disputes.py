"""The register of out-of-court disputes, and what a report counts of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.transparency import sheets
from moderation.transparency.disputes import read_disputes
from moderation.transparency.period import ReportPeriod
from moderation.transparency.rows import RowHead
from tests.builders import Newsroom
from tests.refusals import assert_refused

PATH = "/api/v1/sites/gazette/disputes"
YEAR = ReportPeriod(first=date(2025, 1, 1), last=date(2025, 12, 31))
OPEN = {"body": "Appeals Board", "reference": "AB-7", "filed_on": "2025-03-01"}


def decided(outcome: str, day: str, **more: Any) -> dict[str, Any]:
    return {**OPEN, "outcome": outcome, "decided_on": day, **more}


def test_a_dispute_is_entered_decided_and_counted(
    newsroom: Newsroom, session: Session
) -> None:
    lead, comment = newsroom.as_staff(Role.LEAD), newsroom.send()["id"]
    about = {"comment": comment}
    assert_refused(newsroom.as_staff().post(PATH, {**OPEN, **about}), 403)
    assert_refused(lead.post(PATH, OPEN), 422, "comment")
    made = lead.post(PATH, {**OPEN, **about})
    assert made.status_code == 201, made.text
    assert made.json["outcome"] is None
    path = f"/api/v1/disputes/{made.json['id']}"
    answer = lead.put(path, decided("reversed", "2025-03-03"))
    assert answer.json["implemented_on"] is None
    for body in (
        decided("upheld", "2025-04-10"),
        decided("partially_reversed", "2025-03-02", implemented_on="2025-03-05"),
        decided("omitted", "2025-03-11"),
        OPEN,
        {**OPEN, "filed_on": "2024-12-31"},  # of another year
    ):
        assert lead.post(PATH, {**body, **about}).status_code == 201
    mistaken = lead.post(PATH, {**OPEN, **about}).json["id"]
    assert lead.delete(f"/api/v1/disputes/{mistaken}").status_code == 204
    listed = lead.get(PATH).json["disputes"]
    assert len(listed) == 6
    assert listed[-1]["filed_on"] == "2024-12-31"
    session.rollback()
    filed = read_disputes(session, newsroom.site_id, YEAR)
    head = RowHead(applicability="All", service="Gazette", period=YEAR)
    rows = sheets.complaints(head, [], filed, {}, has_notices=True)
    cells = {row[5]: row[6] for row in rows if "disputes" in str(row[4])}
    assert cells == {
        "Total number": 5,
        "Decisions upheld": 1,
        "Decisions partially reversed": 1,
        "Decisions reversed": 1,
        "Decision omitted": 1,
        "Median time": 144.0,  # of 1, 2, 10, and 40 days
        "Percentage of outcomes implemented": 0.6667,
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"filed_on": "2099-01-01"}, "filed_on"),
        ({"outcome": "upheld"}, "decided_on"),
        ({"decided_on": "2025-03-02"}, "outcome"),
        ({"outcome": "upheld", "decided_on": "2025-02-28"}, "decided_on"),
        ({"implemented_on": "2025-03-02"}, "implemented_on"),
        (
            decided("upheld", "2025-03-02", implemented_on="2025-03-03"),
            "implemented_on",
        ),
        (
            decided("reversed", "2025-03-02", implemented_on="2025-03-01"),
            "implemented_on",
        ),
        ({"reference": "ada@mail.example"}, "reference"),
    ],
)
def test_days_out_of_order_are_refused(
    newsroom: Newsroom, changed: dict[str, Any], field: str
) -> None:
    body = {**OPEN, "comment": newsroom.send()["id"], **changed}
    assert_refused(newsroom.as_staff(Role.LEAD).post(PATH, body), 422, field)


def test_a_dispute_is_about_the_sites_own(newsroom: Newsroom) -> None:
    lead = newsroom.as_staff(Role.LEAD)
    for about in ({"comment": "0" * 13}, {"notice": "0" * 13}):
        assert_refused(lead.post(PATH, {**OPEN, **about}), 404)
