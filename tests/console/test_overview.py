"""The overview and insights as the service draws them: figures in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.console import formats
from moderation.database import db, start_writing
from moderation.tables.insights import FigureProgress
from moderation.worker import figures
from tests.builders import ALL_HELD, PASSWORD, Newsroom, hire
from tests.insights.life import Seeder
from tests.refusals import on_sqlite

pytestmark = on_sqlite


@pytest.fixture
def in_english(app: Flask) -> Any:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 hr"),
        (172_799, "47 hr"),
        (172_800, "2 days"),
    ],
)
def test_a_time_is_told_in_its_largest_unit(
    in_english: None, seconds: float | None, text: str
) -> None:
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "–"), (3, 29, "3 of 29"), (3, 30, "10.0%"), (2, 3000, "0.1%")],
)
def test_few_cases_are_told_in_numbers(
    in_english: None, part: int, whole: int, text: str
) -> None:
    assert formats.percent(part, whole) == text


def test_a_change_is_told_where_there_is_enough_to_compare(in_english: None) -> None:
    assert formats.change(131, 100) == "+31%"
    assert formats.change(50, 100) == "−50%"
    assert formats.change(50, 29) is None
    assert formats.change_of_share((81, 100), (82, 100)) == "−1.0"
    assert formats.change_of_share((81, 100), (8, 10)) is None


def test_a_course_is_told_by_its_ends_and_extremes(in_english: None) -> None:
    told = formats.describe("Approved", [None, 0.8, 0.9, 0.7], "share")
    assert told == "Approved: first 80.0%, last 70.0%, lowest 70.0%, highest 90.0%"
    assert formats.describe("Approved", [None], "share") == "Approved: no figures yet"
    assert formats.describe("Age", [60.0], "duration").endswith("highest 1 min")
    assert formats.describe("Comments", [1500.0], "number").endswith("highest 1,500")


def test_days_are_short(in_english: None) -> None:
    assert formats.short_day(date(2026, 11, 3)) == "Nov 3"
    moment = datetime(2026, 11, 3, 7, 5, tzinfo=UTC)
    assert formats.hour_of(moment) == "Nov 3, 07:05 UTC"


def log_in(client: FlaskClient, login: str) -> str:
    answer = client.post("/console/login", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 303
    return answer.headers["Location"]


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.MODERATOR, "/console/"),
        (Role.LEAD, "/console/overview"),
        (Role.ADMIN, "/console/overview"),
    ],
)
def test_a_log_in_leads_to_where_work_begins(
    newsroom: Newsroom, client: FlaskClient, role: Role, page: str
) -> None:
    assert log_in(client, f"gazette-{role}") == page
    assert client.get("/console/login").headers["Location"] == page


@pytest.fixture
def lived(newsroom: Newsroom, session: Session) -> None:
    now = datetime.now(UTC)
    Seeder(newsroom, session).seed(now, count=300)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    while figures.count(sessions, now):
        pass


@pytest.mark.parametrize("period", ["24h", "7d", "28d", "nonsense"])
def test_the_overview_shows_its_period(
    newsroom: Newsroom, lived: None, client: FlaskClient, period: str
) -> None:
    log_in(client, "gazette-moderator")
    page = client.get(f"/console/overview?period={period}").text
    assert page.count('class="course"') == 5
    shown = {"7d": "Last 7 days", "28d": "Last 28 days"}.get(period, "Last 24 hours")
    assert f'aria-current="true">{shown}</a>' in page
    assert "Finish setting up" not in page  # that is for admins


def test_the_overview_says_when_no_worker_has_counted(
    newsroom: Newsroom, lived: None, client: FlaskClient, session: Session
) -> None:
    log_in(client, "gazette-admin")
    assert "Figures are out of date" not in client.get("/console/overview").text
    _let_time_pass(session)
    assert "Figures are out of date" in client.get("/console/overview").text


def _let_time_pass(session: Session) -> None:
    start_writing(session)
    for row in session.query(FigureProgress):
        row.hours_until -= timedelta(minutes=6)
    session.commit()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?by=article&section=Sport",
        "?by=moderator",
        "?by=label",
        "?by=nonsense",
        "?from=2025-06-01&to=2026-11-30&by=agency",
        "?site=gazette&section=%00",
        "?from=soon&to=later",
    ],
)
def test_insights_are_drawn_whatever_is_asked_for(
    newsroom: Newsroom, lived: None, client: FlaskClient, query: str
) -> None:
    log_in(client, "gazette-admin")
    answer = client.get(f"/console/insights{query}")
    assert answer.status_code == 200
    assert answer.text.count('class="course"') == 6


def test_another_sites_insights_are_not_there(
    newsroom: Newsroom, other_newsroom: Newsroom, client: FlaskClient
) -> None:
    log_in(client, "gazette-admin")
    assert client.get("/console/insights?site=herald").status_code == 404


def test_a_lead_of_sections_has_no_insights(
    newsroom: Newsroom, client: FlaskClient
) -> None:
    hire(newsroom, "sport", (Role.LEAD, "Sport"))
    assert log_in(client, "sport") == "/console/overview"
    page = client.get("/console/insights").text
    assert "Insights need the lead role in a whole site" in page


def test_a_new_site_greets_its_admins_alone(
    newsroom: Newsroom, client: FlaskClient
) -> None:
    log_in(client, "gazette-admin")
    assert "Welcome to gazette" in client.get("/console/overview").text
    newsroom.set_policy(ALL_HELD)
    newsroom.send(body="The first <b>comment</b>.")
    welcomed = client.get("/console/overview?welcome=1").text
    assert "The first &lt;b&gt;comment&lt;/b&gt;." in welcomed
    assert "Welcome to gazette" not in client.get("/console/overview").text
