"""The article page as readers use it, in a real Chromium, with and without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, Route, expect

from moderation.database import db, start_writing
from moderation.demo import article, seeding
from moderation.sites import policies, sites
from moderation.tables.comments import Comment
from tests.browser.accessibility import violations
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD

EMAIL = "rita.vale@mail.example"
TEXT = "I will miss the old railings."
RED_BORDER_PX = "2px"

Opener = Callable[..., Page]

pytestmark = pytest.mark.usefixtures("site_id")
both_ways = pytest.mark.parametrize(
    "javascript", [True, False], ids=["script", "no-script"]
)


@pytest.fixture
def site_id(app: Flask) -> int:
    """The demo's site with its comments, publishing everything."""
    session = db.session()
    start_writing(session)
    policy = policies.default_policy(NOTHING_HELD)
    site = sites.create_site(session, article.SITE, policy, datetime.now(UTC))
    session.commit()
    seeding.seed(site.id)
    return site.id


@pytest.fixture
def set_policy(site_id: int) -> Callable[..., None]:
    """Put other thresholds in force."""

    def put_in_force(thresholds: dict[str, dict[str, float | None]]) -> None:
        session, now = db.session(), datetime.now(UTC)
        start_writing(session)
        policy = policies.default_policy(thresholds)
        policies.create_policy(session, site_id, policy, staff_id=None, now=now)
        session.commit()

    return put_in_force


def fill(page: Page, **values: str) -> None:
    """Type a good comment, or one with other values."""
    typed = {"author_name": "Rita Vale", "author_email": EMAIL, "body": TEXT, **values}
    for name, value in typed.items():
        page.locator(f"#{name}").fill(value)


def post(page: Page) -> None:
    """Press the button."""
    page.get_by_role("button", name="Post comment").click()


@both_ways
def test_comment_is_published(open_page: Opener, javascript: bool) -> None:
    page = open_page(java_script_enabled=javascript)
    fill(page)
    post(page)
    expect(page.locator("#notice")).to_contain_text("Your comment is published.")
    expect(page.locator("#threads > .comment").last).to_contain_text(TEXT)
    assert EMAIL not in page.locator("body").inner_text()
    page.reload()
    expect(page.locator(".text", has_text=TEXT)).to_have_count(1)


@both_ways
def test_bad_fields_are_named_beside_them(open_page: Opener, javascript: bool) -> None:
    page = open_page(java_script_enabled=javascript)
    fill(page, author_name="", author_email="rita at home", author_url="x")
    post(page)
    expect(page.locator("#problem")).to_be_focused()
    for name in ("author_name", "author_email", "author_url"):
        expect(page.locator(f"#{name}-complaint")).to_be_visible()
        expect(page.locator(f"#{name}")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#{name}")).to_have_css("border-width", RED_BORDER_PX)
    expect(page.locator("#body-complaint")).to_be_hidden()
    expect(page.locator("#body")).to_have_value(TEXT)
    expect(page.locator("#author_email")).to_have_value("rita at home")


@both_ways
def test_mended_comment_is_published(open_page: Opener, javascript: bool) -> None:
    page = open_page(java_script_enabled=javascript)
    fill(page, author_email="rita")
    post(page)
    expect(page.locator("#author_email-complaint")).to_be_visible()
    page.locator("#author_email").fill(EMAIL)
    post(page)
    expect(page.locator("#notice")).to_contain_text("published")
    expect(page.locator("#problem")).to_be_hidden()
    expect(page.locator(".text", has_text=TEXT)).to_have_count(1)


@both_ways
@pytest.mark.parametrize(
    ("policy", "words"),
    [(ALL_HELD, "held: a moderator"), (ALL_REJECTED, "was not published")],
    ids=["held", "rejected"],
)
def test_author_is_told_the_truth(
    open_page: Opener,
    set_policy: Callable[..., None],
    policy: dict[str, dict[str, float | None]],
    words: str,
    javascript: bool,
) -> None:
    set_policy(policy)
    page = open_page(java_script_enabled=javascript)
    fill(page)
    post(page)
    expect(page.locator("#notice")).to_contain_text(words)
    expect(page.locator(".text", has_text=TEXT)).to_have_count(0)
    expect(page.locator("#body")).to_have_value("")


@both_ways
def test_reply_stands_under_what_it_replies_to(
    open_page: Opener, javascript: bool
) -> None:
    page = open_page(java_script_enabled=javascript)
    page.get_by_role("link", name="Reply to Priya N.").first.click()
    expect(page.locator("#replying")).to_contain_text("Replying to Priya N.")
    fill(page)
    post(page)
    expect(page.locator("#notice")).to_contain_text("published")
    asked = page.locator("#threads > .comment", has_text="Does anybody know")
    expect(asked.locator(":scope > .replies > .comment").last).to_contain_text(TEXT)


def test_form_moves_under_the_comment_and_back(open_page: Opener) -> None:
    page = open_page()
    page.locator("#body").fill("Half a thought")
    link = page.get_by_role("link", name="Reply to Captain Haddow")
    link.click()
    asked = page.locator("#threads > .comment", has_text="There was a ferry")
    expect(asked.locator("#comment-form")).to_be_visible()
    expect(page.locator("#author_name")).to_be_focused()
    page.get_by_role("link", name="Cancel reply").click()
    expect(page.locator("#form-home #comment-form")).to_be_visible()
    expect(link).to_be_focused()
    expect(page.locator("#body")).to_have_value("Half a thought")


def test_notice_leads_to_the_comment_without_script(open_page: Opener) -> None:
    page = open_page(java_script_enabled=False)
    fill(page)
    post(page)
    page.get_by_role("link", name="Go to it").click()
    expect(page.locator(".text", has_text=TEXT)).to_be_in_viewport()


def test_cancelled_reply_is_no_reply_without_script(open_page: Opener) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name="Reply to Captain Haddow").click()
    page.get_by_role("link", name="Cancel reply").click()
    expect(page.locator("#replying")).to_be_hidden()


