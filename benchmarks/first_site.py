"""A new site, from the log-in to its first published comment, in the browser alone.

    python -m benchmarks.first_site

A real Chromium drives the console as we ship it, on SQLite. It does only what a page
says next: none of our commands, and in the shell only lines that the checklist offers,
with the key in it. Each step is counted in keys, letters, clicks, and seconds. Needs
what the tests need, and curl.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.browser import launch
from benchmarks.serving import prepare, served
from benchmarks.shift import LOGIN, PATIENCE_MS, Hands, hire
from tests.builders import PASSWORD

SITE = "weekly"
ARTICLE = "https%3A%2F%2Fnews.example%2Ffirst"  # of the checklist's comment


@dataclass
class Course:
    """The page, and what each step took."""

    page: Page
    key: str = ""
    rows: list[tuple[str, Hands, float]] = field(default_factory=list)

    def do(self, name: str, step: Callable[[Hands, Page], None]) -> None:
        """Do a step and print what it took."""
        hands, started = Hands(self.page), time.monotonic()
        step(hands, self.page)
        took = time.monotonic() - started
        self.rows.append((name, hands, took))
        counts = f"{hands.keys:>6}{hands.typed:>9}{hands.clicks:>8}"
        print(f"{name:<36}{counts}{took:>9.2f}", flush=True)


def walk(course: Course, port: int) -> None:
    """Go from the log-in to the published comment."""

    def log_in(hands: Hands, page: Page) -> None:
        page.goto(f"http://127.0.0.1:{port}/console/")
        hands.click(page.locator("#login"))
        hands.write(LOGIN)
        hands.press("Tab")
        hands.write(PASSWORD)
        hands.press("Enter")
        page.get_by_role("heading", name="Overview").wait_for()

    def add_site(hands: Hands, page: Page) -> None:
        hands.click(page.get_by_role("link", name="Settings"))
        hands.click(page.get_by_role("link", name="Connections"))
        hands.click(page.get_by_role("button", name="Add a site…"))
        hands.write(SITE)
        hands.press("Enter")
        page.get_by_text("This site has no valid key").wait_for()

    def create_key(hands: Hands, page: Page) -> None:
        hands.click(page.get_by_role("button", name="New key…"))
        hands.write("CMS")
        hands.press("Enter")
        course.key = page.locator("#once code").first.text_content() or ""
        hands.click(page.get_by_role("button", name="I have stored it"))
        expect(page.locator("#site-keys tr")).to_contain_text("CMS")

    def send(hands: Hands, page: Page) -> None:
        hands.click(page.get_by_role("link", name="Overview"))
        page.get_by_text("Listening for the first comment").wait_for()
        command = page.locator("#command").text_content() or ""
        hands.click(page.get_by_role("button", name="Copy command"))
        asked = command.replace("YOUR_SITE_KEY", course.key)
        subprocess.run(["bash", "-c", asked], check=True, capture_output=True)
        page.locator("#arrived").wait_for()

    def publish(hands: Hands, page: Page) -> None:
        hands.press("g", "d")
        page.locator("#actions").wait_for()
        hands.press("a")
        # What is decided at the desk is sent once its undo is over.
        page.wait_for_function(
            "() => !Object.values(localStorage).some((v) => v != '[]')"
        )
        while not published(port, course.key):
            page.wait_for_timeout(100)

    print(f"{'step':<36}{'keys':>6}{'letters':>9}{'clicks':>8}{'seconds':>9}")
    course.do("log in", log_in)
    course.do("add the site", add_site)
    course.do("create its key", create_key)
    course.do("send the first comment", send)
    course.do("approve it: readers see it", publish)


def published(port: int, key: str) -> list[str]:
    """Return the texts that readers see under the article."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/articles/{ARTICLE}/comments",
        headers={"Authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(request) as answer:
        return [each["body"] for each in json.load(answer)["comments"]]


def main() -> None:
    """Walk, and print the table."""
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment, _ = prepare(Path(folder))
        hire(environment, "admin")
        browser = launch(playwright)
        try:
            with served("wsgi:app", environment) as (port, _):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.set_default_timeout(PATIENCE_MS)
                course = Course(page=page)
                walk(course, port)
        finally:
            browser.close()
    hands = [each for _, each, _ in course.rows]
    keys, clicks = (
        sum(x) for x in zip(*((h.keys, h.clicks) for h in hands), strict=True)
    )
    letters, seconds = sum(h.typed for h in hands), sum(row[2] for row in course.rows)
    print(f"{'in all':<36}{keys:>6}{letters:>9}{clicks:>8}{seconds:>9.2f}")


if __name__ == "__main__":
    main()
