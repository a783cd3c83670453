"""Notifications over the API: chosen, set up, tried, listed, refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.notifications.kinds import CHOSEN, NotificationKind
from moderation.tables.notifications import NotificationProfile
from moderation.web.services import services_of
from tests.builders import Answer, Caller, Newsroom, replace_services
from tests.leaks.test_leaks import dump
from tests.refusals import assert_refused, on_sqlite
from tests.security.entries import CHAT, NOTIFIED, OF_CHAT

pytestmark = on_sqlite
OWN = "/api/v1/account/notifications"
SITE = "/api/v1/sites/gazette/notifications"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service with a mail server, to which nothing is sent here."""
    app = make_app(
        MODERATION_SMTP_HOST="mail.example",
        MODERATION_SMTP_SENDER="moderation@comments.example",
        MODERATION_PUBLIC_URL="https://comments.example",
    )
    with app.app_context():
        yield app


@pytest.fixture
def staff(newsroom: Newsroom) -> Caller:
    return newsroom.as_staff()


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    return newsroom.as_staff(Role.ADMIN)


def refuses(answer: Answer, status: int, code: str) -> None:
    assert_refused(answer, status)
    assert answer.json["code"] == code


def test_who_has_chosen_nothing_gets_all_but_the_digest(staff: Caller) -> None:
    read = staff.get(OWN).json
    assert read["choices"] == {
        kind.value: [] if kind is NotificationKind.DIGEST else ["email", "chat"]
        for kind in CHOSEN
    }
    assert (read["email"], read["chat"], read["is_email_on"]) == (None, None, True)
    assert db.session().scalar(sa.select(NotificationProfile)) is None


def test_what_was_chosen_is_read_back(staff: Caller, admin: Caller) -> None:
    changed = staff.put(OWN, NOTIFIED)
    assert changed.status_code == 200
    assert {name: changed.json[name] for name in NOTIFIED} == NOTIFIED
    assert staff.get(OWN).json == changed.json
    assert admin.get(OWN).json["timezone"] == "UTC"  # another one's


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"language": "xx"}, "language"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"quiet_from": "24:00"}, "quiet_from"),
        ({"quiet_from": "7"}, "quiet_from"),
        ({"quiet_from": None}, "quiet_until"),
        ({"quiet_until": None}, "quiet_until"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"digest_hour": "8"}, "digest_hour"),
        ({"choices": {**NOTIFIED["choices"], "wave": ["pigeon"]}}, "choices.wave.0"),  # type: ignore[dict-item]
    ],
)
def test_a_wrong_choice_is_refused_by_its_field(
    staff: Caller, change: dict[str, Any], field: str
) -> None:
    refused = staff.put(OWN, {**NOTIFIED, **change})
    assert_refused(refused, 422, field)


def test_an_address_is_kept_encrypted_and_shown_masked(
    staff: Caller, session: Session
) -> None:
    shown = staff.put(f"{OWN}/email", {"email": "Xavier.Quill@Mail.example"})
    assert shown.json["email"] == "X…@m….example"
    assert shown.json["email_confirmed_at"] is None
    assert "quill" not in dump(session).casefold()
    (sent,) = staff.get(f"{OWN}/deliveries").json["notifications"]
    assert (sent["kind"], sent["state"]) == ("confirmation", "waiting")
    assert staff.delete(f"{OWN}/email").json["email"] is None
    (sent,) = staff.get(f"{OWN}/deliveries").json["notifications"]
    assert sent["state"] == "dropped"


@pytest.mark.parametrize(
    "email",
    [
        "nobody",
        "a@b.example\nBcc: c@d.example",
        "a@b.example\r\n\r\nHello",
        "Ada <a@b.example>",
        "a@b.example, c@d.example",
        "jörg@mail.example",
        None,
    ],
)
def test_what_is_no_plain_address_is_refused(staff: Caller, email: Any) -> None:
    refused = staff.put(f"{OWN}/email", {"email": email})
    assert_refused(refused, 422, "email")


def test_a_host_in_other_letters_is_kept_as_mail_servers_know_it(
    staff: Caller,
) -> None:
    shown = staff.put(f"{OWN}/email", {"email": "ada@bücher.example"})
    assert shown.json["email"] == "a…@x….example"


def test_links_are_not_sent_without_end(staff: Caller) -> None:
    for _ in range(5):
        answer = staff.put(f"{OWN}/email", {"email": "ada@mail.example"})
        assert answer.status_code == 200
    refused = staff.put(f"{OWN}/email", {"email": "ada@mail.example"})
    refuses(refused, 429, "too_many_requests")