def test_page_is_not_loaded_anew_by_the_script(open_page: Opener) -> None:
    page = open_page()
    page.evaluate("window.isSamePage = true")
    fill(page)
    post(page)
    expect(page.locator(".comment.is-new")).to_be_focused()
    assert page.evaluate("window.isSamePage") is True
    expect(page.locator("#body")).to_have_value("")
    expect(page.locator("#author_email")).to_have_value(EMAIL)


def test_second_comment_follows_the_first(open_page: Opener) -> None:
    page = open_page()
    for text in ("First thought.", "Second thought."):
        fill(page, body=text)
        post(page)
        expect(page.locator("#threads > .comment").last).to_contain_text(text)


def test_double_click_makes_one_comment(open_page: Opener) -> None:
    page = open_page()
    fill(page)
    page.get_by_role("button", name="Post comment").dblclick()
    expect(page.locator("#notice")).to_contain_text("published")
    page.reload()
    expect(page.locator(".text", has_text=TEXT)).to_have_count(1)


def test_text_is_kept_when_the_network_fails(open_page: Opener) -> None:
    page = open_page()
    fill(page)
    page.route("**/demo/", lambda route: route.abort())
    post(page)
    expect(page.locator("#problem")).to_contain_text("the connection failed")
    expect(page.locator("#body")).to_have_value(TEXT)
    page.unroute("**/demo/")
    post(page)
    expect(page.locator("#notice")).to_contain_text("published")


def test_comment_is_one_though_its_answer_was_lost(open_page: Opener) -> None:
    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    page = open_page()
    fill(page)
    page.route("**/demo/", swallow)
    post(page)
    expect(page.locator("#problem")).to_contain_text("the connection failed")
    page.unroute("**/demo/")
    post(page)
    expect(page.locator("#notice")).to_contain_text("published")
    page.reload()
    expect(page.locator(".text", has_text=TEXT)).to_have_count(1)


def test_characters_are_counted(open_page: Opener) -> None:
    page = open_page()
    expect(page.locator("#body-count")).to_be_hidden()
    page.locator("#body").fill("🙂é")
    expect(page.locator("#body-count")).to_have_text("2 characters")
    page.locator("#body").fill("x" * 65_536)
    expect(page.locator("#body-count")).to_contain_text("too long")


def test_markup_in_a_comment_does_nothing(open_page: Opener) -> None:
    page = open_page()
    text = (
        "I will miss <img src=x onerror=window.isTaken=1> the old railings "
        "<script>window.isTaken=1</script> of the bridge."
    )
    fill(page, author_name="<b>Rita</b>", body=text)
    post(page)
    expect(page.locator(".is-new .text")).to_have_text(text)
    expect(page.locator(".is-new .author")).to_have_text("<b>Rita</b>")
    page.reload()
    expect(page.locator(".text", has_text=text)).to_have_count(1)
    assert page.evaluate("window.isTaken") is None


def test_right_to_left_text_keeps_to_its_line(open_page: Opener) -> None:
    session = db.session()
    start_writing(session)  # a moderator has approved what the model can't read
    session.execute(
        sa.update(Comment).where(Comment.language == "ar").values(status="approved")
    )
    session.commit()
    page = open_page()
    comment = page.locator(".comment", has_text="شكرا على هذا المقال")
    expect(comment.locator(".text")).to_have_css("direction", "rtl")
    expect(comment.locator("header")).to_have_css("direction", "ltr")


def test_form_is_usable_by_keyboard(open_page: Opener) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the comments")).to_be_focused()
    page.locator("#author_name").focus()
    for typed in ("Rita Vale", EMAIL, "https://rita.example/", TEXT):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".is-new")).to_contain_text(TEXT)


@pytest.mark.parametrize("width", [320, 360, 640, 1280])
def test_nothing_is_wider_than_the_window(open_page: Opener, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 740})
    fill(page, author_name="W" * 100, body="https://long.example/" + "x" * 500)
    post(page)
    expect(page.locator(".is-new")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(open_page: Opener, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    assert violations(page) == []
    fill(page, author_name="", author_email="x", author_url="x", body="")
    post(page)
    expect(page.locator("#problem")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("link", name="Reply to Priya N.").first.click()
    fill(page, author_url="https://rita.example/")
    post(page)
    expect(page.locator(".is-new")).to_be_visible()
    assert violations(page) == []


def test_axe_finds_nothing_wrong_with_a_refusal(open_page: Opener) -> None:
    page = open_page("nothing-here")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations(page) == []
