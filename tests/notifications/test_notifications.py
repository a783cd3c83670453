"""Notifications arrive once, at who wants them, while they are still true."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from moderation import logs
from moderation.accounts.staff import Role
from moderation.backoff import LEASE_LASTS, MAX_ATTEMPTS
from moderation.database import db, start_writing
from moderation.jobs import JobKind, JobState
from moderation.notifications.kinds import NotificationChannel
from moderation.notifications.messages import MAX_SECTION_LENGTH
from moderation.policy.brakes import BrakeKind
from moderation.tables.accounts import Staff
from moderation.tables.audit import AuditEntry
from moderation.tables.campaigns import Brake
from moderation.tables.comments import Comment
from moderation.tables.jobs import Job
from moderation.tables.monitoring import Alarm
from moderation.tables.notifications import (
    MailServerState,
    Notification,
    NotificationProfile,
)
from moderation.worker import notices, notifier
from tests.builders import Newsroom, hire
from tests.leaks.test_leaks import dump
from tests.mail_server import PASSWORD, USER, make_certificate, receiving_mail
from tests.notifications.conftest import (
    ADDRESS,
    HOME,
    LATER,
    OWN,
    Station,
    open_notifier,
)
from tests.refusals import on_sqlite

ROOT = Path(__file__).parents[2]
SECRET_TEXT = "Xylophoneconcerto in the park"
HOUR = timedelta(hours=1)


def escalate(newsroom: Newsroom, **fields: Any) -> str:
    """Send a comment and escalate it as a moderator; return its id."""
    sent = newsroom.send(**{"body": SECRET_TEXT, **fields})
    path = f"/api/v1/comments/{sent['id']}/escalation"
    answer = newsroom.as_staff().post(path, {"version": 1, "note": "Is this so?"})
    assert answer.status_code == 201, answer.text
    return str(sent["id"])


def change(staff_id: int, **values: Any) -> None:
    """Change a profile behind the API's back."""
    session = db.session()
    start_writing(session)
    session.execute(
        sa.update(NotificationProfile)
        .where(NotificationProfile.staff_id == staff_id)
        .values(**values)
    )
    session.commit()


def lead_id(station: Station) -> int:
    return station.newsroom.staff_ids[Role.LEAD]


def test_an_escalated_comment_is_told_the_lead_with_its_link_and_no_text(
    station: Station,
) -> None:
    station.confirm()
    guid = escalate(station.newsroom)
    station.work()
    (email,) = station.mail.received
    assert email["To"] == ADDRESS
    assert email["Subject"] == "A comment was escalated to you"
    assert f"{HOME}/console/comments/{guid}" in email.get_content()
    assert SECRET_TEXT not in email.get_content()
    assert "Ada" not in email.get_content()
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["List-Unsubscribe"] == f"<{HOME}/console/account#notifications>"
    assert [row["state"] for row in station.deliveries()] == ["sent", "sent"]


def test_nothing_is_told_twice(station: Station) -> None:
    station.confirm()
    escalate(station.newsroom)
    for _ in range(3):
        station.work()
    assert len(station.mail.received) == 1


def test_the_moderator_who_escalates_and_other_sites_are_told_nothing(
    station: Station, other_newsroom: Newsroom
) -> None:
    station.confirm(Role.MODERATOR)
    stranger = Station(
        newsroom=other_newsroom,
        mail=station.mail,
        chat=station.chat,
        notifier=station.notifier,
    )
    stranger.confirm(Role.LEAD, "stranger@mail.example")
    escalate(station.newsroom)
    station.work()
    assert station.mail.received == []


def test_many_events_make_one_message_a_kind(station: Station) -> None:
    station.confirm()
    for _ in range(12):
        escalate(station.newsroom)
    station.work()
    (body,) = station.bodies
    assert station.subjects == ["12 comments were escalated to you"]
    assert body.count("/console/comments/") == 10
    assert "And 2 more." in body
    escalate(station.newsroom)
    station.work(timedelta(minutes=5))
    assert len(station.mail.received) == 1  # the next one waits
    station.work(timedelta(minutes=20))
    assert station.subjects[1:] == ["A comment was escalated to you"]


