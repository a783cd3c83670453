"""The command palette in a real Chromium: it finds things, and leads to actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from moderation.accounts.staff import Role
from tests.browser.accessibility import violations
from tests.browser.conftest import log_in
from tests.builders import ALL_HELD, Newsroom
from tests.objections.test_reports import report_often

WAVE = (
    "Earn {number} hundred dollars a day from home with our wonderful robot, no boss "
    "and no experience needed, register today and tell your friends about it."
)
Opener = Callable[..., Page]


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    """A site with a pending wave, and an author apart from it."""
    newsroom.set_policy(ALL_HELD)
    for number in range(3):
        newsroom.send(
            author_name=f"Bot {number}",
            author_email=f"bot{number}@mail.example",
            body=WAVE.format(number=number),
        )
    newsroom.send(author_name="Rita Vale", author_email="rita@mail.example")
    return newsroom


@pytest.fixture
def palette(newsroom: Newsroom, context: Callable[..., BrowserContext]) -> Opener:
    """Open the palette on the list of authors."""

    def opened(role: Role = Role.MODERATOR, **settings: Any) -> Page:
        page = context(**settings).new_page()
        page.goto("/console/authors")
        log_in(page, f"{newsroom.name}-{role}")
        page.goto("/console/authors")
        page.wait_for_load_state("networkidle")
        page.keyboard.press("Control+k")
        expect(page.locator("#palette-input")).to_be_focused()
        return page

    return opened


def options_of(page: Page, group: str) -> Locator:
    return page.get_by_role("group", name=group, exact=True).get_by_role("option")


def test_the_first_entry_is_what_most_needs_attention(palette: Opener) -> None:
    page = palette()
    first = page.locator("#palette").get_by_role("option").first
    expect(first).to_have_text("Pending comments: 4")
    expect(first).to_have_attribute("aria-selected", "true")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/")


def test_reports_come_before_what_is_pending(
    newsroom: Newsroom, palette: Opener
) -> None:
    newsroom.set_policy({})
    number = newsroom.send(author_name="Ada")["id"]
    report_often(newsroom, number, 5)
    page = palette()
    first = page.locator("#palette").get_by_role("option").first
    expect(first).to_have_text("Reported comments: 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/comments?status=reported")


def test_authors_comments_and_campaigns_are_found(palette: Opener) -> None:
    page = palette()
    page.keyboard.type("rita")
    expect(options_of(page, "Authors")).to_have_count(1)
    page.locator("#palette-input").fill("wonderful")
    expect(options_of(page, "Comments")).to_have_count(3)
    campaigns = options_of(page, "Campaigns")
    expect(campaigns).to_have_count(1)
    expect(campaigns).to_contain_text("3 comments")
    assert violations(page) == []
    campaigns.click()
    page.wait_for_url("**/campaigns/*")


def test_a_comment_is_found_by_its_id(newsroom: Newsroom, palette: Opener) -> None:
    number = newsroom.send(author_name="Ada")["id"]
    page = palette()
    page.keyboard.type(number)
    expect(options_of(page, "Comments").first).to_have_text(f"Comment {number}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/comments/{number}")


@pytest.mark.parametrize("settings", [{}, {"locale": "ar"}], ids=["en", "ar"])
def test_an_author_is_suspended_from_anywhere(
    palette: Opener, settings: dict[str, str]
) -> None:
    page = palette(**settings)
    act, title = ("إيقاف", "أوقف") if settings else ("suspend an", "Suspend")
    page.keyboard.type(act)
    page.keyboard.press("Enter")
    expect(page.locator("#palette-input")).to_have_value("")
    expect(page.locator("#palette").get_by_role("option").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.type("rita")
    expect(page.locator("#palette").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    dialog = page.locator("#standing")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(title)
    expect(dialog).to_contain_text("Rita Vale")


def test_backspace_leads_back_to_everything(palette: Opener) -> None:
    page = palette()
    page.keyboard.type("trust an")
    page.keyboard.press("Enter")
    expect(options_of(page, "Trust an author…").first).to_be_visible()
    page.keyboard.press("Backspace")
    expect(options_of(page, "Pages").first).to_be_visible()


def test_actions_are_those_of_the_role(palette: Opener) -> None:
    page = palette(Role.MODERATOR)
    names = ["Suspend an author…", "Pre-moderate an author…", "Trust an author…"]
    expect(options_of(page, "Actions")).to_have_text(names)


def test_an_admin_is_led_to_a_new_rule(palette: Opener) -> None:
    page = palette(Role.ADMIN)
    page.keyboard.type("write a rule")
    page.keyboard.press("Enter")
    expect(page.locator("#editor #name")).to_be_focused()
