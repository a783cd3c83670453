"""The authors' page in a real Chromium: from the form to the end of an appeal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from moderation.accounts.staff import Role
from moderation.demo import article
from tests.browser.accessibility import violations
from tests.browser.conftest import log_in
from tests.builders import ALL_HELD, Newsroom, open_newsroom
from tests.objections.test_reports import decide, report_often

PHONE = {"width": 360, "height": 740}
LOOKS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": PHONE},
    "dark": {"color_scheme": "dark"},
    "arabic": {"locale": "ar"},
}
Opener = Callable[..., Page]

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])


@pytest.fixture
def newsroom(app: Flask) -> Newsroom:
    """The demo's site, where a person looks at everything first."""
    newsroom = open_newsroom(app, article.SITE)
    newsroom.set_policy(ALL_HELD)
    return newsroom


def write(page: Page) -> None:
    """Send a comment by the form of the article."""
    page.locator("#author_name").fill("Rita Vale")
    page.locator("#author_email").fill("rita@mail.example")
    page.locator("#body").fill("Nobody needs this bridge, least of all the mayor.")
    page.get_by_role("button", name="Post comment").click()


def newest(newsroom: Newsroom) -> str:
    """Return the id of the comment that waits."""
    (waiting,) = newsroom.as_staff().get("/api/v1/queue").json["comments"]
    number: str = waiting["id"]
    return number


@both_ways
def test_an_author_follows_a_comment_to_the_end_of_an_appeal(
    newsroom: Newsroom, open_page: Opener, javascript: bool
) -> None:
    page = open_page(java_script_enabled=javascript)
    write(page)
    page.get_by_role("link", name="Follow what becomes of it").click()
    expect(page.locator("h1")).to_have_text("Your comment is waiting for a moderator")

    decide(newsroom, newest(newsroom), "reject")
    page.reload()
    expect(page.locator("h1")).to_have_text("Your comment was not published")
    expect(page.locator(".reasons")).to_contain_text("advertising or spam")

    page.get_by_role("button", name="Send").click()  # empty: the browser asks for it
    page.get_by_label("Why should it be published?").fill("It is irony.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("h1")).to_have_text("Your appeal is waiting for a moderator")

    assert newsroom.as_staff().post("/api/v1/hand", {}).json["comments"] == []
    decide(newsroom, newest(newsroom), "approve", Role.LEAD)
    page.reload()
    expect(page.locator("h1")).to_have_text("Your comment is published")
    expect(page.locator("main")).to_contain_text("Your appeal was heard")


@pytest.mark.parametrize("look", LOOKS)
def test_every_state_can_be_read_by_everybody(
    newsroom: Newsroom, open_page: Opener, look: str
) -> None:
    page = open_page(**LOOKS[look])
    sent = newsroom.send(article_title="Bridge at Ferry Lane closes for two years")
    page.goto(sent["status_url"])  # waits
    assert violations(page) == []
    decide(newsroom, sent["id"], "reject")
    page.reload()  # rejected, with the form
    assert violations(page) == []
    page.locator("textarea").fill("x" * 4001)
    page.locator("button").click()  # returned with the problem
    expect(page.locator("#problem")).to_be_visible()
    assert violations(page) == []
    page.locator("textarea").fill("It is irony.")
    page.locator("button").click()
    expect(page.locator("textarea")).to_have_count(0)  # appealed
    assert violations(page) == []
    decide(newsroom, sent["id"], "approve", Role.LEAD)
    page.reload()  # published on appeal
    assert violations(page) == []
    report_often(newsroom, sent["id"], 3)
    page.reload()  # reported
    assert violations(page) == []
    page.goto("/status/nothing")
    assert violations(page) == []


def test_the_form_is_sent_by_keyboard(newsroom: Newsroom, open_page: Opener) -> None:
    page = open_page()
    sent = newsroom.send()
    decide(newsroom, sent["id"], "reject")
    page.goto(sent["status_url"])
    for _ in range(2):  # the article's link, the text
        page.keyboard.press("Tab")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("It is irony.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your appeal is waiting for a moderator")


def test_the_desk_shows_an_appeal_to_others_and_says_so_to_who_rejected(
    newsroom: Newsroom, desk: Callable[..., Page], context: Callable[..., Any]
) -> None:
    sent = newsroom.send()
    decide(newsroom, sent["id"], "reject")
    report = {"reason": "insult", "reporter": "r-1", "note": "He calls me names."}
    newsroom.as_site().post(f"/api/v1/comments/{sent['id']}/reports", report)
    text = {"text": "It was irony."}
    newsroom.as_site().post(f"/api/v1/comments/{sent['id']}/appeal", text)

    lead = desk(Role.LEAD)
    expect(lead.locator("#asked")).to_contain_text("It was irony.")
    expect(lead.locator("#asked")).to_contain_text("He calls me names.")
    assert violations(lead) == []

    own = context().new_page()
    own.goto("/console/")
    log_in(own, f"{newsroom.name}-{Role.MODERATOR}")
    expect(own.locator("#kept")).to_contain_text("1 appeal against your rejection")
    expect(own.get_by_text("Nothing is pending for you")).to_be_visible()
    assert violations(own) == []