def test_what_is_over_before_it_is_sent_is_not_sent(station: Station) -> None:
    station.confirm()
    guid = escalate(station.newsroom)
    now = datetime.now(UTC)
    notices.collect(station.notifier.sessions, now, station.notifier.spacing)
    body = {"verdict": "approve", "version": 2}
    decided = station.staff().post(f"/api/v1/comments/{guid}/decisions", body)
    assert decided.status_code == 201
    station.work()
    assert station.mail.received == []
    assert station.deliveries()[-1]["state"] == "dropped"


def test_an_address_gets_nothing_but_its_link_until_it_is_confirmed(
    station: Station,
) -> None:
    station.staff().put(f"{OWN}/email", {"email": ADDRESS})
    escalate(station.newsroom)
    station.work()
    assert station.subjects == ["Confirm your email address"]
    client = station.newsroom.app.test_client()
    page = client.get(station.link())
    assert page.status_code == 200  # to look confirms nothing: mail scanners look
    assert ADDRESS not in page.text
    assert station.staff().get(OWN).json["email_confirmed_at"] is None
    assert client.post(station.link()).status_code == 200
    assert station.staff().get(OWN).json["email_confirmed_at"] is not None
    assert station.staff().get(OWN).json["email"] == "l…@m….example"


def test_a_link_is_for_one_address_and_a_day(station: Station) -> None:
    client = station.newsroom.app.test_client()
    station.staff().put(f"{OWN}/email", {"email": ADDRESS})
    station.work()
    first = station.link()
    station.staff().put(f"{OWN}/email", {"email": "other@mail.example"})
    assert client.post(first).status_code == 404
    station.work()
    change(lead_id(station), email_set_at=datetime.now(UTC) - timedelta(hours=25))
    assert client.post(station.link()).status_code == 404
    for token in ("1", "1-", "x-1", "1-" + "0" * 64, "99999999999-1", "²-1"):
        assert client.get(f"/console/notifications/{token}").status_code == 404


def test_a_deleted_address_gets_nothing_more(station: Station) -> None:
    station.confirm()
    escalate(station.newsroom)
    now = datetime.now(UTC)
    notices.collect(station.notifier.sessions, now, station.notifier.spacing)
    assert station.staff().delete(f"{OWN}/email").json["email"] is None
    station.work()
    assert station.mail.received == []


def test_a_disabled_person_gets_nothing_more(station: Station) -> None:
    station.confirm()
    escalate(station.newsroom)
    now = datetime.now(UTC)
    notices.collect(station.notifier.sessions, now, station.notifier.spacing)
    session = db.session()
    start_writing(session)
    session.get_one(Staff, lead_id(station)).disabled_at = now
    session.commit()
    station.work()
    assert station.mail.received == []


def test_a_kind_that_is_not_wanted_is_not_sent(station: Station) -> None:
    station.confirm()
    chosen = station.staff().get(OWN).json
    body = {
        name: chosen[name]
        for name in ("language", "timezone", "quiet_from", "quiet_until", "digest_hour")
    }
    body["choices"] = {**chosen["choices"], "escalated": ["chat"]}
    assert station.staff().put(OWN, body).status_code == 200
    escalate(station.newsroom)
    station.work()
    assert station.mail.received == []


def test_quiet_hours_put_messages_off(station: Station) -> None:
    station.confirm()
    now = datetime.now(UTC)
    minute = now.hour * 60 + now.minute
    start, end = (minute - 60) % 1440, (minute + 120) % 1440
    change(lead_id(station), quiet_from=start, quiet_until=end)
    escalate(station.newsroom)
    station.work(HOUR)
    assert station.mail.received == []
    station.work(3 * HOUR)
    assert station.subjects == ["A comment was escalated to you"]


