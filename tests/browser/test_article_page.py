"""The demo's article page as readers use it, with `embed.js` and without script.

What `embed.js` does on any page is in `test_embed`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from playwright.sync_api import Page, expect

from moderation.database import db, start_writing
from moderation.demo import article, seeding
from moderation.sites import keys, policies, sites
from moderation.sites.keys import BROWSER_SCOPES, KeySettings
from moderation.tables.comments import Comment
from moderation.web.services import services_of
from tests.browser.accessibility import violations
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD

EMAIL = "rita.vale@mail.example"
TEXT = "I will miss the old railings."
RED_BORDER_PX = "2px"

Opener = Callable[..., Page]

pytestmark = pytest.mark.usefixtures("site_id")


@pytest.fixture
def site_id(app: Flask) -> int:
    """The demo's site with its comments, publishing everything."""
    session = db.session()
    start_writing(session)
    policy = policies.default_policy(NOTHING_HELD)
    site = sites.create_site(session, article.SITE, policy, datetime.now(UTC))
    session.commit()
    seeding.seed(site.id, article.ENGLISH)
    return site.id


@pytest.fixture
def set_policy(site_id: int) -> Callable[..., None]:
    """Apply other thresholds."""

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


def test_comment_is_published(open_page: Opener) -> None:
    page = open_page(java_script_enabled=False)
    fill(page)
    post(page)
    expect(page.locator("#notice")).to_contain_text("Your comment is published.")
    expect(page.locator("#threads > .comment").last).to_contain_text(TEXT)
    assert EMAIL not in page.locator("body").inner_text()
    page.reload()
    expect(page.locator(".text", has_text=TEXT)).to_have_count(1)


def test_bad_fields_are_named_beside_them(open_page: Opener) -> None:
    page = open_page(java_script_enabled=False)
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


def test_mended_comment_is_published(open_page: Opener) -> None:
    page = open_page(java_script_enabled=False)
    fill(page, author_email="rita")
    post(page)
    expect(page.locator("#author_email-complaint")).to_be_visible()
    page.locator("#author_email").fill(EMAIL)
    post(page)
    expect(page.locator("#notice")).to_contain_text("published")
    expect(page.locator("#problem")).to_be_hidden()
    expect(page.locator(".text", has_text=TEXT)).to_have_count(1)


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
) -> None:
    set_policy(policy)
    page = open_page(java_script_enabled=False)
    fill(page)
    post(page)
    expect(page.locator("#notice")).to_contain_text(words)
    expect(page.locator(".text", has_text=TEXT)).to_have_count(0)
    expect(page.locator("#body")).to_have_value("")


def test_reply_stands_under_what_it_replies_to(open_page: Opener) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name="Reply to Priya N.").first.click()
    expect(page.locator("#replying")).to_contain_text("Replying to Priya N.")
    fill(page)
    post(page)
    expect(page.locator("#notice")).to_contain_text("published")
    asked = page.locator("#threads > .comment", has_text="Does anybody know")
    expect(asked.locator(":scope > .replies > .comment").last).to_contain_text(TEXT)


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


def test_right_to_left_text_keeps_to_its_line(open_page: Opener) -> None:
    session = db.session()
    start_writing(session)  # a moderator has approved what the model can't read
    session.execute(
        sa.update(Comment).where(Comment.language == "ar").values(status="approved")
    )
    session.commit()
    page = open_page(java_script_enabled=False)
    comment = page.locator(".comment", has_text="شكرا على هذا المقال")
    expect(comment.locator(".text")).to_have_css("direction", "rtl")
    expect(comment.locator("header")).to_have_css("direction", "ltr")


def test_form_is_usable_by_keyboard(open_page: Opener) -> None:
    page = open_page(java_script_enabled=False)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the comments")).to_be_focused()
    page.locator("#author_name").focus()
    for typed in ("Rita Vale", EMAIL, "https://rita.example/", TEXT):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#threads > .comment").last).to_contain_text(TEXT)


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_is_wider_than_the_window(open_page: Opener, width: int) -> None:
    page = open_page(
        java_script_enabled=False, viewport={"width": width, "height": 740}
    )
    fill(page, author_name="W" * 100, body="https://long.example/" + "x" * 500)
    post(page)
    expect(page.locator("#notice")).to_contain_text("published")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_script_sends_and_shows_a_comment_on_the_demo(
    open_page: Opener, site_id: int
) -> None:
    give_key(site_id)
    page = open_page()
    first = page.locator("[data-comments] > div > ol > li").first
    expect(first).to_be_visible()
    expect(page.locator("#comment-form")).to_have_count(0)  # the one for no script
    page.get_by_label("Name").fill("Rita Vale")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Comment", exact=True).fill(TEXT)
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("status")).to_contain_text(["Your comment is published."])
    page.get_by_role("link", name="Follow your comment").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "/status/" in page.url


def test_the_script_nudges_on_the_demo(
    open_page: Opener, site_id: int, set_policy: Callable[..., None]
) -> None:
    give_key(site_id)
    set_policy({"insult": {"review_at": 0.5, "reject_at": None}})
    page = open_page()
    expect(page.locator("#comment-form")).to_have_count(0)  # the script's form is there
    page.get_by_label("Name", exact=True).fill("Rita Vale")
    page.get_by_label("Email", exact=True).fill(EMAIL)
    page.get_by_label("Comment", exact=True).fill("You are a complete idiot.")
    page.get_by_role("button", name="Post comment").click()
    nudge = page.get_by_role("group", name="Some readers may find this hurtful")
    expect(nudge).to_be_focused()
    nudge.get_by_role("button", name="Send anyway").click()
    expect(page.get_by_role("status")).to_contain_text(["A moderator reads"])


def give_key(site_id: int) -> None:
    """Give the page the key with which it loads `embed.js`."""
    session = db.session()
    start_writing(session)
    keys.create_key(
        session,
        site_id,
        KeySettings(scopes=BROWSER_SCOPES, origins=("https://courier.example",)),
        hash_keys=services_of(current_app).token_key,
        created_by=None,
        now=datetime.now(UTC),
    )
    session.commit()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_script(
    open_page: Opener, site_id: int, scheme: str
) -> None:
    give_key(site_id)
    page = open_page(color_scheme=scheme, viewport={"width": 360, "height": 740})
    expect(page.locator("[data-comments] > div > ol > li").first).to_be_visible()
    page.get_by_role("button", name="Report the comment").first.click()
    assert violations(page) == []


def test_axe_finds_nothing_wrong_without_the_script(open_page: Opener) -> None:
    page = open_page()  # there is no key: axe itself needs JavaScript
    assert violations(page) == []
    fill(page, author_name="", author_email="x", author_url="x", body="")
    post(page)
    expect(page.locator("#problem")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Reply to Priya N.").first.click()
    fill(page, author_url="https://rita.example/")
    post(page)
    expect(page.locator("#notice")).to_contain_text("published")
    assert violations(page) == []


def test_axe_finds_nothing_wrong_with_a_refusal(open_page: Opener) -> None:
    page = open_page("nothing-here")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations(page) == []
