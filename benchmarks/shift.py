"""An hour of a moderator: each common job by keys, and its cost before.

    python -m benchmarks.shift [--comments 900] [--wave 300] [--decided 100]

A real Chromium drives the console as we ship it, on SQLite, with a worker:
comments, a wave that the brake stops, an older one that it did not, reports, a regular,
and an abusive author, all invented. At the end the database is asked whether every
comment is there, and none was decided twice. Needs what the tests need: Chromium and
Playwright. Set-up and waiting for pages to open count as seconds of the job.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect, sync_playwright

from benchmarks.browser import launch
from benchmarks.desk import press
from benchmarks.serving import ROOT, body, prepare, served
from tests.builders import PASSWORD  # which also says who acts, for the audit log

LOGIN = "bench"
PATIENCE_MS = 60_000
ADVERTS = {
    "robot": "Hello, I made 4000 with the bitcoin robot last week, register at "
    "http://bitcoin-robot.example/r?id={}",
    "pills": "Cheap pills without a prescription, at your door in two days, order them "
    "from http://pills-{}.example/now",
}
ABUSER, REGULAR = "Wrecker", "Marguerite"
HELD = {"toxicity": {"review_at": 0.0, "reject_at": None}}
PUBLISHED = {"toxicity": {"review_at": 1.0, "reject_at": None}}
#: What the same jobs took before there was any of this: a review of the console on
#: 2026-11-29, version 57bdbe4, by a person who knew the way.
BEFORE = {
    "decide one": "1-2 keys",
    "all comments of an author": "5 actions, pending only",
    "ban a person": "12 clicks, evaded by a space",
    "trust a regular": "not in the console",
    "comment in its thread": "on the news site only",
    "restore a rejected one": "20 by 20, no search",
    "reported comments": "10 clicks",
    "wave that the brake holds": "4 clicks, no brake",
    "published wave": "199 x 4 actions",
}


@dataclass
class Hands:
    """What a moderator does with keyboard and pointer, counted."""

    page: Page
    keys: int = 0
    typed: int = 0  #: letters of texts
    clicks: int = 0

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def write(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)
        self.typed += len(text)

    def click(self, place: Locator) -> None:
        """Click once."""
        place.click()
        self.clicks += 1


@dataclass
class Shift:
    """The page, and the rows of the table so far."""

    page: Page
    site_key: str
    port: int
    rows: list[tuple[str, Hands, float]] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Be on a page, as a moderator is before a job."""
        self.page.goto(f"http://127.0.0.1:{self.port}/console{address}")
        self.page.wait_for_load_state("networkidle")

    def do(self, name: str, job: Callable[[Hands, Page], None]) -> None:
        """Do a job and note what it took."""
        hands, started = Hands(self.page), time.monotonic()
        job(hands, self.page)
        self.rows.append((name, hands, time.monotonic() - started))