def test_quiet_hours_that_were_set_later_put_off_what_waits(station: Station) -> None:
    station.confirm()
    escalate(station.newsroom)
    now = datetime.now(UTC)
    notices.collect(station.notifier.sessions, now, station.notifier.spacing)
    minute = now.hour * 60 + now.minute
    start, end = (minute - 60) % 1440, (minute + 120) % 1440
    change(lead_id(station), quiet_from=start, quiet_until=end)
    station.work()
    assert station.mail.received == []
    assert station.deliveries()[-1]["attempts"] == 0
    station.work(3 * HOUR)
    assert len(station.mail.received) == 1


def test_overdue_comments_are_told_once_and_again_after_hours(
    station: Station,
) -> None:
    station.confirm(Role.MODERATOR)
    station.newsroom.send()
    station.newsroom.send()
    session = db.session()
    start_writing(session)
    due = datetime.now(UTC) - HOUR
    session.execute(sa.update(Comment).values(due_at=due))
    session.commit()
    for _ in range(2):
        station.work()
    assert station.subjects == ["Comments are overdue"]
    assert "gazette: 2 comments are overdue." in station.bodies[0]
    sessions, spacing = station.notifier.sessions, station.notifier.spacing
    notices.collect(sessions, datetime.now(UTC) + 5 * HOUR, spacing)
    station.work(6 * HOUR)
    assert len(station.mail.received) == 2


def test_overdue_comments_that_were_decided_are_forgotten(station: Station) -> None:
    station.confirm(Role.MODERATOR)
    sent = station.newsroom.send()
    session = db.session()
    start_writing(session)
    session.execute(sa.update(Comment).values(due_at=datetime.now(UTC) - HOUR))
    session.commit()
    now = datetime.now(UTC)
    notices.collect(station.notifier.sessions, now, station.notifier.spacing)
    body = {"verdict": "approve", "version": 1}
    path = f"/api/v1/comments/{sent['id']}/decisions"
    assert station.staff(Role.MODERATOR).post(path, body).status_code == 201
    station.work()
    assert station.mail.received == []


def test_a_section_s_people_are_told_of_their_section_alone(station: Station) -> None:
    newsroom = station.newsroom
    sport, token = hire(newsroom, "sport-lead", (Role.LEAD, "Sport"))
    newsroom.tokens[Role.LEAD] = token
    newsroom.staff_ids[Role.LEAD] = sport
    station.confirm()
    escalate(newsroom, article="https://gazette.example/a", article_section="Politics")
    station.work()
    assert station.mail.received == []
    guid = escalate(
        newsroom, article="https://gazette.example/b", article_section="Sport"
    )
    station.work()
    (body,) = station.bodies
    assert guid in body


def add_rows(station: Station, *rows: Any) -> None:
    session = db.session()
    start_writing(session)
    session.add_all(rows)
    session.commit()


def test_waves_drift_and_failed_jobs_are_told(station: Station) -> None:
    station.confirm(Role.ADMIN)
    now, site_id = datetime.now(UTC), station.newsroom.site_id
    brake = Brake(
        site_id=site_id,
        kind=BrakeKind.AUTHOR.value,
        subject=1,
        comment_id=1,
        quiet_minutes=30,
        since=now,
        started_at=now,
        last_at=now,
        held=41,
    )
    alarm = Alarm(
        site_id=site_id, kind="scores", subject="toxicity", details={}, created_at=now
    )
    job = Job(
        site_id=site_id,
        kind=JobKind.RETRAINING.value,
        state=JobState.FAILED.value,
        result={},
        arguments={},
        created_at=now,
        finished_at=now,
    )
    add_rows(station, brake, alarm, job)
    station.work()
    assert sorted(station.subjects) == [
        "A brake holds comments that arrive too fast",
        "A drift alert was raised",
        "A job failed",
    ]
    text = "\n".join(station.bodies)
    assert "Too many comments by one author. The brake has held 41 comments." in text
    assert "Scores are distributed differently than before (toxicity)." in text
    assert "A training run failed at" in text
    client = station.newsroom.app.test_client()
    for line in text.splitlines():
        if line.startswith(HOME):
            assert client.get(line.removeprefix(HOME)).status_code != 404, line


