"""The overview and insights in a browser: kept up to date, without a reload."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.policy.brakes import BRAKES
from moderation.worker import figures
from tests.browser.accessibility import violations
from tests.browser.conftest import enter, log_in
from tests.browser.test_every_page import SCREENS, address
from tests.builders import ALL_HELD, NOTHING_HELD, Newsroom
from tests.campaigns.waves import robot_wave

OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(
    app: Flask, newsroom: Newsroom, context: Callable[..., BrowserContext]
) -> OpenPage:
    """Open a page of the console as a member of staff."""

    def opened(
        endpoint: str, query: str = "", role: Role = Role.ADMIN, **settings: object
    ) -> Page:
        page = context(**settings).new_page()
        enter(page.context, f"{newsroom.name}-{role}")
        page.goto(f"{address(app, endpoint)}{query}")
        page.wait_for_load_state("networkidle")
        return page

    return opened


def count() -> None:
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    while figures.count(sessions, datetime.now(UTC)):
        pass


def send_wave(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKES.as_json())
    for body in robot_wave(14):
        assert newsroom.as_site().post("/api/v1/comments", body).status_code == 201


@pytest.mark.parametrize(
    ("role", "landing"),
    [
        (Role.MODERATOR, "read_desk"),
        (Role.LEAD, "read_overview"),
        (Role.ADMIN, "read_overview"),
    ],
)
def test_a_log_in_leads_to_where_work_begins(
    app: Flask,
    newsroom: Newsroom,
    context: Callable[..., BrowserContext],
    role: Role,
    landing: str,
) -> None:
    page = context().new_page()
    page.goto(address(app, "read_login"))
    log_in(page, f"{newsroom.name}-{role}")
    expect(page).to_have_url(address(app, landing))


def test_a_new_site_sees_its_first_comment_arrive(
    newsroom: Newsroom, open_page: OpenPage
) -> None:
    page = open_page("read_overview")
    expect(page.get_by_text("Listening for the first comment")).to_be_visible()
    expect(page.locator("#command")).to_contain_text("Bearer YOUR_SITE_KEY")
    assert violations(page) == []
    newsroom.send(body="A point away is a point.")
    first = page.locator("#first-comment")
    expect(first).to_contain_text("A point away is a point.")
    expect(page.locator("#arrived")).to_have_text("The first comment has arrived.")
    assert violations(page) == []
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    page.wait_for_load_state("networkidle")  # its scripts are there
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#setup")).to_have_count(0)
    page.reload()
    expect(page.locator("#setup")).to_have_count(0)


def test_what_needs_attention_comes_and_goes_by_itself(
    newsroom: Newsroom, open_page: OpenPage
) -> None:
    sent = newsroom.send()
    count()
    page = open_page("read_overview", role=Role.MODERATOR)
    section = page.locator("#attention")
    expect(section).to_contain_text("Nothing needs attention now.")
    path = f"/api/v1/comments/{sent['id']}/reports"
    newsroom.as_site().post(path, {"reason": "spam", "reporter": "r-1"})
    page.clock.install()
    page.reload()
    expect(section).to_contain_text("1 comment was reported by readers")
    section.get_by_role("link", name="Review").focus()
    newsroom.as_site().post(path, {"reason": "insult", "reporter": "r-2"})
    newsroom.as_staff()
    page.clock.fast_forward(16_000)
    expect(section.get_by_role("link", name="Review")).to_be_focused()
    section.get_by_role("link", name="Review").click()
    expect(page.locator("main")).to_contain_text("A fair point")


@pytest.mark.parametrize("screen", SCREENS)
def test_a_wave_is_held_from_the_overview(
    newsroom: Newsroom, open_page: OpenPage, screen: str
) -> None:
    send_wave(newsroom)
    count()
    page = open_page("read_overview", **SCREENS[screen])
    wave = page.locator(".wave")
    expect(wave).to_be_visible()
    expect(page.locator("#brake-banner")).to_be_hidden()  # it is shown once
    assert violations(page) == []
    if screen != "wide":
        return
    wave.get_by_role("button").click()
    expect(page.locator("#status")).not_to_be_empty()
    expect(wave.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("screen", SCREENS)
def test_insights_have_a_table_for_each_plot(
    newsroom: Newsroom, open_page: OpenPage, screen: str
) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send(article_section="Sport")
    count()
    for event in ("shown", "shown", "edited", "sent"):
        body = {"code": "hurts", "event": event}
        assert newsroom.as_site().post("/api/v1/nudges", body).status_code == 204
    page = open_page("read_insights", "?by=agency", **SCREENS[screen])
    nudges = page.locator("[aria-labelledby=nudges-heading] tbody tr").last
    expect(nudges).to_contain_text("50% (9–91%)")
    page.locator("#nudges-days").click()
    plots = page.locator(".plot")
    expect(plots).to_have_count(6)
    for plot in plots.all():
        expect(plot.get_by_role("img")).to_have_count(1)
        plot.locator("summary").click()
        expect(plot.get_by_role("table")).to_be_visible()
    page.locator("#by-heading ~ details summary").click()
    assert violations(page) == []


def test_an_agency_is_named_and_a_file_is_taken(
    newsroom: Newsroom, open_page: OpenPage
) -> None:
    count()
    page = open_page("read_insights", "?by=agency")
    page.get_by_text("Who works for which agency").click()
    form = page.locator("form[data-login=gazette-moderator]")
    form.get_by_role("textbox").fill("desk@agency.example")
    form.get_by_role("button").click()
    expect(form.get_by_role("alert")).to_contain_text("email address")
    form.get_by_role("textbox").fill("Night Desk")
    form.get_by_role("button").click()
    expect(page.locator("#status")).to_contain_text("Agency saved")
    with page.expect_download() as download:
        page.get_by_role("button", name="By agency").click()
    assert download.value.suggested_filename == "gazette-by-agency.csv"


def test_days_that_make_no_sense_are_explained(
    newsroom: Newsroom, open_page: OpenPage
) -> None:
    page = open_page("read_insights", "?from=2026-11-30&to=2026-11-01")
    expect(page.get_by_role("alert").first).to_contain_text("Choose up to 731 days")
