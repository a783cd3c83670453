"""The page of the queue, in a real Chromium: filters, views, overdue, held."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, expect

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.tables.comments import Comment
from tests.browser.conftest import log_in
from tests.builders import ALL_HELD, Newsroom

QUEUE = "/console/queue"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    """A newsroom where Ada's comment is overdue and in an admin's hand."""
    newsroom.set_policy(ALL_HELD)
    made = newsroom.send(author_name="Ada", body="The bridge is closed.")
    newsroom.send(author_name="Bo", body="The ferry is tied up.")
    start_writing(db.session())
    db.session.execute(
        sa.update(Comment)
        .where(Comment.id == identifiers.decode(made["id"]))
        .values(due_at=datetime.now(UTC) - timedelta(hours=1))
    )
    db.session.commit()
    newsroom.as_staff(Role.ADMIN).post("/api/v1/hand", {"size": 1})
    return newsroom


@pytest.fixture
def queue(
    newsroom: Newsroom, context: Callable[..., BrowserContext]
) -> Callable[..., Page]:
    """Log a lead in, and wait until the queue is there."""

    def opened(path: str = QUEUE, **settings: Any) -> Page:
        page = context(**settings).new_page()
        page.goto("/console/login")
        log_in(page, "gazette-lead")
        page.wait_for_url("**/console/")
        page.goto(path)
        expect(page.locator("#list > li").first).to_be_visible()
        return page

    return opened


def authors(page: Page) -> list[str]:
    return page.locator("#list .author").all_inner_texts()


def test_the_queue_shows_what_is_overdue_and_who_holds_what(
    queue: Callable[..., Page],
) -> None:
    page = queue()
    assert authors(page) == ["Ada", "Bo"]
    ada, bo = page.locator("#list > li").all()
    expect(ada.locator(".due")).to_have_class("due late")
    expect(ada.locator(".holder")).to_contain_text("reserved by gazette-admin until")
    expect(bo.locator(".due")).to_have_class("due")
    expect(bo.locator(".holder")).to_be_empty()
    expect(page.locator("#found")).to_have_text("2 comments, 1 overdue")


def test_filters_are_in_the_address_and_in_the_form(
    queue: Callable[..., Page],
) -> None:
    page = queue()
    page.get_by_label("Words in the text").fill("ferry")
    page.get_by_label("Sort by").select_option("newest")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#found")).to_have_text("1 comment, 0 overdue")
    assert authors(page) == ["Bo"]
    assert page.url.endswith("/console/queue?text=ferry&order=newest")
    expect(page.get_by_label("Words in the text")).to_have_value("ferry")
    page.get_by_role("link", name="Clear", exact=True).click()
    expect(page.locator("#list > li")).to_have_count(2)


def test_an_order_by_score_asks_whose(queue: Callable[..., Page]) -> None:
    page = queue()
    page.get_by_label("Sort by").select_option("score")
    page.get_by_role("button", name="Show", exact=True).click()
    label = page.get_by_label("Label", exact=True)
    expect(label).to_be_visible()  # unfolded, and the browser points at it
    assert page.url.endswith(QUEUE)
    label.select_option("insult")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**/queue?order=score&label=insult")
    expect(page.locator("#list .why").first).to_contain_text("Insult")


def test_a_view_is_saved_counted_worked_on_and_removed(
    queue: Callable[..., Page], newsroom: Newsroom
) -> None:
    page = queue(f"{QUEUE}?text=ferry")
    page.get_by_text("Save as a view").click()
    page.get_by_label("Name of the view").fill("Ferry")
    page.get_by_label("Share with").select_option("gazette")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"\?view=\d+$"))
    chosen = page.locator("#views [aria-current]")
    expect(chosen).to_have_text(re.compile("Ferry.*1"))
    assert authors(page) == ["Bo"]
    view = page.url.rpartition("?")[2]
    work = page.get_by_role("link", name="Open this view at the desk")
    expect(work).to_have_attribute("href", f"/console/?{view}")
    seen = newsroom.as_staff().get("/api/v1/views").json["views"]
    assert [each["name"] for each in seen] == ["Ferry"]
    page.get_by_role("button", name="Remove “Ferry”").click()
    page.wait_for_url(f"**{QUEUE}")
    expect(page.locator("#views li")).to_have_count(1)


def test_a_lost_network_is_said_and_what_is_shown_stays(
    queue: Callable[..., Page],
) -> None:
    page = queue()
    page.clock.install()
    page.reload()
    expect(page.locator("#list > li")).to_have_count(2)
    expect(page.locator("#found")).to_contain_text("2")
    page.context.set_offline(True)
    page.clock.run_for(20_000)
    expect(page.get_by_role("alert")).to_contain_text("didn’t answer")
    expect(page.locator("#list > li")).to_have_count(2)
    page.context.set_offline(False)
    for _ in range(10):  # a request in the moment of change may still be cut off
        page.clock.run_for(20_000)
        page.wait_for_timeout(200)
        if page.get_by_role("alert").is_hidden():
            break
    expect(page.get_by_role("alert")).to_be_hidden()
