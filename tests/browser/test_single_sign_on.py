"""Single sign-on in a browser: from the log-in page to the desk, across two sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from moderation.web.auth import TOKEN_COOKIE
from tests.browser.accessibility import violations
from tests.builders import ALL_HELD, open_newsroom
from tests.identity_provider import running

PEOPLE = {"sub-grace": {"preferred_username": "grace", "groups": ["desk"]}}
#: Another site than 127.0.0.1, where the provider is: cookies tell the two apart.
HOST = "localhost"


class Switch:
    """Answers with an app that is made once the server's port is known."""

    app: Flask

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@pytest.fixture
def url(make_app: Callable[..., Flask]) -> Iterator[str]:
    """Where the service listens, with a provider on another site."""
    switch = Switch()
    server: BaseWSGIServer = make_server("127.0.0.1", 0, switch, threaded=True)
    address = f"http://{HOST}:{server.server_port}"
    with running(PEOPLE, [f"{address}/console/oidc/callback"]) as provider:
        switch.app = make_app(**provider.settings("desk=gazette:moderator"))
        with switch.app.app_context():
            newsroom = open_newsroom(switch.app, "gazette")
            newsroom.set_policy(ALL_HELD)
            newsroom.send()
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield address
        server.shutdown()
        thread.join()
        server.server_close()


def at_provider(page: Page) -> None:
    page.locator("input[name=login]").fill("sub-grace")
    page.locator("input[name=password]").fill("x")
    page.locator("button.login-submit").click()
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_person_comes_back_logged_in(
    context: Callable[..., BrowserContext], url: str, locale: str
) -> None:
    browser = context(locale=locale)
    page = browser.new_page()
    page.goto("/console/")
    assert page.url == f"{url}/console/login"
    assert violations(page) == []
    page.locator("a.button").click()
    assert urlsplit(page.url).hostname == "127.0.0.1"
    at_provider(page)
    page.wait_for_url(f"{url}/console/")
    expect(page.locator("#actions")).to_be_visible()
    cookies = {each["name"]: each for each in browser.cookies(url)}
    assert cookies[TOKEN_COOKIE]["sameSite"] == "Strict"
    assert cookies[TOKEN_COOKIE]["httpOnly"] is True
    assert not any("sign_on" in name for name in cookies)
