"""The pictures of the docs: the console of an invented site, in a real Chromium.

    python -m benchmarks.screenshots [--only desk] [--folder docs/images]

Starts the service on a fresh SQLite, sends it comments that we have invented, trains a
candidate from an invented archive, and takes a picture of each page, light and dark,
wide and on a phone, in English and Arabic.
Needs what the tests need: Chromium and Playwright.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import logging
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy.orm import sessionmaker
from werkzeug.serving import make_server

from benchmarks import archive
from benchmarks.browser import launch
from moderation.web.services import services_of
from tests.builders import default_scorer

SITE, PASSWORD = "gazette", "only for these pictures"
WIDE, PHONE = {"width": 1280, "height": 820}, {"width": 360, "height": 740}
ARTICLE = {
    "article": "https://gazette.example/2026/11/old-bridge",
    "article_title": "The old bridge closes for two years",
    "article_section": "Local",
}
# Invented by us, as are the names; each with what makes it worth a look.
LOANS = (
    "CHEAP LOANS approved in 5 minutes!!! No questions asked, visit "
    "https://gаzette-bonus.com/win and http://xn--80ak6aa92e.com/ now, limited offer, "
    "click here to win cash $$$"
)
COMMENTS: list[dict[str, Any]] = [
    {
        "author_name": "Marguerite O.",
        "body": "Two years for one bridge? My grandfather's crew built it in one.",
        "held": False,
    },
    {
        "author_name": "Tomasz",
        "body": "They also had no safety rules and buried three men, Marguerite.",
        "reply_to": 0,
        "held": False,
    },
    {
        "author_name": "Harbour Kid",
        "body": "Fair. But nobody at city hall has ever had to run a shop on the lane.",
        "reply_to": 1,
        "held": False,
    },
    {
        "author_name": "dredge_99",
        "body": "What a stupid, stupid article. Idiots, all of you.",
        "held": False,
        "rejected_for": "insult",
    },
    {
        "author_name": "dredge_99",
        "body": "I will say it again: trams, not cars.",
        "held": False,
    },
    {
        "author_name": "dredge_99",
        "note": "The third one this week; he was warned on Monday.",
        "reported_for": ["insult", "insult", "off_topic"],
        "body": "You absolute moron, nobody asked for your idiotic history lesson. "
        "Go back under the bridge where you belong.",
        "reply_to": 2,
    },
    {
        "author_name": "Cheap Loans",
        "author_url": "https://loans-today.example.org/",
        "body": LOANS,
    },
    {"author_name": "Fast Money", "body": LOANS.replace("5 minutes", "9 minutes")},
    {"author_name": "Loan Fairy", "body": LOANS.replace("win cash", "win more")},
    {
        "author_name": "Ines Amadi",
        "body": "The ferry could carry bicycles again. It did so until 1998.",
    },
    {
        "author_name": "ليلى",
        "body": "شكرا على هذا المقال. متى تعود العبّارة إلى العمل؟",
    },
    {
        "author_name": "Old Salt",
        "body": "Somebody ought to throw that mayor off the bridge, see how he swims.",
    },
]
EDITED = "Ines Amadi"
SENT = {"author_name", "author_url", "body"}


def environment(folder: Path) -> dict[str, str]:
    """Return settings with secrets of their own."""

    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "MODERATION_SECRET_KEY": secrets.token_hex(32),
        "MODERATION_EMAIL_KEYS": f"k1:{key()}",
        "MODERATION_EMAIL_INDEX_KEY": key(),
        "MODERATION_LOG_LEVEL": "ERROR",
        "MODERATION_LOGIN_LIMIT": "1000 per minute",
        "DATABASE_URL": f"sqlite:///{folder / 'pictures.sqlite'}",
    }


@contextlib.contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app on a free port; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def seed(app: Flask) -> None:
    """Make the site, its people and their comments."""
    from moderation import migration
    from moderation.accounts import memberships
    from moderation.accounts import staff as people
    from moderation.accounts.staff import Role
    from moderation.cli.app import act_on_command_line
    from moderation.database import db, start_writing
    from moderation.policy.thresholds import Moderation
    from moderation.sites import keys, policies, sites

    with app.app_context():
        migration.migrate()
        act_on_command_line()
        session, now = db.session(), datetime.now(UTC)
        start_writing(session)
        open_policy = policies.default_policy(
            {"toxicity": {"review_at": 1.0, "reject_at": None}}, Moderation.POST
        )
        site = sites.create_site(session, SITE, open_policy, now)
        key = keys.issue_key(session, site.id, services_of(app).token_key, now)
        for login, role in (("noor", Role.MODERATOR), ("jonas", Role.ADMIN)):
            staff = people.create_staff(session, login, PASSWORD, now)
            memberships.update_role(session, staff.id, site.id, role)
        session.commit()
        proposed = default_scorer(app).manifest["thresholds"]
        cuts = {
            label: {"review_at": cut["review_at"], "reject_at": None}
            for label, cut in proposed.items()
        }
        held = policies.default_policy(cuts, Moderation.PRE)
        send(app, key, lambda: put_in_force(site.id, held))
        db.session.remove()
        db.engine.dispose()


def count(app: Flask) -> None:
    """Count the figures of all sites, as a worker does."""
    from moderation.cli.app import act_on_command_line
    from moderation.database import db, start_writing
    from moderation.insights import upkeep
    from moderation.tables.sites import Site
    from moderation.worker import figures

    with app.app_context():
        act_on_command_line()
        session, now = db.session(), datetime.now(UTC)
        sessions = sessionmaker(db.engine, expire_on_commit=False, info=session.info)
        for site_id in session.scalars(sa.select(Site.id)).all():
            session.rollback()
            start_writing(session)
            upkeep.start_over(session, site_id, now)
            session.commit()
            while figures.count_day(sessions, site_id, now):
                pass
        figures.count(sessions, now)
        db.session.remove()


def put_in_force(site_id: int, policy: dict[str, Any]) -> None:
    """Hold everything from here on."""
    from moderation.database import db, start_writing
    from moderation.sites import policies

    session = db.session()
    start_writing(session)
    policies.create_policy(
        session, site_id, policy, staff_id=None, now=datetime.now(UTC)
    )
    session.commit()


def send(app: Flask, key: str, hold: Callable[[], None]) -> None:
    """Send the comments; the first ones are published, the others wait."""
    site = Caller(app, key)
    admin = Caller(app, site.token_of("jonas"))
    ids: list[str] = []
    is_held = False
    for entry in COMMENTS:
        if entry.get("held", True) and not is_held:
            hold()
            is_held = True
        address = f"reader{sum(map(ord, entry['author_name']))}@mail.example"
        fields = {name: value for name, value in entry.items() if name in SENT}
        if "reply_to" in entry:
            fields["parent"] = ids[entry["reply_to"]]
        body = {**ARTICLE, **fields, "author_email": address}
        path = f"/api/v1/comments/{site.post('/api/v1/comments', body)['id']}"
        ids.append(path.rpartition("/")[2])
        for reason in entry.get("reported_for", []):
            reader = f"reader-{secrets.token_hex(4)}"
            site.post(f"{path}/reports", {"reason": reason, "reporter": reader})
        if "note" in entry:
            admin.post(f"{path}/notes", {"text": entry["note"]})
        if "rejected_for" in entry:
            reasons = [entry["rejected_for"]]
            decision = {"verdict": "reject", "version": 1, "reasons": reasons}
            admin.post(f"{path}/decisions", decision)
        if entry["author_name"] == EDITED:
            body = {"body": entry["body"].replace("It did so", "They did so")}
            site.post(path, body, method="PATCH")


class Caller:
    """Calls the API with a credential."""

    def __init__(self, app: Flask, credential: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {credential}"}

    def post(
        self, path: str, body: dict[str, Any], method: str = "POST"
    ) -> dict[str, Any]:
        """Return the answer; end the program where it is a refusal."""
        answer = self.client.open(path, method=method, json=body, headers=self.headers)
        if answer.status_code >= 400:
            raise SystemExit(f"{path}: {answer.text}")
        found: dict[str, Any] = answer.get_json()
        return found

    def token_of(self, login: str) -> str:
        """Return a token of a member of staff."""
        body = {"login": login, "password": PASSWORD}
        return str(self.post("/api/v1/session", body)["token"])


def log_in(page: Page, login: str) -> None:
    """Log a person in."""
    page.goto("/console/login")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("button.primary").click()


def at_desk(page: Page) -> None:
    """Wait until a comment is there."""
    page.locator("#actions").wait_for()


def skip_to(page: Page, selector: str) -> None:
    """Skip to the comment that shows something."""
    at_desk(page)
    for _ in COMMENTS:
        if page.locator(selector).is_visible():
            break
        page.keyboard.press("s")


def a_reply(page: Page) -> None:
    """Show the reply of an author with a record."""
    skip_to(page, "#side-notes")


def links(page: Page) -> None:
    """Show the comment with links."""
    skip_to(page, "#links")


def changes(page: Page) -> None:
    """Show the comment that its author has edited, and what it is not."""
    skip_to(page, "#side-changes")
    for key in ("l", "1", "1"):
        page.keyboard.press(key)


def campaign(page: Page) -> None:
    """Open the panel of a campaign."""
    links(page)
    page.keyboard.press("c")
    page.locator("#campaign button:enabled").first.wait_for()


def reasons(page: Page) -> None:
    """Open the reasons of a rejection."""
    a_reply(page)
    page.keyboard.press("r")


def listed(page: Page) -> None:
    """Show a list with its pane."""
    page.locator("#rows .item").first.wait_for()
    page.wait_for_load_state("networkidle")


def thread(page: Page) -> None:
    """Open the page of a comment that answers another."""
    listed(page)
    page.locator("#rows .item", has_text="moron").locator(".item-link").click()
    page.keyboard.press("Enter")
    page.wait_for_url("**/comments/*")
    page.wait_for_load_state("networkidle")


def author(page: Page) -> None:
    """Open the record of the current comment's author."""
    listed(page)
    page.keyboard.press("h")
    page.locator("#author-drawer[open]").wait_for()