def post(port: int, key: str, path: str, content: bytes) -> Any:
    """Send what a site sends; return the answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1{path}",
        content,
        {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def send(port: int, key: str, **fields: Any) -> str:
    """Send a comment; return its id."""
    article = "https://news.example/quay"
    content = {"article": article, "author_email": "ada@mail.example", **fields}
    comment_id: str = post(port, key, "/comments", json.dumps(content).encode())["id"]
    return comment_id


def set_policy(
    environment: dict[str, str], thresholds: Any, *, is_braked: bool = True
) -> None:
    """Apply thresholds, with our brakes or none."""
    from moderation import create_app
    from moderation.database import db, start_writing
    from moderation.policy.brakes import NO_BRAKES
    from moderation.sites import policies, sites

    with create_app(environment).app_context():
        session, now = db.session(), datetime.now(UTC)
        start_writing(session)
        site = sites.find_by_name(session, "benchmark")
        if site is None:
            raise SystemExit("the benchmark's site is not there")
        policy = policies.default_policy(thresholds)
        if not is_braked:
            policy["brakes"] = NO_BRAKES.as_json()
        policies.create_policy(session, site.id, policy, staff_id=None, now=now)
        session.commit()
        db.session.remove()
        db.engine.dispose()


def hire(environment: dict[str, str], role_name: str = "lead") -> None:
    """Add a member of staff."""
    from moderation import create_app
    from moderation.accounts import memberships, staff
    from moderation.accounts.staff import Role
    from moderation.database import db, start_writing
    from moderation.sites import sites

    with create_app(environment).app_context():
        session, now = db.session(), datetime.now(UTC)
        start_writing(session)
        site = sites.find_by_name(session, "benchmark")
        if site is None:
            raise SystemExit("the benchmark's site is not there")
        person = staff.create_staff(session, LOGIN, PASSWORD, now)
        memberships.update_role(session, person.id, site.id, Role(role_name))
        session.commit()
        db.session.remove()
        db.engine.dispose()


def advert(number: int, wave: str) -> dict[str, str]:
    """Return a comment of a wave."""
    return {
        "author_name": f"seller {number}",
        "author_email": f"{wave}{number}@mail.example",
        "body": ADVERTS[wave].format(number),
    }


def fill(environment: dict[str, str], port: int, key: str, args: Any) -> int:
    """Send the hour's comments; return how many."""
    ordinary: int = args.comments - args.wave
    older = args.wave // 3
    words = random.Random(0)
    set_policy(environment, HELD, is_braked=False)
    for number in range(ordinary - 30):
        post(port, key, "/comments", body(number, words))
    set_policy(environment, PUBLISHED, is_braked=False)
    for number in range(older):
        send(port, key, **advert(number, "pills"))
    for name, text in ((ABUSER, "vile rant"), (REGULAR, "kind word")):
        for number in range(15):
            mail = f"{name.lower()}@mail.example"
            told = f"A {text} about topic {number}, by {name}, as on every day."
            sent = send(port, key, author_name=name, author_email=mail, body=told)
            if name == ABUSER and number < 3:
                report = {"reason": "insult", "reporter": f"reader-{number}"}
                path = f"/comments/{sent}/reports"
                post(port, key, path, json.dumps(report).encode())
    set_policy(environment, PUBLISHED)
    for number in range(older, args.wave):
        send(port, key, **advert(number, "robot"))
    return int(ordinary + args.wave)


def work(shift: Shift, decided: int) -> None:
    """Do each job once, and decide at the desk."""
    page = shift.page
    toast = page.locator("#status")
    drawer = page.locator("#author-drawer")
    first = page.locator("#rows .item").first

    shift.open("/")
    page.locator("#actions").wait_for()
    started = time.monotonic()
    press(page, decided)
    page.wait_for_function("() => !Object.values(localStorage).some((v) => v != '[]')")
    one = Hands(page, keys=1)
    shift.rows.append(("decide one", one, (time.monotonic() - started) / decided))

    def open_author(hands: Hands, page: Page) -> None:
        hands.press("h")
        expect(drawer).to_be_visible()

    def ban(hands: Hands, page: Page) -> None:
        open_author(hands, page)
        hands.click(drawer.get_by_role("button", name="Ban…", exact=True))
        hands.click(page.locator("#also-approved"))
        hands.click(page.locator("#standing-give"))
        expect(toast).to_contain_text("Banned")

    def trust(hands: Hands, page: Page) -> None:
        open_author(hands, page)
        hands.click(drawer.get_by_role("button", name="Trust…"))
        hands.click(page.locator("#standing-give"))
        expect(toast).to_contain_text("Trusted")

    def thread(hands: Hands, page: Page) -> None:
        hands.press("Enter")
        page.wait_for_url("**/console/comments/*")
        page.wait_for_load_state("networkidle")

    def restore(hands: Hands, page: Page) -> None:
        hands.press("/")
        hands.write('"topic 7"')
        hands.press("Enter")
        expect(first).to_contain_text("topic 7")
        hands.press("a")
        expect(toast).to_contain_text("Approved")

    def reported(hands: Hands, page: Page) -> None:
        hands.click(page.get_by_role("link", name="Reported"))
        expect(first).to_be_visible()

    def stop_wave(hands: Hands, page: Page) -> None:
        hands.click(page.locator("#brake-banner").get_by_role("link"))
        expect(page.locator("#take-down")).to_be_visible()
        hands.press("r", "Enter")
        expect(page.locator("#harm-title")).to_contain_text("All of them")

    def take_down(hands: Hands, page: Page) -> None:
        hands.press("g", "w")
        wave = page.locator(".campaign-row").filter(has_text="pills")
        expect(wave).to_be_visible()
        while not wave.evaluate("row => row.contains(document.activeElement)"):
            hands.press("j")
        hands.press("Enter")
        expect(page.locator("#take-down")).to_be_visible()
        hands.press("r", "Enter")
        expect(page.locator("#harm-title")).to_contain_text("All of them")

    def at_comments(query: str) -> None:
        shift.open(f"/comments?status={query}")
        expect(first).to_be_visible()

    shift.open("/comments")
    shift.do("wave that the brake holds", stop_wave)
    shift.open("/")
    shift.do("published wave", take_down)
    at_comments("pending")
    shift.do("reported comments", reported)
    at_comments(f"all&author={REGULAR}")
    shift.do("all comments of an author", open_author)
    at_comments(f"all&author={REGULAR}")
    shift.do("trust a regular", trust)
    at_comments(f"all&author={REGULAR}")
    shift.do("comment in its thread", thread)
    at_comments(f"approved&author={ABUSER}")
    shift.do("ban a person", ban)
    at_comments("rejected")
    shift.do("restore a rejected one", restore)