def test_a_failed_job_is_told_whoever_started_it(station: Station) -> None:
    station.confirm(Role.ADMIN)
    station.confirm(Role.MODERATOR, "mo@mail.example")
    now, newsroom = datetime.now(UTC), station.newsroom
    job = Job(
        site_id=newsroom.site_id,
        kind=JobKind.EXPORT.value,
        state=JobState.FAILED.value,
        result={},
        arguments={},
        created_at=now,
        finished_at=now,
        staff_id=newsroom.staff_ids[Role.MODERATOR],
    )
    add_rows(station, job)
    station.work()
    assert [message["To"] for message in station.mail.received] == ["mo@mail.example"]


def test_a_digest_comes_once_a_day_with_figures_alone(station: Station) -> None:
    station.confirm()
    newsroom = station.newsroom
    escalate(newsroom)
    sent = newsroom.send(body=SECRET_TEXT)
    body = {"verdict": "approve", "version": 1}
    path = f"/api/v1/comments/{sent['id']}/decisions"
    assert newsroom.as_staff().post(path, body).status_code == 201
    change(
        lead_id(station),
        choices={"digest": ["email"], "escalated": []},
        digested_at=datetime.now(UTC) - timedelta(days=1),
        digest_hour=datetime.now(UTC).hour,
    )
    for _ in range(2):
        station.work()
    assert station.subjects == ["Your daily digest"]
    assert (
        "gazette: 1 pending, 0 overdue, 1 escalated. Last 24 hours: 2 arrived; "
        "moderators approved 1 and rejected 0."
    ) in station.bodies[0]
    assert SECRET_TEXT not in station.bodies[0]


def test_a_text_is_quoted_where_the_site_says_so_without_addresses(
    station: Station,
) -> None:
    station.confirm()
    station.chat_of_site()
    admin = station.staff(Role.ADMIN)
    body = {"language": "en", "kinds": ["escalated"], "includes_texts": True}
    path = f"/api/v1/sites/{station.newsroom.name}/notifications"
    assert admin.put(path, body).status_code == 200
    escalate(station.newsroom, body="Write to jo@news.example <!channel> & shout")
    station.work()
    assert "> Write to [e-mail] <!channel> & shout" in station.bodies[0]
    text = station.chat.events[0]["blocks"][1]["text"]["text"]
    assert "&gt; Write" not in text
    assert "> Write to [e-mail] &lt;!channel&gt; &amp; shout" in text


def test_messages_are_in_the_person_s_language(station: Station) -> None:
    station.confirm()
    change(lead_id(station), language="ar")
    escalate(station.newsroom)
    station.work()
    assert station.subjects == ["رُفع إليك تعليق"]


@pytest.mark.parametrize("chat_format", ["slack", "teams"])
def test_a_site_s_chat_gets_its_format(station: Station, chat_format: str) -> None:
    station.chat_of_site(chat_format)
    guid = escalate(station.newsroom)
    station.work()
    (message,) = station.chat.events
    url = f"{HOME}/console/comments/{guid}"
    assert SECRET_TEXT not in json.dumps(message)
    if chat_format == "slack":
        assert message["text"] == "A comment was escalated to you"
        header, section, _ = message["blocks"]
        assert header["type"] == "header"
        assert f"<{url}|Open in Comment desk>" in section["text"]["text"]
        assert len(section["text"]["text"]) <= MAX_SECTION_LENGTH
    else:
        (attachment,) = message["attachments"]
        kind = "application/vnd.microsoft.card.adaptive"
        assert (message["type"], attachment["contentType"]) == ("message", kind)
        card = attachment["content"]
        assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
        assert card["actions"][0]["url"] == url
        assert {element["type"] for element in card["body"]} == {"RichTextBlock"}


