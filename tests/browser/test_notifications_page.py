"""Notifications as an admin and a staff member set them up, with a real mail server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.notifications.kinds import NotificationChannel
from moderation.web.services import services_of
from moderation.worker import notifier
from tests.browser.accessibility import violations
from tests.browser.test_models_pages import Opener, open_as
from tests.builders import Newsroom
from tests.mail_server import MailReceiver, receiving_mail
from tests.receivers import Receiver, receiving

__all__ = ["open_as"]  # a fixture


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with receiving_mail() as server:
        yield server


@pytest.fixture
def chat() -> Iterator[Receiver]:
    with receiving("/hook/secret") as receiver:
        yield receiver


@pytest.fixture
def app(make_app: Callable[..., Flask], mail: MailReceiver) -> Iterator[Flask]:
    """The service, which reaches a mail server and a chat on this machine."""
    app = make_app(
        MODERATION_SMTP_HOST="127.0.0.1",
        MODERATION_SMTP_PORT=f"{mail.port}",
        MODERATION_SMTP_SECURITY="none",
        MODERATION_SMTP_SENDER="moderation@comments.example",
        MODERATION_PUBLIC_URL="https://comments.example",
        MODERATION_CALLBACK_NETWORKS="127.0.0.0/8",
    )
    with app.app_context():
        yield app


@pytest.fixture
def worker(newsroom: Newsroom) -> Iterator[None]:
    """A worker that sends notifications while the test goes on."""
    stopped, services = threading.Event(), services_of(newsroom.app)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    ours = notifier.build(services.settings, sessions, services.privacy)

    def work() -> None:
        while not stopped.wait(0.05):
            for channel in NotificationChannel:
                while notifier.send_next(ours, channel):
                    pass

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopped.set()
    thread.join()


def test_an_admin_sets_a_chat_and_tries_it(
    newsroom: Newsroom, chat: Receiver, worker: None, open_as: Opener
) -> None:
    page = open_as("settings/notifications")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Webhook URL").fill(chat.url)
    page.get_by_role("button", name="Set chat").click()
    expect(page.locator("#chat-state")).to_have_text(f"Slack: {chat.home}/…")
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status")).to_have_text("The test was sent.")
    assert len(chat.received) == 1
    expect(page.locator("#deliveries li")).to_contain_text(["Sent"])
    page.get_by_label("Quote escalated comments").check()
    page.get_by_label("A job failed").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert violations(page) == []
    page.reload()
    expect(page.get_by_label("Quote escalated comments")).to_be_checked()
    expect(page.get_by_label("A job failed")).not_to_be_checked()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#chat-state")).to_contain_text("No chat is set.")
    expect(page.get_by_role("button", name="Send a test")).to_be_hidden()


def test_a_chat_that_refuses_is_told_at_the_place(
    newsroom: Newsroom, chat: Receiver, worker: None, open_as: Opener
) -> None:
    chat.status = 404
    page = open_as("settings/notifications")
    page.get_by_label("Webhook URL").fill(chat.url)
    page.get_by_role("button", name="Set chat").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "The test could not be sent: 404."
    )
    expect(page.locator("#deliveries li")).to_contain_text(["Failed"])


def confirm(page: Page, mail: MailReceiver) -> None:
    """Open the link of the newest email, and confirm."""
    body = mail.received[-1].get_content()
    (line,) = (one for one in body.splitlines() if "/console/notifications/" in one)
    page.goto(line.removeprefix("https://comments.example"))
    assert violations(page) == []
    page.get_by_role("button", name="Confirm address").click()
    expect(page.get_by_role("status")).to_contain_text("The address is confirmed.")
    page.get_by_role("link", name="Choose what to be notified of").click()


def test_a_person_sets_and_confirms_an_address_with_the_keyboard_alone(
    newsroom: Newsroom, mail: MailReceiver, worker: None, open_as: Opener
) -> None:
    page = open_as("account", Role.MODERATOR)
    page.get_by_label("Email address").focus()
    page.keyboard.type("mo@mail.example")
    page.keyboard.press("Enter")
    state = page.locator("#email-state")
    expect(state).to_contain_text("open the link in the email")
    expect(page.get_by_role("button", name="Send a test email")).to_be_hidden()
    own = page.locator("#notifications")
    wait_for_mail(mail)
    confirm(page, mail)
    expect(own.locator("#email-state")).to_have_text("m…@m….example: confirmed.")
    page.get_by_role("button", name="Send a test email").click()
    expect(page.get_by_role("status")).to_have_text("The test was sent.")
    assert mail.received[-1]["Subject"] == "Test notification"
    page.get_by_label("Daily digest: Email").check()
    page.get_by_label("From").fill("22:00")
    page.get_by_label("Until").fill("07:00")
    page.get_by_label("Time zone").fill("Europe/Nowhere")
    own.get_by_role("button", name="Save").click()
    expect(own.get_by_role("alert")).to_contain_text("Must be a time zone")
    page.get_by_label("Time zone").fill("Europe/Vienna")
    own.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.reload()
    expect(page.get_by_label("Daily digest: Email")).to_be_checked()
    expect(page.get_by_label("From")).to_have_value("22:00")
    assert violations(page) == []


def wait_for_mail(mail: MailReceiver) -> None:
    """Wait until the worker has sent an email."""
    came = threading.Event()
    mail.meanwhile = came.set
    assert mail.received or came.wait(30)