def test_tests_are_not_sent_without_end(staff: Caller) -> None:
    staff.put(f"{OWN}/chat", CHAT)
    for _ in range(10):
        assert staff.post(f"{OWN}/test", {"channel": "chat"}).status_code == 202
    refused = staff.post(f"{OWN}/test", {"channel": "chat"})
    refuses(refused, 429, "too_many_requests")


def test_a_test_needs_a_channel_that_is_set_up(staff: Caller, admin: Caller) -> None:
    staff.put(f"{OWN}/email", {"email": "ada@mail.example"})
    for channel in ("email", "chat"):  # the address isn't confirmed
        refused = staff.post(f"{OWN}/test", {"channel": channel})
        refuses(refused, 409, "channel_not_set")
    refuses(admin.post(f"{SITE}/test"), 409, "channel_not_set")


def test_without_a_mail_server_no_address_is_taken(app: Flask, staff: Caller) -> None:
    without = replace(services_of(app).settings, smtp_host="")
    replace_services(app, settings=without)
    refused = staff.put(f"{OWN}/email", {"email": "ada@mail.example"})
    refuses(refused, 409, "email_off")
    assert staff.get(OWN).json["is_email_on"] is False


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.chat.example/1",
        "https://127.0.0.1/1",
        "https://localhost/1",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "ftp://hooks.chat.example/1",
        "https://user:pass@hooks.chat.example/1",
        "https://0x7f000001/1",
    ],
)
def test_a_chat_inside_the_network_is_refused(
    staff: Caller, admin: Caller, url: str
) -> None:
    for caller, base in ((staff, OWN), (admin, SITE)):
        refused = caller.put(f"{base}/chat", {**CHAT, "url": url})
        assert_refused(refused, 422, "url")


def test_a_chat_is_shown_by_its_host_alone(
    staff: Caller, admin: Caller, session: Session
) -> None:
    for caller, base in ((staff, OWN), (admin, SITE)):
        shown = caller.put(f"{base}/chat", CHAT)
        assert shown.json["chat"] == "https://hooks.chat.example/…"
        assert shown.json["chat_format"] == "slack"
        assert caller.get(base).json == shown.json
    assert "services/1" not in dump(session)
    for caller, base in ((staff, OWN), (admin, SITE)):
        assert caller.delete(f"{base}/chat").json["chat"] is None


def test_a_site_s_settings_are_read_back(admin: Caller) -> None:
    assert admin.get(SITE).json["includes_texts"] is False
    chosen = {**OF_CHAT, "includes_texts": True, "kinds": ["drift", "overdue"]}
    changed = admin.put(SITE, chosen).json
    assert changed["kinds"] == ["overdue", "drift"]
    assert changed["includes_texts"] is True
    assert admin.get(SITE).json == changed
    state = {"is_on": True, "answered_at": None, "failing_since": None, "fault": None}
    assert changed["mail_server"] == state


@pytest.mark.parametrize(
    ("kinds", "field"),
    [
        (["digest"], "kinds"),
        (["test"], "kinds"),
        (["x"], "kinds.0"),
        ([["wave"]], "kinds.0"),
        ("wave", "kinds"),
    ],
)
def test_a_chat_of_a_site_gets_no_digest(admin: Caller, kinds: Any, field: str) -> None:
    refused = admin.put(SITE, {**OF_CHAT, "kinds": kinds})
    assert_refused(refused, 422, field)


def test_admins_list_what_staff_and_chat_were_sent(
    staff: Caller, admin: Caller, newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    staff.put(f"{OWN}/chat", CHAT)
    staff.post(f"{OWN}/test", {"channel": "chat"})
    admin.put(f"{SITE}/chat", CHAT)
    admin.post(f"{SITE}/test")
    stranger = other_newsroom.as_staff()
    stranger.put(f"{OWN}/chat", CHAT)
    stranger.post(f"{OWN}/test", {"channel": "chat"})
    listed = admin.get(f"{SITE}/deliveries").json["notifications"]
    assert [row["to"] for row in listed] == [None, "gazette-moderator"]
    failed = admin.get(f"{SITE}/deliveries?state=failed").json
    assert failed == {"notifications": []}
    assert admin.get(f"{SITE}/deliveries?state=lost").status_code == 422


def test_a_personal_token_sets_no_address(staff: Caller, newsroom: Newsroom) -> None:
    body = {"name": "script", "scopes": ["manage"]}
    token = staff.post("/api/v1/account/tokens", body).json["token"]
    script = Caller(newsroom.app.test_client(), token)
    for tail, sent in (("email", {"email": "ada@mail.example"}), ("chat", CHAT)):
        refuses(script.put(f"{OWN}/{tail}", sent), 403, "forbidden")
