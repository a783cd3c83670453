"""Fixtures: a real Chromium, and the service listening on a port of its own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from moderation.accounts.staff import Role
from tests.builders import PASSWORD, Newsroom
from tests.conftest import absent

# The shell is the same browser without its window, which costs a third of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    "--no-sandbox",  # containers run as root, which Chromium's sandbox refuses
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",  # it connects to our server alone
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000  # a busy machine is slow, not broken
expect.set_options(timeout=PATIENCE_MS)

Desk = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; every test opens a context of its own."""
    if CHROMIUM is None:
        absent("Chromium (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Open a page as a reader with certain settings would; faults in it are ours."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(address: str = "", **settings: object) -> Page:
        context = browser.new_context(
            base_url=url,
            **settings,  # type: ignore[arg-type]  # Playwright names forty of them
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"/demo/{address}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One kind of database is enough for what a browser sees."""
    path = tmp_path / "moderation.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service with the demo's page."""
    app = make_app(MODERATION_DEMO="true")
    with app.app_context():
        yield app


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """Where the service listens."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(browser: Browser, url: str) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser of its own; faults in its pages are ours."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(**settings: Any) -> BrowserContext:
        made = browser.new_context(base_url=url, **settings)
        made.set_default_timeout(PATIENCE_MS)
        made.on("weberror", lambda found: faults.append(str(found.error)))
        contexts.append(made)
        return made

    yield opened
    for made in contexts:
        made.close()
    assert faults == []


@pytest.fixture
def desk(newsroom: Newsroom, context: Callable[..., BrowserContext]) -> Desk:
    """Log a person in, without the form, and wait until a comment is there."""

    def opened(role: Role = Role.MODERATOR, **settings: Any) -> Page:
        made = context(**settings)
        enter(made, f"{newsroom.name}-{role}")
        page = made.new_page()
        page.goto("/console/")
        expect(page.locator("#actions")).to_be_visible()
        return page

    return opened


def enter(made: BrowserContext, login: str) -> None:
    """Send what the form sends: its page, and what it leads to, take two seconds."""
    answer = made.request.post(
        "/console/login",
        form={"login": login, "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()


def log_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """Fill in the form, in any language, and wait for the next page."""
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.locator("button.primary").click()
    page.wait_for_load_state("networkidle")


def press_action(page: Page, selector: str) -> None:
    """Press an action of the page's header, which phones have behind ⋯."""
    page.locator(f"{selector}:visible, #head-more:visible").first.wait_for()
    if not page.locator(selector).is_visible():
        page.locator("#head-more").click()
    page.locator(selector).click()