def test_a_person_s_own_chat_is_told(station: Station) -> None:
    body = {"url": station.chat.url, "format": "slack"}
    assert station.staff().put(f"{OWN}/chat", body).status_code == 200
    escalate(station.newsroom)
    station.work()
    assert len(station.chat.received) == 1
    assert station.staff().delete(f"{OWN}/chat").json["chat"] is None


@pytest.mark.parametrize(("status", "state"), [(404, "failed"), (503, "waiting")])
def test_a_chat_that_refuses_is_given_up_or_tried_again(
    station: Station, status: int, state: str
) -> None:
    station.chat_of_site()
    station.chat.status = status
    escalate(station.newsroom)
    station.work()
    path = f"/api/v1/sites/{station.newsroom.name}/notifications/deliveries"
    (row,) = station.staff(Role.ADMIN).get(path).json["notifications"]
    assert (row["state"], row["fault"], row["attempts"]) == (state, f"{status}", 1)
    assert row["to"] is None
    station.chat.status = 200
    station.work(HOUR)
    assert len(station.chat.received) == (1 if state == "failed" else 2)


def test_a_mail_server_that_is_down_rests_and_is_visible_to_admins(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    station.confirm()
    station.mail.greeting = "421 not now"
    escalate(station.newsroom)
    station.work()
    (row,) = (one for one in station.deliveries() if one["kind"] == "escalated")
    assert (row["state"], row["attempts"]) == ("waiting", 1)
    path = f"/api/v1/sites/{station.newsroom.name}/notifications"
    state = station.staff(Role.ADMIN).get(path).json["mail_server"]
    assert state["fault"] == "the mail server failed (421)"
    assert state["failing_since"] is not None
    session = db.session()
    start_writing(session)
    long_ago = datetime.now(UTC) - HOUR
    session.execute(sa.update(MailServerState).values(failing_since=long_ago))
    session.commit()
    ready = station.newsroom.app.test_client().get("/readyz").json
    assert ready is not None
    assert "the mail server failed (421)" in ready["notifications"]
    station.mail.greeting = "220 back"
    station.work(HOUR)
    assert station.subjects == ["A comment was escalated to you"]
    state = station.staff(Role.ADMIN).get(path).json["mail_server"]
    assert state["failing_since"] is state["fault"] is None


@pytest.mark.parametrize(
    ("verb", "answer", "state"),
    [
        ("RCPT", "550 5.1.1 <lena.lead@mail.example> is no one here", "failed"),
        ("RCPT", "450 later", "waiting"),
        ("DATA", "554 this is spam", "failed"),
        ("DATA", "451 later", "waiting"),
    ],
)
def test_a_refused_email_is_given_up_or_tried_again_without_a_word_of_the_server(
    station: Station, verb: str, answer: str, state: str
) -> None:
    station.confirm()
    station.mail.answers[verb] = answer
    escalate(station.newsroom)
    station.work()
    row = station.deliveries()[-1]
    assert row["state"] == state
    assert row["fault"].startswith("the mail server refused")
    assert answer[:3] in row["fault"]
    assert "lena" not in row["fault"]


def test_what_always_fails_is_given_up_after_a_day(station: Station) -> None:
    station.chat_of_site()
    station.chat.status = 500
    escalate(station.newsroom)
    for hours in range(48):
        station.work(hours * HOUR)
    assert len(station.chat.received) == MAX_ATTEMPTS
    (row,) = db.session().scalars(sa.select(Notification))
    assert row.state == "failed"


def test_a_worker_that_always_dies_over_a_message_gives_it_up(
    station: Station,
) -> None:
    station.chat_of_site()
    escalate(station.newsroom)
    now = datetime.now(UTC)
    notices.collect(station.notifier.sessions, now, station.notifier.spacing)
    session = db.session()
    start_writing(session)
    session.execute(sa.update(Notification).values(attempts=MAX_ATTEMPTS))
    session.commit()
    station.work(HOUR)
    (row,) = db.session().scalars(sa.select(Notification))
    assert (row.state, station.chat.received) == ("failed", [])


def test_several_workers_send_each_message_once(station: Station) -> None:
    station.chat_of_site()
    station.confirm()
    for _ in range(3):
        escalate(station.newsroom)

    def work() -> None:
        with station.newsroom.app.app_context():
            station.work()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(8)]:
            done.result()
    station.work()
    assert (len(station.mail.received), len(station.chat.received)) == (1, 1)


