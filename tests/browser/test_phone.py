"""What is there for phones alone: the header's menu, and swiping on the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from moderation.accounts.staff import Role
from tests.browser.accessibility import violations
from tests.browser.conftest import Desk, log_in
from tests.builders import ALL_HELD, Newsroom

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    """A site with pending comments."""
    newsroom.set_policy(ALL_HELD)
    for place in range(3):
        newsroom.send(author_name=f"Ada {place}")
    return newsroom


@pytest.mark.parametrize("language", ["en", "ar"])
def test_secondary_actions_are_in_the_headers_menu(
    newsroom: Newsroom, context: Callable[..., BrowserContext], language: str
) -> None:
    page = context(**PHONE, locale=language).new_page()
    page.goto("/console/comments")
    log_in(page, f"{newsroom.name}-{Role.MODERATOR}")
    page.goto("/console/comments")
    link = page.locator("#to-desk")
    expect(page.locator("#head-more")).to_be_visible()
    expect(link).to_be_hidden()
    page.locator("#head-more").focus()
    page.keyboard.press("Enter")
    expect(link).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(page.locator("#head-more")).to_be_focused()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator(".head-actions > #to-desk")).to_be_visible()
    expect(page.locator("#head-more")).to_be_hidden()
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#head-more").click()
    link.click()
    page.wait_for_url("**/console/*")
    expect(page.locator("#desk")).to_be_visible()


def test_a_header_without_secondary_actions_has_no_menu(
    newsroom: Newsroom, context: Callable[..., BrowserContext]
) -> None:
    page = context(**PHONE).new_page()
    page.goto("/console/authors")
    log_in(page, f"{newsroom.name}-{Role.MODERATOR}")
    page.goto("/console/authors")
    expect(page.locator("#head-more")).to_be_hidden()


def swipe(page: Page, by: int) -> None:
    """Move a finger over the comment, by so many pixels to the right."""
    card = page.locator("#comment")
    at: dict[str, Any] = {"pointerType": "touch", "isPrimary": True, "bubbles": True}
    for name, x in (("down", 180), ("move", 180 + by), ("up", 180 + by)):
        card.dispatch_event(f"pointer{name}", {**at, "clientX": x, "clientY": 300})


def switch_swiping_on(page: Page) -> None:
    page.locator("#me-at-top").click()
    page.locator("#account-menu [data-keys]").click()
    page.locator("#swiping").check()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#comment.is-swipeable")).to_be_visible()


@pytest.mark.parametrize(("language", "end"), [("en", 1), ("ar", -1)])
def test_a_swipe_approves_or_asks_for_a_reason(
    newsroom: Newsroom, desk: Desk, language: str, end: int
) -> None:
    page = desk(**PHONE, locale=language)
    name = page.locator("#author").inner_text()
    swipe(page, 150 * end)  # off by default
    expect(page.locator("#author")).to_have_text(name)
    switch_swiping_on(page)
    swipe(page, 40 * end)  # too short
    expect(page.locator("#author")).to_have_text(name)
    swipe(page, -150 * end)
    expect(page.locator("#reasons")).to_be_visible()
    expect(page.locator("#author")).to_have_text(name)
    page.keyboard.press("Escape")
    swipe(page, 150 * end)
    expect(page.locator("#author")).not_to_have_text(name)
    expect(page.locator("#status")).to_contain_text(name)
    page.keyboard.press("u")
    expect(page.locator("#author")).to_have_text(name)
    page.reload()
    expect(page.locator("#comment.is-swipeable")).to_be_visible()
