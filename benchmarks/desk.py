"""A shift at the desk, by keyboard: from a key to the next comment on the screen.

    python -m benchmarks.desk [--comments 500]

A real Chromium decides comments as fast as the page lets it, served as we ship it, on
SQLite. In the same run, a bare page only swaps a line of text at a key, which shows
what the browser itself costs. The limit is 100 ms, from which on people notice.
Needs what the tests need: Chromium and Playwright.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import launch
from benchmarks.serving import body, prepare, served

LIMIT_MS = 100
LOGIN, PASSWORD = "bench", "only for this benchmark"
BARE = """
<p id=author>0</p><div id=actions></div><script>
let count = 0; addEventListener("keydown", () => { author.textContent = ++count });
</script>
"""
# Notes the time from each key to the frame that shows another comment.
WATCH = """() => {
  window.took = []; let pressed = 0;
  addEventListener("keydown", (event) => { pressed = event.timeStamp }, true);
  const change = () => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      if (pressed) { window.took.push(performance.now() - pressed); pressed = 0 }
    };
    channel.port2.postMessage(null);
  });
  for (const id of ["author", "left"]) {
    const found = document.getElementById(id);
    if (found) new MutationObserver(change).observe(found, { childList: true });
  }
}"""


def fill(environment: dict[str, str], port: int, key: str, count: int) -> None:
    """Add a moderator, hold everything, and send comments."""
    from moderation import create_app
    from moderation.accounts import memberships
    from moderation.accounts import staff as people
    from moderation.accounts.staff import Role
    from moderation.cli.app import act_on_command_line
    from moderation.database import db, start_writing
    from moderation.sites import policies, sites

    with create_app(environment).app_context():
        act_on_command_line()
        session, now = db.session(), datetime.now(UTC)
        start_writing(session)
        site = sites.find_by_name(session, "benchmark")
        if site is None:
            raise SystemExit("the benchmark's site is not there")
        held = policies.default_policy(
            {"toxicity": {"review_at": 0.0, "reject_at": None}}
        )
        policies.create_policy(session, site.id, held, staff_id=None, now=now)
        staff = people.create_staff(session, LOGIN, PASSWORD, now)
        memberships.update_role(session, staff.id, site.id, Role.MODERATOR)
        session.commit()
        db.session.remove()
        db.engine.dispose()
    words = random.Random(0)
    for number in range(count):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/comments",
            body(number, words),
            {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
        )
        urllib.request.urlopen(request).close()


def press(page: Page, count: int) -> list[float]:
    """Press the key as often; return how long each took, milliseconds."""
    page.evaluate(WATCH)
    ready = (
        "(count) => took.length >= count && !document.getElementById('actions').hidden"
    )
    for number in range(count):
        page.wait_for_function(ready, arg=number)
        page.keyboard.press("a")
    page.wait_for_function("(count) => took.length >= count", arg=count)
    found: list[float] = page.evaluate("took")
    return found


def row(name: str, took: list[float]) -> str:
    """Return the line of the table."""
    cuts = statistics.quantiles(took, n=100)
    return (
        f"{name:<24}{len(took):>7}{cuts[49]:>9.1f}{cuts[94]:>9.1f}{cuts[98]:>9.1f}"
        f"{max(took):>9.1f}"
    )


def shift(browser: Any, port: int, count: int) -> tuple[list[float], int]:
    """Decide comments; return the times, and how many decisions were stored."""
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{port}/console/")
    page.get_by_label("Login").fill(LOGIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("#actions").wait_for()
    took = press(page, count)
    page.wait_for_function("() => !Object.values(localStorage).some((v) => v != '[]')")
    left: int = page.evaluate(
        "async () => (await (await fetch('/api/v1/queue/counts',"
        "{headers: {'X-Moderation-Console': '1'}})).json()).pending"
    )
    return took, left


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comments", type=int, default=500)
    count: int = parser.parse_args().comments
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment, key = prepare(Path(folder))
        browser = launch(playwright)
        bare = browser.new_page()
        bare.set_content(BARE)
        floor = press(bare, count)
        with served("wsgi:app", environment) as (port, _):
            fill(environment, port, key, count + 1)
            took, left = shift(browser, port, count)
        browser.close()
    print(f"{'key to next, ms':<24}{'n':>7}{'p50':>9}{'p95':>9}{'p99':>9}{'most':>9}")
    print(row("a bare page", floor))
    print(row("the desk", took))
    within = sum(each <= LIMIT_MS for each in took) / len(took)
    print(f"within {LIMIT_MS} ms: {within:.1%}; still pending: {left} of {count + 1}")


if __name__ == "__main__":
    main()