KILLED = """
import os, signal, sys
from moderation import create_app
from moderation.notifications import mail, outbox
from moderation.notifications.kinds import NotificationChannel
from moderation.worker import notifier
from tests.notifications.conftest import open_notifier, LATER
from datetime import UTC, datetime

def die(*_args, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "before":
    mail.send = die
else:
    outbox.settle = die
app = create_app(os.environ)
with app.app_context():
    now = datetime.now(UTC) + LATER
    notifier.send_next(open_notifier(app), NotificationChannel.EMAIL, now)
"""


@pytest.mark.parametrize(("moment", "copies"), [("before", 1), ("after", 2)])
def test_what_a_killed_worker_was_sending_is_sent_by_the_next(
    station: Station,
    environment: dict[str, str],
    mail_settings: dict[str, str],
    moment: str,
    copies: int,
) -> None:
    station.confirm()
    escalate(station.newsroom)
    now = datetime.now(UTC)
    notices.collect(station.notifier.sessions, now, station.notifier.spacing)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, moment],
        cwd=ROOT,
        env={**os.environ, **environment, **mail_settings},
        check=False,
        timeout=120,
    )
    assert killed.returncode == -signal.SIGKILL
    station.work()  # leased still
    assert len(station.mail.received) == copies - 1
    station.work(LATER + LEASE_LASTS + timedelta(seconds=5))
    assert len(station.mail.received) == copies
    # A copy is recognized as one: by the same ID.
    assert len({message["Message-ID"] for message in station.mail.received}) == 1


