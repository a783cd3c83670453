"""A newsroom whose service can send email and chat messages on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.notifications.kinds import NotificationChannel
from moderation.web.services import services_of
from moderation.worker import notices, notifier
from moderation.worker.notifier import Notifier
from tests.builders import ALL_HELD, Caller, Newsroom, open_newsroom
from tests.mail_server import MailReceiver, receiving_mail
from tests.receivers import Receiver, receiving

HOME = "https://comments.example"
OWN = "/api/v1/account/notifications"
LATER = timedelta(minutes=1)  # what is gathered is due by then
ADDRESS = "lena.lead@mail.example"


@dataclass(frozen=True, kw_only=True)
class Station:
    """A newsroom, with what is sent to its staff."""

    newsroom: Newsroom
    mail: MailReceiver
    chat: Receiver
    notifier: Notifier

    def work(self, after: timedelta = LATER) -> None:
        """Notice and send, as a worker does some time from now."""
        now = datetime.now(UTC)
        notices.collect(self.notifier.sessions, now, self.notifier.spacing)
        for channel in NotificationChannel:
            while notifier.send_next(self.notifier, channel, now + after):
                pass

    def staff(self, role: Role = Role.LEAD) -> Caller:
        """Return a caller with a role."""
        return self.newsroom.as_staff(role)

    def confirm(self, role: Role = Role.LEAD, email: str = ADDRESS) -> None:
        """Set and confirm a staff member's address, as they would."""
        answer = self.staff(role).put(f"{OWN}/email", {"email": email})
        assert answer.status_code == 200, answer.text
        self.work()
        path = self.link()
        client = self.newsroom.app.test_client()
        assert client.post(path).status_code == 200
        self.mail.received.clear()
        self.mail.raw.clear()

    def link(self) -> str:
        """Return the path of the link in the newest email."""
        body = self.bodies[-1]
        (line,) = (one for one in body.splitlines() if "/console/notifications/" in one)
        assert line.startswith(HOME)
        return line.removeprefix(HOME)

    def chat_of_site(self, format_: str = "slack") -> None:
        """Set the site's chat."""
        body = {"url": self.chat.url, "format": format_}
        path = f"/api/v1/sites/{self.newsroom.name}/notifications/chat"
        assert self.staff(Role.ADMIN).put(path, body).status_code == 200

    @property
    def bodies(self) -> list[str]:
        """The texts of the emails, in the order in which they came."""
        return [message.get_content() for message in self.mail.received]

    @property
    def subjects(self) -> list[str]:
        """The subjects of the emails."""
        return [message["Subject"] for message in self.mail.received]

    def deliveries(self, role: Role = Role.LEAD) -> list[dict[str, Any]]:
        """Return what a staff member was sent, the oldest first."""
        answer = self.staff(role).get(f"{OWN}/deliveries")
        rows: list[dict[str, Any]] = answer.json["notifications"]
        return rows[::-1]


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with receiving_mail() as server:
        yield server


@pytest.fixture
def mail_settings(mail: MailReceiver) -> dict[str, str]:
    """How the service reaches the mail server."""
    return {
        "MODERATION_SMTP_HOST": "127.0.0.1",
        "MODERATION_SMTP_PORT": f"{mail.port}",
        "MODERATION_SMTP_SECURITY": "none",
        "MODERATION_SMTP_SENDER": "moderation@comments.example",
        "MODERATION_PUBLIC_URL": HOME,
        "MODERATION_CALLBACK_NETWORKS": "127.0.0.0/8",
    }


@pytest.fixture
def app(
    make_app: Callable[..., Flask], mail_settings: dict[str, str]
) -> Iterator[Flask]:
    app = make_app(**mail_settings)
    with app.app_context():
        yield app


def open_notifier(app: Flask) -> Notifier:
    """Return what a worker of the service has, to notify staff."""
    services = services_of(app)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    return notifier.build(services.settings, sessions, services.privacy)


@pytest.fixture
def station(app: Flask, mail: MailReceiver) -> Iterator[Station]:
    newsroom = open_newsroom(app, "gazette")
    newsroom.set_policy(ALL_HELD)
    with receiving("/hook/secret") as chat:
        yield Station(
            newsroom=newsroom, mail=mail, chat=chat, notifier=open_notifier(app)
        )
