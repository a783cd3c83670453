"""Checks of every page of the console, for each role and screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, url_for
from playwright.sync_api import BrowserContext, Page, expect

from moderation.accounts.staff import Role
from moderation.console.navigation import every_page
from moderation.console.texts import LANGUAGES
from tests.browser.accessibility import violations
from tests.browser.conftest import enter, log_in
from tests.builders import ALL_HELD, ALL_REJECTED, Newsroom

INSULT = "You absolute moron, nobody asked for your idiotic opinion."
LINKED = "See https://pаypal.com/" + "x" * 300 + " and shop.co.uk"
OTHERS = ("read_account", "read_disputes")  # pages that the bar's list lacks
# 200% zoom of a window is a window half as wide.
SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 800}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}},
    "narrowest": {"viewport": {"width": 320, "height": 640}},
    "zoomed": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    "right-to-left": {"viewport": {"width": 360, "height": 740}, "locale": "ar"},
}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    """A site where something of each kind waits, or was decided."""
    newsroom.set_policy(ALL_REJECTED)
    newsroom.send(author_name="Wronged")
    newsroom.set_policy(ALL_HELD)
    for body in (INSULT, INSULT + " Really.", LINKED):
        newsroom.send(body=body, author_url="https://author.example.org/")
    return newsroom


def address(app: Flask, endpoint: str) -> str:
    with app.test_request_context():
        return url_for(f"console.{endpoint}")


@pytest.mark.parametrize(
    "endpoint", [*(page.endpoint for page in every_page()), *OTHERS]
)
def test_everybody_can_use_every_page(
    app: Flask,
    newsroom: Newsroom,
    context: Callable[..., BrowserContext],
    endpoint: str,
) -> None:
    first = context()
    enter(first, f"{newsroom.name}-{Role.ADMIN}")
    session = first.storage_state()
    found = {}
    for name, settings in SCREENS.items():
        page = context(storage_state=session, **settings).new_page()
        page.goto(address(app, endpoint))
        page.wait_for_load_state("networkidle")  # the API was asked, and answered
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        found[name] = violations(page)
        page.goto("about:blank")  # leaving the page releases the reservation
    assert found == {name: [] for name in SCREENS}


@pytest.mark.parametrize("screen", ["dark", "phone", "right-to-left"])
def test_everybody_can_use_the_panels_of_the_desk(
    newsroom: Newsroom, desk: Callable[..., Page], screen: str
) -> None:
    page = desk(**SCREENS[screen])
    for key in ("r", "l", "n", "e", "?"):
        page.keyboard.press(key)
        assert violations(page) == [], key
        page.keyboard.press("Escape")


def test_plurals_are_chosen_as_browsers_do(
    newsroom: Newsroom, context: Callable[..., BrowserContext]
) -> None:
    page = context().new_page()
    script = """(code) => {
      const forms = new Intl.PluralRules(code);
      return Array.from({ length: 1200 }, (_, number) => forms.select(number));
    }"""
    for language in LANGUAGES.values():
        ours = [language.plural(number) for number in range(1200)]
        assert page.evaluate(script, language.code) == ours


def test_the_language_is_chosen_in_the_menu(
    newsroom: Newsroom, context: Callable[..., BrowserContext]
) -> None:
    page = context().new_page()
    page.goto("/console/authors")
    log_in(page, "gazette-moderator")
    page.get_by_role("link", name="Authors").click()
    page.locator("#me").click()
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("heading", level=1)).to_have_text("الكتّاب")
    assert page.url.endswith("/console/authors")
