"""Authors in a real Chromium: from a comment to the record, a suspension, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from moderation.accounts.staff import Role
from tests.browser.accessibility import violations
from tests.browser.conftest import enter
from tests.builders import ALL_HELD, NOTHING_HELD, Newsroom

PHONE = {"viewport": {"width": 360, "height": 740}}
WIDE = {"viewport": {"width": 1440, "height": 900}}
Opened = Callable[..., Page]


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    """A site where Dave has published one comment, and two of his are pending."""
    dave = {"author_name": "Dave", "author_email": "dave@mail.example"}
    newsroom.send(**dave, body="The ferry was never cheap.")
    newsroom.set_policy(ALL_HELD)
    newsroom.send(**dave)
    newsroom.send(**{**dave, "author_name": "Big Dave"}, body="You clown.")
    newsroom.set_policy(NOTHING_HELD)
    return newsroom


@pytest.fixture
def opened(newsroom: Newsroom, context: Callable[..., BrowserContext]) -> Opened:
    """Log a person in, and open a page."""

    def open_page(path: str, role: Role = Role.MODERATOR, **settings: Any) -> Page:
        page = context(**{**WIDE, **settings}).new_page()
        enter(page.context, f"{newsroom.name}-{role}")
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page

    return open_page


def dave(newsroom: Newsroom) -> dict[str, Any]:
    staff = newsroom.as_staff()
    (found,) = staff.get("/api/v1/authors?name=dave").json["authors"]
    author: dict[str, Any] = staff.get(f"/api/v1/authors/{found['id']}").json
    return author


def test_one_key_leads_from_a_comment_to_a_suspension_and_undo_takes_it_back(
    newsroom: Newsroom, opened: Opened
) -> None:
    page = opened("/console/comments?status=all")
    expect(page.locator("#body")).to_be_visible()
    page.keyboard.press("h")
    drawer = page.locator("#author-drawer")
    expect(drawer).to_contain_text("Found by the email address and its aliases")
    expect(drawer.get_by_role("button", name="Ban…")).to_have_count(0)
    drawer.get_by_role("button", name="Suspend…").click()
    dialog = page.locator("#standing")
    expect(dialog.get_by_text("30 days")).to_be_hidden()
    dialog.get_by_label("Note for colleagues").fill("Third insult in a week.")
    dialog.get_by_label("Also reject 2 pending comments").check()
    dialog.get_by_role("button", name="Suspend", exact=True).click()
    expect(page.locator("#status")).to_contain_text("Suspended until")
    expect(page.locator("#status")).to_contain_text("2 comments rejected.")
    author = dave(newsroom)
    assert (author["standing"], author["rejected"]) == ("suspended", 2)
    assert author["current"]["note"] == "Third insult in a week."
    page.locator("#toast-undo").click()
    expect(page.locator("#status")).to_contain_text("Undone: 2 comments")
    author = dave(newsroom)
    assert (author["standing"], author["pending"]) == (None, 2)


def test_a_lead_bans_without_an_end_and_lifts_it(
    newsroom: Newsroom, opened: Opened
) -> None:
    page = opened(f"/console/authors/{dave(newsroom)['id']}", Role.LEAD)
    page.get_by_role("button", name="Ban…", exact=True).click()
    dialog = page.locator("#standing")
    expect(dialog.get_by_label("No end")).to_be_checked()
    dialog.get_by_label("Also reject 2 pending comments").uncheck()
    dialog.get_by_role("button", name="Ban", exact=True).click()
    expect(page.locator("#chip")).to_have_text("Banned")
    assert newsroom.send(author_email="dave@mail.example")["status"] == "rejected"
    page.get_by_role("button", name="Lift").click()
    expect(page.locator("#chip")).to_be_empty()
    assert dave(newsroom)["standing"] is None


def test_all_that_is_published_of_an_author_is_taken_down(
    newsroom: Newsroom, opened: Opened
) -> None:
    page = opened(f"/console/authors/{dave(newsroom)['id']}")
    page.get_by_role("button", name="Reject 1 approved…").click()
    page.locator("#rejection").get_by_role("button", name="Spam").click()
    expect(page.locator("#status")).to_contain_text("1 comment rejected.")
    expect(page.locator("#facts")).to_contain_text("Rejected1")
    assert dave(newsroom)["approved"] == 0


def test_the_record_tells_names_months_and_what_happened(
    newsroom: Newsroom, opened: Opened
) -> None:
    page = opened(f"/console/authors/{dave(newsroom)['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Big Dave")
    expect(page.locator("#identity")).to_contain_text("Other names: Dave")
    drawn = page.get_by_role("img").get_attribute("aria-label") or ""
    assert drawn.endswith("1 approved, 0 rejected, 2 pending.")
    expect(page.locator("#entries")).to_contain_text("The ferry was never cheap.")
    page.locator("#kind").select_option("note")
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    page.get_by_label("Add a note").fill("Fine on other topics.")
    page.keyboard.press("Enter")
    expect(page.locator("#notes")).to_contain_text("Fine on other topics.")
    expect(page.locator("#entries")).to_contain_text("Fine on other topics.")
    page.get_by_role("link", name="All comments").click()
    expect(page.locator("#rows .item")).to_have_count(3)


def test_authors_are_found_by_name_and_by_address(
    newsroom: Newsroom, opened: Opened
) -> None:
    newsroom.send(author_name="Nurse", author_email="nurse@mail.example")
    page = opened("/console/authors")
    expect(page.locator("#rows tr")).to_have_count(2)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.locator("#name").fill("nur")
    expect(page.locator("#rows tr")).to_have_count(1)
    page.locator("#name").fill("DAVE@mail.example")
    expect(page.locator("#rows tr")).to_contain_text("Big Dave")
    assert not any("mail.example" in address for address in [*addresses, page.url])
    page.locator("#name").fill("nobody")
    expect(page.get_by_text("No authors match.")).to_be_visible()


@pytest.mark.parametrize(
    "settings",
    [{}, {"color_scheme": "dark"}, PHONE, {**PHONE, "locale": "ar"}],
    ids=["wide", "dark", "phone", "arabic"],
)
def test_everybody_can_use_the_record(
    newsroom: Newsroom, opened: Opened, settings: dict[str, Any]
) -> None:
    page = opened(f"/console/authors/{dave(newsroom)['id']}", Role.LEAD, **settings)
    expect(page.locator("#record")).to_be_visible()
    found = [violations(page)]
    page.locator("#acts button").nth(2).click()
    expect(page.locator("#standing")).to_be_visible()
    found.append(violations(page))
    assert found == [[], []]


def test_a_lead_reveals_the_address_for_a_reason(
    newsroom: Newsroom, opened: Opened
) -> None:
    path = f"/console/authors/{dave(newsroom)['id']}"
    page = opened(path, Role.LEAD)
    page.get_by_role("button", name="Reveal email address…").click()
    dialog = page.locator("#reveal")
    expect(dialog.get_by_label("Code of your second factor")).to_be_hidden()
    assert violations(page) == []
    dialog.get_by_label("Reason").fill("The police asked for it.")
    dialog.get_by_role("button", name="Reveal", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#revealed")).to_contain_text("dave@mail.example")
    page.reload()
    expect(page.get_by_role("button", name="Reveal email address…")).to_be_visible()
    expect(page.get_by_text("dave@mail.example")).to_have_count(0)
    moderated = opened(path)
    expect(moderated.locator("#identity")).to_contain_text("First seen")
    expect(moderated.locator("#revealed")).to_have_count(0)