def test_neither_addresses_nor_secrets_are_stored_or_logged_in_clear(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")  # puts it back afterwards
    logs.configure("DEBUG")
    station.confirm()
    station.chat_of_site()
    body = {"url": f"{station.chat.home}/own/secret", "format": "teams"}
    station.staff().put(f"{OWN}/chat", body)
    escalate(station.newsroom)
    station.work()
    assert len(station.chat.received) == 2
    everywhere = dump(db.session()) + caplog.text
    for secret in ("lena.lead", "/own/secret", "/hook/secret"):
        assert secret not in everywhere
    shown = station.staff().get(OWN).text
    assert "lena.lead" not in shown
    assert "secret" not in shown


@on_sqlite
@pytest.mark.parametrize("is_at_once", [False, True])
def test_email_goes_over_tls_with_a_log_in(
    make_app: Callable[..., Flask],
    mail_settings: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_at_once: bool,
) -> None:
    certificate = make_certificate(tmp_path)
    with receiving_mail(certificate, is_tls_at_once=is_at_once) as server:
        app = make_app(
            **{
                **mail_settings,
                "MODERATION_SMTP_PORT": f"{server.port}",
                "MODERATION_SMTP_SECURITY": "tls" if is_at_once else "starttls",
                "MODERATION_SMTP_USER": USER,
                "MODERATION_SMTP_PASSWORD": PASSWORD,
            }
        )
        with app.app_context():
            notify = open_notifier(app)
            assert send_one(notify) == "the mail server's certificate isn't valid"
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert send_one(notify) is None
    assert (server.secure, server.known) == ([True], [True])


@on_sqlite
def test_nothing_is_sent_in_clear_where_tls_is_asked_for(
    make_app: Callable[..., Flask], mail_settings: dict[str, str]
) -> None:
    with receiving_mail() as server:  # it doesn't offer STARTTLS
        app = make_app(
            **{
                **mail_settings,
                "MODERATION_SMTP_PORT": f"{server.port}",
                "MODERATION_SMTP_SECURITY": "starttls",
                "MODERATION_SMTP_USER": USER,
                "MODERATION_SMTP_PASSWORD": PASSWORD,
            }
        )
        with app.app_context():
            fault = send_one(open_notifier(app))
    assert fault == "the mail server doesn't offer what the settings ask for"
    assert not any(line.startswith(("AUTH", "RCPT")) for line in server.spoken)


def send_one(notify: notifier.Notifier) -> str | None:
    """Send an email past the outbox; return the fault."""
    from moderation.notifications import mail
    from moderation.notifications.messages import Message, MessageLine, to_email

    assert notify.server is not None
    message = Message(
        title="Hello",
        lines=[MessageLine(text="Line.")],
        link_text="Open",
        reason="Because.",
    )
    email = to_email(
        message,
        sender=notify.server.sender,
        recipient=ADDRESS,
        number=1,
        at=datetime.now(UTC),
    )
    return mail.send(notify.server, email).fault


def test_old_notifications_are_forgotten(station: Station) -> None:
    station.chat_of_site()
    escalate(station.newsroom)
    station.work()
    sessions = station.notifier.sessions
    assert notices.prune(sessions, datetime.now(UTC)) is False
    assert db.session().scalar(sa.select(sa.func.count(Notification.id))) == 1
    db.session().rollback()
    notices.prune(sessions, datetime.now(UTC) + timedelta(days=31))
    assert db.session().scalar(sa.select(sa.func.count(Notification.id))) == 0


def test_a_channel_has_nothing_to_send_without_a_message(station: Station) -> None:
    assert not notifier.send_next(station.notifier, NotificationChannel.CHAT)


def with_server(notify: notifier.Notifier, **changes: Any) -> notifier.Notifier:
    """Return what a worker has whose mail server is set otherwise."""
    assert notify.server is not None
    return replace(notify, server=replace(notify.server, **changes))


@on_sqlite
def test_what_is_wrong_with_the_mail_server_is_told_in_plain_words(
    station: Station,
) -> None:
    notify = station.notifier
    wrong = with_server(notify, user=USER, password="wrong")
    assert send_one(wrong) == "the mail server refused the log-in (535)"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    fault = send_one(with_server(notify, port=port))
    assert fault == "the mail server doesn't answer (ConnectionRefusedError)"
    station.mail.answers["MAIL"] = "553 not from you"
    assert send_one(notify) == "the mail server refused the sender (553)"


@on_sqlite
def test_without_a_mail_server_emails_wait(station: Station) -> None:
    station.confirm()
    escalate(station.newsroom)
    replace(station, notifier=replace(station.notifier, server=None)).work()
    row = station.deliveries()[-1]
    assert (row["state"], row["fault"]) == ("waiting", "no mail server is set")


@on_sqlite
def test_an_address_whose_key_is_gone_is_given_up(station: Station) -> None:
    station.confirm()
    change(lead_id(station), sealed_email="k0.AAAA")
    escalate(station.newsroom)
    station.work()
    row = station.deliveries()[-1]
    assert row["state"] == "failed"
    assert row["fault"] == "the address can't be read: its key is gone"
    assert station.staff().get(OWN).json["email"] == "…"


@on_sqlite
def test_no_header_holds_a_line_break(station: Station) -> None:
    assert station.notifier.server is not None
    injected = with_server(
        station.notifier, sender="a@b.example\r\nBcc: everyone@b.example"
    )
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        send_one(injected)
    assert station.mail.received == []


@on_sqlite
def test_a_confirmed_address_is_in_the_audit_log(station: Station) -> None:
    station.confirm()
    actions = db.session().scalars(sa.select(AuditEntry.action)).all()
    assert "notifications.email_confirmed" in actions
