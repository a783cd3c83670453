"""The page of webhooks as an admin uses it, with a real Chromium and receiver."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from moderation.accounts.staff import Role
from moderation.worker import dispatch
from tests.browser.accessibility import violations
from tests.browser.test_every_page import SCREENS
from tests.browser.test_models_pages import Opener, open_as
from tests.builders import ALL_HELD, Newsroom, sender_in
from tests.receivers import Receiver, receiving

__all__ = ["open_as"]  # a fixture

EVERY = ["comment.held", "alarm.raised"]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service, which may reach receivers on this machine."""
    app = make_app(MODERATION_CALLBACK_NETWORKS="127.0.0.0/8")
    with app.app_context():
        yield app


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def worker(newsroom: Newsroom) -> Iterator[None]:
    """A worker that sends events while the test goes on."""
    stopped, post = threading.Event(), sender_in(newsroom.app)

    def work() -> None:
        while not stopped.wait(0.05):
            while dispatch.deliver_next(post):
                pass

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopped.set()
    thread.join()


def add(newsroom: Newsroom, url: str) -> Any:
    path = f"/api/v1/sites/{newsroom.name}/webhooks"
    body = {"url": url, "types": EVERY}
    return newsroom.as_staff(Role.ADMIN).post(path, body).json


def deliver(newsroom: Newsroom) -> None:
    while dispatch.deliver_next(sender_in(newsroom.app)):
        pass


def test_a_webhook_is_added_tried_and_taken_away(
    newsroom: Newsroom, receiver: Receiver, worker: None, open_as: Opener
) -> None:
    page = open_as("settings/webhooks")
    page.on("dialog", lambda dialog: dialog.accept())
    expect(page.get_by_text("No webhook yet.")).to_be_visible()
    page.get_by_label("URL").fill(receiver.url)
    page.get_by_label("Rejected").check()
    page.get_by_role("button", name="Save").click()
    secret = page.locator("#secret")
    expect(secret).to_contain_text("whsec_")
    expect(page.locator(".outcome").first).to_have_text("not tried yet")
    page.get_by_role("button", name="Send a test event").click()
    expect(page.locator("#status")).to_contain_text("was delivered (status 204)")
    expect(page.locator(".outcome").first).to_have_text("working")
    assert receiver.received[0].verified(secret.inner_text())["type"] == "webhook.test"
    page.get_by_role("button", name="New secret").click()
    expect(page.get_by_text("Also signed with the older secret")).to_be_visible()
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator(".outcome").first).to_have_text("off")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No webhook yet.")).to_be_visible()


def test_a_test_event_that_nobody_takes_is_said_in_words(
    newsroom: Newsroom, worker: None, open_as: Opener
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        add(newsroom, f"http://127.0.0.1:{closed.getsockname()[1]}/")
    page = open_as("settings/webhooks")
    page.get_by_role("button", name="Send a test event").click()
    expect(page.locator("#banner")).to_contain_text("no server answers at this address")
    expect(page.locator("#status")).to_have_text("")
    expect(page.locator("li .problem")).to_contain_text(
        "no server answers at this address"
    )


def test_what_was_given_up_is_seen_and_sent_again(
    newsroom: Newsroom, receiver: Receiver, open_as: Opener
) -> None:
    newsroom.set_policy(ALL_HELD)
    add(newsroom, receiver.url)
    receiver.status = 410
    newsroom.send()
    deliver(newsroom)
    page = open_as("models")
    page.get_by_role("link", name="1 webhook is failing").click()
    expect(page.locator("li .problem")).to_contain_text("gone for good")
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator("#status")).to_have_text("Saved.")
    page.get_by_text("Deliveries").click()
    expect(page.locator(".deliveries li")).to_contain_text("failed")
    expect(page.locator(".deliveries li")).to_contain_text("error: 410")
    receiver.status = 200
    page.get_by_role("button", name="Replay all failed").click()
    expect(page.locator("#status")).to_have_text("1 event is replayed.")
    deliver(newsroom)
    page.get_by_role("combobox", name="Show").select_option("delivered")
    expect(page.locator(".deliveries li")).to_contain_text("delivered")
    page.get_by_role("button", name="Replay").click()
    expect(page.locator(".deliveries li")).to_have_count(0)
    page.get_by_role("combobox", name="Show").select_option("waiting")
    expect(page.locator(".deliveries li")).to_contain_text("2 attempts")


def test_a_bad_address_is_said_and_nothing_is_lost(
    newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("settings/webhooks")
    page.get_by_label("URL").fill("https://10.0.0.1/")
    page.get_by_label("Approved").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#banner")).to_contain_text("Lies in a private network")
    expect(page.get_by_label("URL")).to_have_value("https://10.0.0.1/")
    page.get_by_label("URL").fill("https://cms.gazette.example/")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#secret")).to_contain_text("whsec_")
    page.get_by_role("button", name="Edit").click()
    page.locator("li").get_by_label("Drift alert").check()
    page.locator("li").get_by_role("button", name="Save").click()
    expect(page.locator("#list li")).to_contain_text("Approved and Drift alert")


def fill(newsroom: Newsroom, receiver: Receiver) -> None:
    """Let there be webhooks and deliveries of every kind."""
    newsroom.set_policy(ALL_HELD)
    long = add(newsroom, "https://cms.gazette.example/" + "hooks/" * 20)
    admin = newsroom.as_staff(Role.ADMIN)
    admin.post(f"/api/v1/webhooks/{long['id']}/secret", {"version": 1})
    add(newsroom, receiver.url)
    for status in (204, 500, 410):
        newsroom.send()
        receiver.status = status
        deliver(newsroom)


@pytest.mark.parametrize("screen", SCREENS)
def test_everybody_can_use_the_page_when_there_is_much(
    newsroom: Newsroom, receiver: Receiver, open_as: Opener, screen: str
) -> None:
    fill(newsroom, receiver)
    page: Page = open_as("settings/webhooks", **SCREENS[screen])
    for each in page.locator("details summary").all():
        if each.is_visible() and not each.locator("..").get_attribute("open"):
            each.click()
    page.locator(".change").first.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".deliveries li").first).to_be_visible()
    assert violations(page) == []
