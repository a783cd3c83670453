"""Comments of every status, in Chromium: by keyboard, in bulk, by two at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from moderation.accounts.staff import Role
from tests.browser.accessibility import violations
from tests.browser.conftest import enter
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, Newsroom

PHONE = {"viewport": {"width": 360, "height": 740}}
WIDE = {"viewport": {"width": 1440, "height": 900}}
Opened = Callable[..., Page]


@pytest.fixture
def comments(newsroom: Newsroom, context: Callable[..., BrowserContext]) -> Opened:
    """Log a person in, and wait until the list is there."""

    def opened(
        path: str = "/console/comments", role: Role = Role.MODERATOR, **settings: Any
    ) -> Page:
        page = context(**{**WIDE, **settings}).new_page()
        enter(page.context, f"{newsroom.name}-{role}")
        page.goto(path)
        expect(page.locator("#rows")).to_have_attribute("aria-busy", "false")
        return page

    return opened


@pytest.fixture
def held(newsroom: Newsroom) -> list[dict[str, Any]]:
    """Five pending comments, the first one due first."""
    newsroom.set_policy(ALL_HELD)
    bodies = ["One bridge.", "Two ferries.", "Three trams.", "Four cars.", "Five cats."]
    names = [f"Ada {place}" for place in range(1, 6)]
    return [
        {**newsroom.send(author_name=name, body=body), "author_name": name}
        for name, body in zip(names, bodies, strict=True)
    ]


def authors(page: Page) -> list[str]:
    return page.locator("#rows .item-head b").all_inner_texts()


def current(page: Page) -> str:
    return page.locator("#rows [aria-current] .item-head b").inner_text()


def statuses(newsroom: Newsroom, status: str) -> int:
    answer = newsroom.as_staff().get("/api/v1/comments/counts").json
    number: int = answer["counts"][status]["number"]
    return number


def see_news(page: Page) -> None:
    """Let the page ask what has changed, as it does every few seconds."""
    with page.expect_response(re.compile(r"/comments\?")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_comments_are_decided_by_keyboard_and_the_next_one_is_current(
    comments: Opened, held: list[dict[str, Any]], newsroom: Newsroom
) -> None:
    page = comments()
    names = authors(page)
    assert current(page) == names[0]
    expect(page.locator("#body")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#status")).to_have_text(f"Approved: {names[1]}.")
    assert current(page) == names[2]
    assert page.evaluate("document.activeElement.className") == "item-link"
    page.keyboard.press("r")
    page.locator("#rejection").get_by_role("button", name="Spam").click()
    expect(page.locator("#status")).to_have_text(f"Rejected: {names[2]}.")
    assert current(page) == names[3]
    page.keyboard.press("u")
    expect(page.locator("#status")).to_have_text(f"Undone: {names[2]}.")
    assert authors(page) == [names[0], *names[2:]]
    assert current(page) == names[2]
    expect(page.locator("[data-tab=approved] .badge")).to_have_text("1")
    assert statuses(newsroom, "pending") == 4


def test_escape_in_the_reasons_decides_nothing(
    comments: Opened, held: list[dict[str, Any]], newsroom: Newsroom
) -> None:
    page = comments()
    page.keyboard.press("r")
    expect(page.locator("#rejection")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#rejection")).to_be_hidden()
    page.keyboard.press("1")
    expect(page.locator("#rows .item-head")).to_have_count(5)
    assert statuses(newsroom, "pending") == 5


def test_published_comments_are_taken_down(
    comments: Opened, newsroom: Newsroom
) -> None:
    newsroom.set_policy(NOTHING_HELD)
    for place in range(3):
        newsroom.send(author_name=f"Ada {place}")
    page = comments("/console/comments?status=approved")
    page.keyboard.press("Control+a")
    expect(page.locator("#selected-count")).to_have_text("3 selected")
    page.keyboard.press("r")
    page.locator("#rejection").get_by_role("button", name="Off topic").click()
    expect(page.locator("#status")).to_contain_text("3 comments rejected.")
    expect(page.locator("#none")).to_be_visible()
    assert statuses(newsroom, "rejected") == 3
    page.locator("#toast-undo").click()
    expect(page.locator("#status")).to_contain_text("Undone: 3 comments")
    expect(page.locator("#rows .item")).to_have_count(3)
    assert statuses(newsroom, "approved") == 3


def test_a_range_is_selected_with_shift(
    comments: Opened, held: list[dict[str, Any]], newsroom: Newsroom
) -> None:
    page = comments()
    page.keyboard.press("x")
    for key in ("j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("#selected-count")).to_have_text("3 selected")
    expect(page.locator("#select-all")).to_have_text("Select all 5 that match")
    pane = page.locator(".pane")
    expect(pane.get_by_role("heading", name="3 selected")).to_be_visible()
    figures = page.locator("#summary-facts dd")
    expect(figures).to_have_text(
        ["3", "1", "1"]
    )  # pending, of an author, on an article
    expect(page.locator("#comment")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#comment")).to_be_visible()
    expect(page.locator("#summary")).to_be_hidden()
    page.keyboard.press("Control+a")
    expect(pane.get_by_role("heading", name="5 selected")).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("are left out")
    assert violations(page) == []
    page.keyboard.press("Escape")
    for key in ("k", "k", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    pane.get_by_role("button", name="Approve").click()
    expect(page.locator("#status")).to_contain_text("3 comments approved.")
    assert statuses(newsroom, "approved") == 3
    expect(page.locator("#bulk")).to_be_hidden()


def test_what_a_colleague_decided_meanwhile_is_neither_lost_nor_decided_twice(
    comments: Opened, held: list[dict[str, Any]], newsroom: Newsroom
) -> None:
    page, other = comments(), comments(role=Role.LEAD)
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    first = authors(page)[0]
    other.keyboard.press("r")
    other.locator("#rejection").get_by_role("button", name="Insult").click()
    expect(other.locator("[data-tab=rejected] .badge")).to_have_text("1")
    page.keyboard.press("a")
    expect(page.locator("#status")).to_contain_text("1 comment approved.")
    expect(page.locator("#status")).to_contain_text("1 changed after you looked")
    assert first not in authors(page)
    assert (statuses(newsroom, "approved"), statuses(newsroom, "rejected")) == (1, 1)


def test_a_decision_that_comes_too_late_is_said(
    comments: Opened, held: list[dict[str, Any]], newsroom: Newsroom
) -> None:
    page = comments()
    name = current(page)
    first = next(row for row in held if row["author_name"] == name)
    newsroom.as_staff(Role.LEAD).post(
        f"/api/v1/comments/{first['id']}/decisions",
        {"verdict": "reject", "reasons": ["insult"], "version": first["version"]},
    )
    page.keyboard.press("a")
    expect(page.locator("#banner")).to_contain_text("gazette-lead decided")
    assert statuses(newsroom, "rejected") == 1
    assert len(authors(page)) == 4


def test_colleagues_work_shows_and_new_comments_wait_above_the_list(
    comments: Opened, held: list[dict[str, Any]], newsroom: Newsroom
) -> None:
    page = comments()
    names = authors(page)
    page.keyboard.press("j")
    page.keyboard.press("x")
    chosen = next(row for row in held if row["author_name"] == names[1])
    newsroom.as_staff(Role.LEAD).put(f"/api/v1/comments/{chosen['id']}/claim")
    newsroom.send(author_name="Newcomer")
    see_news(page)
    row = page.locator("#rows .item").nth(1)
    expect(row).to_contain_text("Reserved by gazette-lead")
    expect(row.get_by_role("checkbox")).to_be_disabled()
    expect(page.locator("#act-approve")).to_be_disabled()
    expect(page.locator("#status")).to_contain_text("no longer selected")
    assert authors(page) == names
    page.get_by_role("button", name="1 new, show").click()
    expect(page.locator("#rows .item")).to_have_count(6)


def test_filters_are_in_the_address_and_back_leads_back(
    comments: Opened, held: list[dict[str, Any]]
) -> None:
    page = comments()
    page.locator("#search").fill("ferr")
    page.keyboard.press("Enter")
    expect(page.locator("#rows .item")).to_have_count(1)
    expect(page.locator("#rows-title")).to_be_focused()  # so A is about what was found
    assert page.url.endswith("?status=pending&text=ferr")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("Author: a part of the name").fill("nobody")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#none")).to_be_visible()
    page.get_by_role("button", name="Remove filter: Author: nobody").click()
    expect(page.locator("#rows .item")).to_have_count(1)
    page.go_back()
    expect(page.locator("#none")).to_be_visible()
    page.get_by_role("link", name="All").click()
    assert "author=nobody" in page.url
    page.locator("#none-clear").click()
    expect(page.locator("#rows .item")).to_have_count(5)


def test_an_email_address_becomes_its_author_and_no_part_of_an_address(
    comments: Opened, newsroom: Newsroom
) -> None:
    newsroom.send(author_name="Bo", author_email="bo@mail.example")
    newsroom.send(author_name="Ada")
    page = comments("/console/comments?status=all")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.locator("#search").fill("bo@mail.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove filter: By Bo")).to_be_visible()
    expect(page.locator("#rows .item")).to_have_count(1)
    assert authors(page) == ["Bo"]
    assert not any("mail.example" in address for address in [*addresses, page.url])
    page.locator("#search").fill("nobody@mail.example")
    page.keyboard.press("Enter")
    expect(page.locator("#banner")).to_contain_text("No author with this email")


def test_a_view_is_saved_chosen_and_removed(
    comments: Opened, held: list[dict[str, Any]], newsroom: Newsroom
) -> None:
    page = comments("/console/comments?status=all&text=ferries")
    page.get_by_role("button", name="Save view…").click()
    page.get_by_label("Name", exact=True).fill("Ferries")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#status")).to_have_text("View saved: Ferries.")
    page.goto("/console/comments")
    page.locator("#view").select_option("Ferries")
    expect(page.locator("#rows .item")).to_have_count(1)
    assert page.url.endswith("?status=all&text=ferries")
    page.get_by_role("button", name="Remove view").click()
    expect(page.locator("#status")).to_contain_text("View removed: Ferries.")
    assert newsroom.as_staff().get("/api/v1/views").json["views"] == []


def test_the_pages_of_before_lead_to_the_list(
    comments: Opened, held: list[dict[str, Any]]
) -> None:
    page = comments("/console/queue?text=ferries&order=newest")
    assert page.url.endswith("/comments?status=pending&text=ferries&order=newest")
    expect(page.locator("#rows .item")).to_have_count(1)
    page.goto("/console/decided")
    expect(page.locator("[data-tab=rejected]")).to_have_attribute(
        "aria-current", "page"
    )
    assert "decided_by=automatically" in page.url


def test_a_phone_has_the_list_alone_and_a_row_opens_its_page(
    comments: Opened, held: list[dict[str, Any]], newsroom: Newsroom
) -> None:
    page = comments(**PHONE)
    expect(page.locator(".pane")).to_be_hidden()
    page.locator("#rows .item-link").first.click()
    page.wait_for_url(re.compile(r"/console/comments/\w{13}$"))
    expect(page.locator("#body")).to_be_visible()
    with page.expect_response("**/decisions"):  # the page shows it before
        page.locator("#act-approve").click()
    expect(page.locator("#comment-status")).to_have_text("approved")
    assert statuses(newsroom, "approved") == 1


def test_a_page_of_a_comment_shows_its_thread_and_what_was_edited(
    comments: Opened, newsroom: Newsroom
) -> None:
    newsroom.set_policy(NOTHING_HELD)
    top = newsroom.send(author_name="Margit", body="Two years!")
    made = newsroom.send(author_name="Dave", body="They lie.", parent=top["id"])
    newsroom.set_policy(ALL_REJECTED)
    newsroom.send(author_name="Sana", body="Be kind.", parent=made["id"])
    newsroom.as_site().patch(f"/api/v1/comments/{made['id']}", {"body": "They err."})
    page = comments("/console/comments?status=all")
    page.goto(f"/console/comments/{made['id']}")
    posts = page.locator("#posts > li")
    expect(posts).to_have_count(3)
    expect(posts.nth(0)).to_contain_text("Two years!")
    expect(posts.nth(1)).to_have_attribute("aria-current", "true")
    expect(posts.nth(2)).to_contain_text("rejected")
    expect(page.locator("#changes del")).to_have_text("lie.")
    expect(page.locator("#changes ins")).to_have_text("err.")
    page.keyboard.press("n")
    page.keyboard.type("Look at page 4.")
    page.keyboard.press("Enter")
    expect(page.locator("#notes")).to_contain_text("Look at page 4.")


def test_a_comment_that_is_not_there_has_a_page_with_a_next_step(
    comments: Opened, newsroom: Newsroom
) -> None:
    page = comments()
    answer = page.goto("/console/comments/0000000000000")
    assert answer is not None
    assert answer.status == 404
    page.get_by_role("link", name="All pending comments").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comments")


@pytest.mark.parametrize("name", ["wide", "dark", "phone", "arabic"])
def test_everybody_can_use_every_state(
    comments: Opened, held: list[dict[str, Any]], name: str
) -> None:
    settings: dict[str, dict[str, Any]] = {
        "wide": {},
        "dark": {"color_scheme": "dark"},
        "phone": PHONE,
        "arabic": {**PHONE, "locale": "ar"},
    }
    page = comments(**settings[name])
    if name in ("phone", "arabic"):
        page.locator("#rows input").first.click()
    else:
        page.keyboard.press("x")
    found = {"selected": violations(page)}
    page.locator("#bulk-reject").click()
    found["reasons"] = violations(page)
    page.keyboard.press("Escape")
    page.locator("#open-filters").click()
    found["filters"] = violations(page)
    page.keyboard.press("Escape")
    page.goto(f"/console/comments/{held[0]['id']}")
    expect(page.locator("#body")).to_be_visible()
    found["page"] = violations(page)
    for dialog in ("note", "escalate", "labels", "author"):
        page.locator(f"#act-{dialog}").click()
        expect(page.locator("dialog[open]")).to_be_visible()
        found[dialog] = violations(page)
        page.keyboard.press("Escape")
    assert found == {state: [] for state in found}