def wave(page: Page) -> None:
    """Open the first campaign."""
    page.locator(".campaign-row a").first.click()
    page.wait_for_url("**/campaigns/*")
    page.wait_for_load_state("networkidle")


def quiet(page: Page) -> None:
    """Wait until a page has all that it asks for."""
    page.wait_for_load_state("networkidle")


def key_map(page: Page) -> None:
    """Open the key map."""
    at_desk(page)
    page.keyboard.press("?")


def set_up_factor(page: Page) -> None:
    """Show the QR code of a second factor."""
    page.locator("#factor-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".qr").wait_for()


def proposed(page: Page) -> None:
    """Ask for thresholds that keep to the targets."""
    page.locator("#outcome tr").first.wait_for()
    page.locator("#one-in").select_option("50")
    page.locator("#right").select_option("0.95")
    page.locator("#targets button").click()
    page.locator("#save-bar").wait_for()
    page.wait_for_load_state("networkidle")
    page.locator("#thresholds-heading").scroll_into_view_if_needed()


def report(page: Page) -> None:
    """Open the report of the candidate."""
    page.locator("#list a").first.click()
    page.locator("#gains-heading").wait_for()


def curves(page: Page) -> None:
    """Show the drawings of a report."""
    report(page)
    page.locator("#curves-heading").evaluate("each => each.scrollIntoView()")


def loaded(page: Page) -> None:
    """Wait until a page of the models has its figures."""
    page.locator("#loaded").wait_for()
    page.wait_for_load_state("networkidle")


def as_it_is(page: Page) -> None:
    """Do nothing: the page comes whole."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a picture is taken of."""

    path: str
    prepare: Callable[[Page], None]
    settings: dict[str, Any] = field(default_factory=dict)  #: of the browser
    login: str = "noor"


DARK = {"color_scheme": "dark"}
ADMIN = archive.PEOPLE[-1][0]
PICTURES = {
    "desk": Picture(path="", prepare=a_reply),
    "desk-links": Picture(path="", prepare=links, settings=DARK),
    "desk-campaign": Picture(path="", prepare=campaign),
    "desk-labels": Picture(path="", prepare=changes),
    "desk-reasons": Picture(path="", prepare=reasons),
    "desk-keys": Picture(path="", prepare=key_map),
    "desk-phone": Picture(path="", prepare=a_reply, settings={"viewport": PHONE}),
    "desk-arabic": Picture(path="", prepare=a_reply, settings={"locale": "ar"}),
    "overview": Picture(path="overview", prepare=quiet, login=ADMIN),
    "insights": Picture(path="insights", prepare=quiet, login=ADMIN),
    "comments": Picture(path="comments?status=all", prepare=listed),
    "comment": Picture(path="comments?status=all", prepare=thread),
    "author": Picture(path="comments?author=dredge", prepare=author),
    "campaign": Picture(path="campaigns", prepare=wave),
    "settings-connections": Picture(
        path="settings/connections", prepare=quiet, login="jonas"
    ),
    "settings-people": Picture(
        path="settings/people", prepare=quiet, login="jonas", settings=DARK
    ),
    "settings-privacy": Picture(path="settings/privacy", prepare=quiet, login="jonas"),
    "settings-law": Picture(path="settings/law", prepare=quiet, login="jonas"),
    "transparency": Picture(path="transparency", prepare=quiet, login="jonas"),
    "account": Picture(path="account", prepare=set_up_factor),
    "models-report": Picture(path="models", prepare=report, login=ADMIN),
    "models-curves": Picture(path="models", prepare=curves, login=ADMIN, settings=DARK),
    "models-compare": Picture(path="models/compare", prepare=as_it_is, login=ADMIN),
    "models-shadow": Picture(path="models/shadow", prepare=loaded, login=ADMIN),
    "models-thresholds": Picture(path="settings/policy", prepare=proposed, login=ADMIN),
    "models-blind": Picture(
        path="blind",
        prepare=loaded,
        login=archive.PEOPLE[0][0],
        settings={"viewport": PHONE},
    ),
}


def take(browser: Browser, url: str, name: str, folder: Path) -> None:
    """Take one picture."""
    picture = PICTURES[name]
    context = browser.new_context(
        base_url=url, **{"viewport": WIDE, **picture.settings}
    )
    page = context.new_page()
    log_in(page, picture.login)
    page.goto(f"/console/{picture.path}")
    picture.prepare(page)
    page.screenshot(path=folder / f"{name}.png", animations="disabled")
    page.goto("about:blank")  # releases the reservation
    context.close()


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=sorted(PICTURES), action="append")
    parser.add_argument("--folder", type=Path, default=Path("docs/images"))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        from moderation import create_app
        from moderation.database import db

        app = create_app(environment(Path(folder)), instance=Path(folder))
        seed(app)
        with app.app_context():
            archive.open_site(app, PASSWORD)
            db.session.remove()
            count(app)
        browser = launch(playwright)
        with served(app) as url:
            for name in given.only or PICTURES:
                take(browser, url, name, given.folder)
                print(given.folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