def check(environment: dict[str, str], sent: int) -> list[str]:
    """Return what is wrong in the database: nothing may be lost or decided twice."""
    engine = sa.create_engine(environment["DATABASE_URL"])
    twice = (
        "SELECT count(*) FROM (SELECT comment_id, verdict, status_before FROM decisions"
        " WHERE staff_id IS NOT NULL AND undoes_id IS NULL"
        " GROUP BY comment_id, verdict, status_before HAVING count(*) > 1) AS d"
    )
    with engine.connect() as connection:
        stored = connection.scalar(sa.text("SELECT count(*) FROM comments"))
        again = connection.scalar(sa.text(twice))
    engine.dispose()
    faults = []
    if stored != sent:
        faults.append(f"{sent} comments were sent, {stored} are stored")
    if again:
        faults.append(f"{again} comments were decided twice")
    return faults


def print_table(rows: list[tuple[str, Hands, float]]) -> None:
    """Print the cost of each job, now and before."""
    head = f"{'job':<28}{'keys':>6}{'letters':>9}{'clicks':>8}{'seconds':>9}  before"
    print(head)
    for name, hands, seconds in rows:
        figures = f"{hands.keys:>6}{hands.typed:>9}{hands.clicks:>8}{seconds:>9.2f}"
        print(f"{name:<28}{figures}  {BEFORE[name]}")


def main() -> None:
    """Run the hour and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comments", type=int, default=900)
    parser.add_argument("--wave", type=int, default=300)
    parser.add_argument("--decided", type=int, default=100)
    args = parser.parse_args()
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment, key = prepare(Path(folder))
        environment["MODERATION_LOGIN_LIMIT"] = "1000 per minute"
        hire(environment)
        worker = subprocess.Popen(
            [Path(sys.executable).with_name("moderation"), "worker"],
            cwd=ROOT,
            env=environment,
        )
        browser = launch(playwright)
        try:
            with served("wsgi:app", environment) as (port, _):
                sent = fill(environment, port, key, args)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.set_default_timeout(PATIENCE_MS)
                shift = Shift(page=page, site_key=key, port=port)
                page.goto(f"http://127.0.0.1:{port}/console/")
                page.locator("#login").fill(LOGIN)
                page.locator("#password").fill(PASSWORD)
                page.locator("button.primary").click()
                try:
                    work(shift, args.decided)
                finally:
                    print_table(shift.rows)
        finally:
            browser.close()
            worker.terminate()
            worker.wait(30)
        faults = check(environment, sent)
    print("; ".join(faults) or "nothing lost, nothing decided twice")
    if faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
