"""The shell and the parts of all pages: they work, and everybody can use them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import BrowserContext, Page, expect

from moderation.accounts.staff import Role
from moderation.console import texts
from moderation.console.blueprint import shown_to
from tests.browser.accessibility import violations
from tests.browser.conftest import enter
from tests.browser.test_every_page import SCREENS
from tests.builders import ALL_HELD, Newsroom

PARTS = Path(__file__).with_name("parts.html")
STATIC = Path(texts.__file__).parent / "static"
PREFIX = "/console/static/"
MAX_BYTES = 60_000  # of the styles and scripts of a page, compressed
Opener = Callable[..., Page]


@pytest.fixture
def app(app: Flask) -> Flask:
    """The service with a page of all parts."""

    @shown_to(Role.MODERATOR)
    def show() -> str:
        return render_template_string(PARTS.read_text())

    app.add_url_rule("/console/parts", "console.parts", show)
    return app


@pytest.fixture
def parts(newsroom: Newsroom, context: Callable[..., BrowserContext]) -> Opener:
    """Open the page of all parts."""

    def opened(
        address: str = "parts", role: Role = Role.ADMIN, **settings: object
    ) -> Page:
        page = context(**settings).new_page()
        enter(page.context, f"{newsroom.name}-{role}")
        page.goto(f"/console/{address}")
        page.wait_for_load_state("networkidle")
        return page

    return opened


@pytest.mark.parametrize("screen", [*SCREENS, "dark Arabic"])
def test_everybody_can_use_every_part(parts: Opener, screen: str) -> None:
    dark = {"locale": "ar", "color_scheme": "dark"}
    page = parts(**SCREENS.get(screen, dark))
    assert violations(page) == []
    page.evaluate("document.querySelector('[data-dialog]').click()")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_a_dialog_returns_the_focus(parts: Opener) -> None:
    page = parts()
    opener = page.get_by_role("button", name="Reject 200…")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason").last).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_letters_lead_to_pages_until_they_are_switched_off(parts: Opener) -> None:
    page = parts()
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/triage")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Go to")
    assert violations(page) == []
    dialog.get_by_label("Single letters work as keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/triage")
    page.keyboard.press("Control+k")  # no single letter
    expect(page.locator("#palette-input")).to_be_focused()


def test_letters_go_by_the_place_of_their_key(parts: Opener) -> None:
    page = parts(locale="ar")
    body = page.locator("body")
    for key, code in (("ل", "KeyG"), ("ي", "KeyD")):
        body.dispatch_event("keydown", {"key": key, "code": code, "bubbles": True})
    page.wait_for_url("**/console/")


def test_the_palette_leads_anywhere_by_keyboard(parts: Opener) -> None:
    page = parts()
    page.keyboard.press("Control+k")
    field = page.locator("#palette-input")
    options = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(options.first).to_be_visible()
    assert violations(page) == []
    field.fill("reject 200")
    expect(options).to_have_text(["Reject 200…"])
    field.fill("no such page")
    expect(page.locator("#palette-none")).to_be_visible()
    assert violations(page) == []
    field.fill("tri")
    page.keyboard.press("Enter")
    page.wait_for_url("**/triage")


def test_the_palette_offers_what_the_role_may_open(parts: Opener) -> None:
    page = parts(role=Role.MODERATOR)
    page.keyboard.press("Control+k")
    options = page.get_by_role("listbox", name="Results")
    expect(options.get_by_role("option", name="Desk")).to_be_visible()
    expect(options.get_by_role("option", name="Models")).to_have_count(0)


def test_the_theme_is_kept(parts: Opener) -> None:
    page = parts()
    page.locator("#me").click()
    assert violations(page) == []
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith("/parts")
    canvas = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(canvas) == "rgb(14, 17, 20)"
    page.goto("/console/decided")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_count_is_live_and_moves_nothing(newsroom: Newsroom, parts: Opener) -> None:
    page = parts()
    badge = page.locator(".nav [data-count=pending]")
    expect(badge).to_have_text("")
    link = page.get_by_role("link", name="Triage").first
    before = link.bounding_box()
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(badge).to_have_text("1")
    assert link.bounding_box() == before
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.locator("#connection")).to_have_text("Reconnecting…")
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#connection")).to_have_text("Live")


def test_a_phone_has_its_bars(parts: Opener) -> None:
    page = parts(**SCREENS["phone"])
    expect(page.locator(".nav")).to_be_hidden()
    bar = page.get_by_role("navigation", name="Main pages")
    assert bar.locator("> *").count() == 5
    bar.get_by_role("button", name="More").click()
    page.locator("#more-menu").get_by_role("link", name="Models").click()
    page.wait_for_url("**/models")
    page.locator("#me-at-top").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    assert violations(page) == []


def test_one_left_edge_and_one_header_on_every_page(parts: Opener) -> None:
    page = parts()
    edges = set()
    for address in (
        "",
        "queue",
        "decided",
        "triage",
        "campaigns",
        "team",
        "models",
        "account",
    ):
        page.goto(f"/console/{address}")
        box = page.locator("h1").bounding_box()
        head = page.locator(".head").bounding_box()
        assert box is not None
        assert head is not None
        edges.add((box["x"], head["y"], head["height"]))
    assert len(edges) == 1
    assert edges.pop()[0] == 256


def test_a_page_that_is_not_there_has_a_next_step(parts: Opener) -> None:
    page = parts("nowhere")
    expect(page.get_by_role("main")).to_contain_text("There is no such page.")
    page.get_by_role("link", name="Open the desk").click()
    page.wait_for_url("**/console/")


def test_the_desk_is_light(newsroom: Newsroom, parts: Opener) -> None:
    """Its styles and scripts, compressed as a proxy would."""
    page = parts("")
    script = "performance.getEntriesByType('resource').map((entry) => entry.name)"
    paths = [urlsplit(name).path for name in page.evaluate(script)]
    files = [path for path in paths if path.endswith((".js", ".css"))]
    assert len(files) > 30
    sizes = {
        path: len(gzip.compress((STATIC / path.removeprefix(PREFIX)).read_bytes()))
        for path in files
    }
    assert sum(sizes.values()) <= MAX_BYTES, sizes


def test_refusals_are_said_in_the_pages_language(parts: Opener) -> None:
    page = parts(locale="ar")
    script = """async (answer) => {
      const texts = await import("/console/static/shared/texts.js");
      return texts.refusal(answer);
    }"""
    many = "More than 100,000 comments match; decide fewer at a time."
    said = page.evaluate(script, {"code": "conflict", "message": many})
    assert said == "يطابق أكثر من 100,000 تعليق. احسم عددًا أقل في كل مرة."
    new = {"code": "conflict", "message": "Nothing that anyone has translated."}
    assert page.evaluate(script, new).startswith("لا يمكن ذلك")


@pytest.mark.parametrize("screen", ["wide", "phone", "right-to-left"])
def test_a_toast_lies_over_nothing_at_the_pages_end(parts: Opener, screen: str) -> None:
    page = parts(**SCREENS[screen])
    page.evaluate(
        """async () => {
          const { say } = await import("/console/static/shared/toast.js");
          const end = document.createElement("button");
          end.id = "the-end";
          document.querySelector("main .body, main > div:last-of-type").append(end);
          end.textContent = "The end";
          end.style.setProperty("justify-self", "end");
          say("Done. ".repeat(20), { undo() {}, until: Date.now() + 60_000 });
        }"""
    )
    page.locator("#the-end").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    boxes = [page.locator(each).bounding_box() for each in ("#the-end", "#toast")]
    end, toast = (box for box in boxes if box)
    assert end["y"] + end["height"] <= toast["y"]
    page.locator("#the-end").click()  # nothing takes the click away
    page.locator("#toast-close").click()
    room = "getComputedStyle(document.documentElement).getPropertyValue('--toast-room')"
    assert page.evaluate(room) == "0px"
