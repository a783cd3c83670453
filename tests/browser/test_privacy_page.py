"""Settings, Privacy in a browser: a person, retention clocks, and legal holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, expect

from moderation.accounts.staff import Role
from tests.browser.accessibility import violations
from tests.browser.test_models_pages import Opener, open_as
from tests.builders import Newsroom
from tests.subjects import lives

__all__ = ["open_as"]  # a fixture


def find(page: Page, who: str) -> None:
    page.locator("#who").fill(who)
    page.get_by_role("button", name="Find", exact=True).click()


def test_a_person_is_found_exported_and_erased(
    app: Flask, newsroom: Newsroom, open_as: Opener
) -> None:
    newsroom.send(author_name="Marguerite", author_id="reader-7")
    page = open_as("settings/privacy")
    find(page, "nobody@mail.example")
    expect(page.locator("#banner")).to_contain_text("It no longer exists")
    find(page, "ada@mail.example")
    expect(page.locator("#found-facts")).to_have_text("1 comment.")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download as a page").click()
    text = Path(saved.value.path()).read_text()
    assert "Marguerite" in text
    assert "ada@mail.example" in text
    page.get_by_role("button", name="Create a link for the person").click()
    link = page.locator("#once code").text_content() or ""
    assert "/person/" in link
    page.get_by_role("button", name="I have stored it").click()
    page.get_by_role("button", name="Erase…").click()
    assert violations(page) == []
    page.locator("#erasure-yes").click()
    expect(page.locator("#erasures tr")).to_contain_text("Running")
    lives.work(app)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Receipt of erasure 1").click()
    assert '"format": "moderation-erasure-1"' in Path(saved.value.path()).read_text()


def test_clocks_and_holds_are_set(
    newsroom: Newsroom, open_as: Opener, desk: Callable[..., Page]
) -> None:
    number = newsroom.send()["id"]
    page = open_as(f"comments/{number}")
    page.get_by_role("button", name="Legal hold…").click()
    page.locator("#hold-reason").fill("Asked for by the district court")
    page.get_by_role("button", name="Place hold").click()
    expect(page.locator("#on-hold")).to_be_visible()
    page = open_as("settings/privacy")
    expect(page.locator("#holds tr")).to_contain_text("district court")
    page.locator("#days-networks").fill("14")
    page.locator("#days-emails").fill("")
    page.get_by_role("button", name="Count what is due").click()
    expect(page.locator("[data-class=networks] .due")).to_have_text("0")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#save-bar")).to_be_hidden()
    path = f"/api/v1/sites/{newsroom.name}/retention"
    clocks = newsroom.as_staff(Role.ADMIN).get(path).json["clocks"]
    days = {clock["data"]: clock["days"] for clock in clocks}
    assert (days["networks"], days["emails"], days["reports"]) == (14, None, 395)
    page.locator("#holds button").click()
    page.get_by_role("button", name="Lift", exact=True).last.click()
    expect(page.locator("#no-holds")).to_be_visible()
