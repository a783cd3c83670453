"""An outage as staff sees it: a banner that goes, and the system's state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import sessionmaker

from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.monitoring import readiness
from moderation.web.services import services_of
from moderation.worker.healer import Healer
from tests.browser.accessibility import violations
from tests.browser.conftest import Desk
from tests.builders import (
    ALL_HELD,
    NOTHING_HELD,
    DeafScorer,
    Newsroom,
    replace_default_scorer,
)

SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 800}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}},
    "right-to-left": {"viewport": {"width": 360, "height": 740}, "locale": "ar"},
}


@pytest.fixture
def newsroom(app: Flask, newsroom: Newsroom) -> Newsroom:
    """A site with a comment on the desk, whose model fails from then on."""
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    newsroom.set_policy(NOTHING_HELD)
    replace_default_scorer(app, DeafScorer())
    for _ in range(2):
        newsroom.send()
    return newsroom


def reload_counts(page: Page) -> None:
    """Let the page read its counts now, as it does every 15 seconds."""
    page.evaluate("dispatchEvent(new Event('online'))")


def test_a_banner_says_that_a_fault_holds_comments_and_goes_with_it(
    app: Flask, newsroom: Newsroom, desk: Desk
) -> None:
    page = desk(Role.MODERATOR)
    banner = page.locator("#outage-banner")
    expect(banner).to_contain_text("2 comments are held because of a fault.")
    expect(banner.get_by_role("link")).to_have_text("Show them")
    assert violations(page) == []
    page.goto("/console/comments")  # the desk releases what it had reserved
    expect(banner).to_be_visible()
    replace_default_scorer(app, default_model.load())
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    Healer(sessions, services_of(app).intake).heal()
    reload_counts(page)
    expect(banner).to_be_hidden()


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_the_state_of_the_system_can_be_read_on_every_screen(
    newsroom: Newsroom, desk: Desk, screen: dict[str, Any]
) -> None:
    page = desk(Role.ADMIN, **screen)
    expect(page.locator("#outage-banner a")).to_have_count(2)
    page.locator("#outage-banner a").nth(1).click()
    expect(page.locator("#system-parts li")).to_have_count(10)
    expect(page.locator("#system-summary .bad")).to_be_visible()  # no worker has run
    expect(page.locator("#outage-banner")).to_be_visible()
    assert violations(page) == []


def test_the_state_of_the_system_refreshes_itself(
    newsroom: Newsroom, desk: Desk
) -> None:
    page = desk(Role.ADMIN)
    page.goto("/console/settings/system")
    expect(page.locator("#system-summary")).to_contain_text("1 part needs attention.")
    session = db.session()
    start_writing(session)
    readiness.record_heartbeat(session, datetime.now(UTC))
    session.commit()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#system-summary")).to_contain_text("Everything works.")
