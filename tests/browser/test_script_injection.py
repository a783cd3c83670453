"""Markup and script in all that people write, shown on every page of the console.

Based on CVE-2015-3440 (WordPress 4.2: a comment of 64 kB ran script in the browser of
the moderator who looked at it) and the Samy worm of 2005 (CWE-79).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Dialog, Page

from moderation.accounts.staff import Role
from moderation.console.navigation import every_page
from tests.browser.conftest import log_in
from tests.browser.test_every_page import address
from tests.builders import ALL_HELD, ALL_REJECTED, Newsroom, comment

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea></title><script>alert(1)</script>",
    "<a href=javascript:alert(1)>click</a>",
    "{{constructor.constructor('alert(1)')()}}",
    "</script><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)//http://x.example/",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style>",
]
#: Of a page as ours: what our own templates never have.
INJECTED = """() => [...document.querySelectorAll('*')].filter(element =>
  [...element.attributes].some(one => one.name.startsWith('on')
    || /^\\s*javascript:/i.test(one.value))
  || element.matches('img[src="x"], iframe, math, script:not([src])')
).map(element => element.outerHTML)"""
SHOWN = "https://gazette.example/<script>alert(1)</script>"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    """A site where all that can be written is a payload."""
    site, moderator = newsroom.as_site(), newsroom.as_staff()
    for verdict, policy in (("held", ALL_HELD), ("rejected", ALL_REJECTED)):
        newsroom.set_policy(policy)
        for number, payload in enumerate(PAYLOADS):
            fields = dict.fromkeys(
                ("author_name", "article_title", "article_section", "user_agent"),
                payload[:100],
            )
            body = f"{payload} {number} {verdict}"
            made: Any = newsroom.send(**fields, body=body, article=SHOWN)
            path = f"/api/v1/comments/{made['id']}"
            moderator.post(f"{path}/notes", {"text": payload})
            if verdict == "rejected":
                site.post(f"{path}/appeal", {"text": payload})
            elif number % 2:
                moderator.post(f"{path}/escalation", {"version": 1, "note": payload})
    _configure(newsroom)
    return newsroom


def _configure(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    words = [{"kind": "words", "entries": [payload[:50] for payload in PAYLOADS]}]
    rule = {"name": PAYLOADS[0], "tag": PAYLOADS[0], "action": "tag", "mode": "on"}
    path = f"/api/v1/sites/{newsroom.name}"
    assert admin.post(f"{path}/rules", {**rule, "conditions": words}).status_code == 201
    view = {"name": PAYLOADS[1], "filters": {"text": PAYLOADS[1]}}
    shared = {**view, "shared_with": newsroom.name}
    assert admin.post("/api/v1/views", shared).status_code == 201
    newsroom.set_policy(ALL_HELD)
    newsroom.as_site().post("/api/v1/comments", comment(body=PAYLOADS[0]))


def test_what_people_write_runs_nowhere(
    app: Flask,
    newsroom: Newsroom,
    context: Callable[..., BrowserContext],
    url: str,
) -> None:
    page = context().new_page()
    run: list[str] = []
    outside: list[str] = []
    page.on("dialog", lambda dialog: _dismiss(dialog, run))
    page.on("request", lambda asked: _note(asked.url, url, outside))
    page.goto("/console/")
    log_in(page, f"{newsroom.name}-{Role.ADMIN}")
    names = [one.endpoint for one in every_page()] + ["read_account"]
    for name in names:
        for query in ("", f"?site={quote(PAYLOADS[1])}&text={quote(PAYLOADS[0])}"):
            page.goto(address(app, name) + query)
            page.wait_for_load_state("networkidle")
            assert page.evaluate(INJECTED) == [], name
            _press_keys(page)
            assert page.evaluate(INJECTED) == [], name
    assert (run, outside) == ([], [])


def _dismiss(dialog: Dialog, run: list[str]) -> None:
    run.append(dialog.message)
    dialog.dismiss()


def _note(asked: str, url: str, outside: list[str]) -> None:
    if not asked.startswith((url, "about:", "data:", "blob:")):
        outside.append(asked)


def _press_keys(page: Page) -> None:
    """Open what a page hides: the reasons, labels, notes, and the list of keys."""
    for key in ("r", "l", "n", "e", "?"):
        page.keyboard.press(key)
        page.keyboard.press("Escape")
