"""Wrong passwords and codes slow down their sender, and lock no one else out.

Based on CWE-645 (overly restrictive account lockout), and on eBay, as Bruce Schneier
describes it in "Secrets and Lies" (2000): bidders locked rivals out with wrong
passwords in the last minutes of an auction.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from moderation.accounts import (
    credentials,
    known_devices,
    login_attempts,
    second_factor,
)
from moderation.accounts import staff as people
from moderation.accounts.login_attempts import Admission, LoginAttempt, Stage
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.errors import TooManyRequests
from moderation.keyed_hashes import HashKeys
from moderation.tables.accounts import FailedAttempts, KnownDevice
from moderation.web.cookies import HOST_PREFIX
from moderation.web.login import DEVICE_COOKIE
from moderation.web.services import services_of
from tests.builders import NOW, PASSWORD, Newsroom, open_newsroom
from tests.refusals import on_sqlite

SESSION = "/api/v1/session"
LOGIN = "gazette-moderator"
TLS = "https://desk.example"
HERE, ELSEWHERE = "192.0.2.10", "198.51.100.7"
FREE = 3  # failures


class Visitor:
    """A browser or program at an address, which keeps its cookies."""

    def __init__(self, app: Flask, address: str = HERE) -> None:
        self.client: FlaskClient = app.test_client()
        self.address = address

    def log_in(self, login: str = LOGIN, password: str = PASSWORD, **more: str) -> Any:
        return self.post(SESSION, json={"login": login, "password": password, **more})

    def fail(self, times: int = FREE, login: str = LOGIN) -> list[int]:
        return [self.log_in(login, "wrong").status_code for _ in range(times)]

    def post(self, path: str, **sent: Any) -> Any:
        headers = {"X-Forwarded-For": self.address, "X-Forwarded-Proto": "https"}
        return self.client.post(path, base_url=TLS, headers=headers, **sent)

    def device(self) -> str | None:
        name = HOST_PREFIX + DEVICE_COOKIE
        cookie = self.client.get_cookie(name, domain="desk.example")
        return cookie.value if cookie else None


@pytest.fixture
def newsroom(make_app: Callable[..., Flask]) -> Newsroom:
    """A newsroom whose limits are those of production, but for their number."""
    app = make_app(
        MODERATION_LOGIN_LIMIT=f"{FREE} per minute", MODERATION_TRUSTED_PROXIES="1"
    )
    with app.app_context():
        return open_newsroom(app, "gazette")


@pytest.fixture
def app(newsroom: Newsroom) -> Flask:
    return newsroom.app


@pytest.fixture
def totp(newsroom: Newsroom) -> pyotp.TOTP:
    """The moderator's second factor, switched on an hour ago."""
    with newsroom.app.app_context():
        session, services = db.session(), services_of(newsroom.app)
        staff_id, then = newsroom.staff_ids[Role.MODERATOR], datetime.now(UTC)
        then -= timedelta(hours=1)
        start_writing(session)
        enrolment = second_factor.create_factor(
            session, staff_id, LOGIN, services.privacy, then
        )
        session.flush()
        totp = pyotp.TOTP(enrolment.secret)
        second_factor.confirm_factor(
            session,
            staff_id,
            totp.at(then),
            privacy=services.privacy,
            hash_keys=services.token_key,
            now=then,
        )
        session.commit()
    return totp


def let_pass(app: Flask, wait: timedelta) -> None:
    """Let time pass, as the stored counters see it."""
    with app.app_context():
        session = db.session()
        start_writing(session)
        for row in session.scalars(sa.select(FailedAttempts)):
            row.blocked_until -= wait
            row.expires_at -= wait
        session.commit()


def test_a_stranger_locks_nobody_out_of_a_known_device(app: Flask) -> None:
    owner = Visitor(app)
    assert owner.log_in().status_code == 201
    for number in range(FREE * 3):
        Visitor(app, f"203.0.{number}.1").fail(1)
    Visitor(app, HERE).fail(FREE * 2)  # from the owner's own network, too
    assert Visitor(app, HERE).log_in().status_code == 429
    assert owner.log_in().status_code == 201


def test_failures_slow_down_their_network_for_every_username(app: Flask) -> None:
    guesser = Visitor(app)
    assert guesser.fail(FREE + 1) == [401] * FREE + [429]
    assert guesser.log_in("gazette-lead").status_code == 429
    neighbor = Visitor(app, "192.0.2.200")
    assert neighbor.log_in("gazette-lead").status_code == 429
    assert Visitor(app, ELSEWHERE).log_in("gazette-lead").status_code == 201


def test_only_failures_count(app: Flask) -> None:
    codes = [Visitor(app).log_in().status_code for _ in range(FREE * 2)]
    assert codes == [201] * FREE * 2


def test_each_further_failure_doubles_the_delay(app: Flask) -> None:
    attempt = LoginAttempt(
        stage=Stage.PASSWORD,
        login=LOGIN,
        network="a" * 64,
        device_token="",
        at=NOW,
        free_count=FREE,
        first_delay=timedelta(minutes=1),
        hash_keys=HashKeys.of([b"k" * 32]),
    )
    failed = Admission(device_id=None)
    with app.app_context():
        session = db.session()
        for _ in range(FREE):
            login_attempts.record_failed_login(session, attempt, failed)
        delays = []
        for _ in range(6):
            with pytest.raises(TooManyRequests) as refusal:
                login_attempts.find_admission(session, attempt)
            seconds = refusal.value.retry_after_seconds
            delays.append(seconds)
            almost = attempt.at + timedelta(seconds=seconds - 1)
            with pytest.raises(TooManyRequests):
                login_attempts.find_admission(session, replace(attempt, at=almost))
            attempt = replace(attempt, at=attempt.at + timedelta(seconds=seconds))
            login_attempts.find_admission(session, attempt)
            login_attempts.record_failed_login(session, attempt, failed)
    assert delays == [60, 120, 240, 480, 900, 900]


def test_after_the_true_seconds_the_right_password_passes(app: Flask) -> None:
    Visitor(app).fail(FREE)
    refused = Visitor(app).log_in()
    seconds = int(refused.headers["Retry-After"])
    assert refused.json == {
        "code": "too_many_requests",
        "message": f"Too many requests; try again in {seconds} s.",
    }
    let_pass(app, timedelta(seconds=seconds))
    assert Visitor(app).log_in().status_code == 201


def test_a_username_waits_only_a_minute_from_elsewhere(app: Flask) -> None:
    for number in range(FREE * 4):
        Visitor(app, f"203.0.{number}.1").fail(1)
        let_pass(app, timedelta(minutes=1))
    Visitor(app, "203.0.99.1").fail(1)
    refused = Visitor(app, ELSEWHERE).log_in()
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 60
    let_pass(app, timedelta(minutes=1))
    assert Visitor(app, ELSEWHERE).log_in().status_code == 201


def test_a_quiet_hour_forgets(app: Flask) -> None:
    guesser = Visitor(app)
    guesser.fail(FREE)
    let_pass(app, timedelta(hours=1, minutes=1))
    assert guesser.fail(FREE + 1) == [401] * FREE + [429]


def test_usernames_that_nobody_has_are_counted_alike(app: Flask) -> None:
    names = [LOGIN, "nobody", "jane@mail.example"]
    answers = []
    for number, name in enumerate(names):
        guesser = Visitor(app, f"203.0.{number}.1")
        tries = [guesser.log_in(name, "wrong") for _ in range(FREE + 2)]
        answers.append(
            [
                (each.status_code, each.headers.get("Retry-After"), each.json)
                for each in tries
            ]
        )
    for others in answers[1:]:
        for mine, theirs in zip(answers[0], others, strict=True):
            assert mine[0] == theirs[0]
            assert mine[2]["code"] == theirs[2]["code"]
    assert [code for code, _, _ in answers[0]] == [401] * FREE + [429] * 2


def statements(app: Flask, login: str) -> list[str]:
    """Return what a failed log-in asks the database, without the values."""
    texts: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        texts.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert (
            Visitor(app, f"203.0.{len(login)}.1").log_in(login, "x").status_code == 401
        )
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return texts


def test_a_failure_costs_the_same_for_every_username(app: Flask) -> None:
    assert statements(app, LOGIN) == statements(app, "nobody")


def test_a_device_is_its_persons_alone(app: Flask) -> None:
    owner = Visitor(app)
    owner.log_in()
    Visitor(app).fail(FREE)
    assert owner.log_in("gazette-lead").status_code == 429


@pytest.mark.parametrize("token", ["", "x", "staff_" + "A" * 43])
def test_a_forged_cookie_is_no_known_device(app: Flask, token: str) -> None:
    Visitor(app).fail(FREE)
    forger = Visitor(app)
    forger.client.set_cookie(
        HOST_PREFIX + DEVICE_COOKIE, token, domain="desk.example", secure=True
    )
    assert forger.log_in().status_code == 429


def test_the_cookie_is_the_hosts_alone_and_no_scripts(app: Flask) -> None:
    answer = Visitor(app).log_in()
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{HOST_PREFIX}{DEVICE_COOKIE}=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Strict"):
        assert f"; {part}" in cookie
    with app.app_context():
        (device,) = db.session().scalars(sa.select(KnownDevice)).all()
    assert re.fullmatch(r"[0-9a-f]{8}\.[0-9a-f]{55}", device.token_hash)
    assert device.token_hash not in cookie


def test_a_wrong_password_makes_no_device_known(app: Flask) -> None:
    guesser = Visitor(app)
    guesser.fail(1)
    assert guesser.device() is None


def test_a_new_password_makes_devices_unknown(app: Flask) -> None:
    owner, new = Visitor(app), "another correct horse"
    owner.log_in()
    with app.app_context():
        session = db.session()
        start_writing(session)
        person = people.get_staff(session, LOGIN)
        credentials.set_password(session, person, new, now=datetime.now(UTC))
        session.commit()
    Visitor(app).fail(FREE)
    assert owner.log_in(password=new).status_code == 429


def test_a_new_second_factor_makes_devices_unknown(
    app: Flask, request: pytest.FixtureRequest
) -> None:
    owner = Visitor(app)
    owner.log_in()
    request.getfixturevalue("totp")
    Visitor(app).fail(FREE)
    assert owner.log_in().status_code == 429


def test_guesses_on_a_stolen_device_end_its_privilege(app: Flask) -> None:
    thief = Visitor(app)
    thief.log_in()
    limit = known_devices.MAX_FAILURES
    assert thief.fail(limit + FREE + 1) == [401] * (limit + FREE) + [429]
    assert thief.log_in().status_code == 429
    assert Visitor(app, ELSEWHERE).log_in("gazette-lead").status_code == 201


def test_a_log_in_clears_the_devices_failures(app: Flask) -> None:
    owner = Visitor(app)
    owner.log_in()
    for _ in range(2):
        owner.fail(known_devices.MAX_FAILURES - 1)
        assert owner.log_in().status_code == 201


def test_a_person_has_no_endless_devices(app: Flask) -> None:
    for _ in range(known_devices.MAX_DEVICES + 2):
        Visitor(app).log_in()
    with app.app_context():
        count = db.session().scalar(sa.select(sa.func.count(KnownDevice.id)))
    assert count == known_devices.MAX_DEVICES


def test_a_thief_of_the_password_locks_no_known_device_out(
    app: Flask, totp: pyotp.TOTP
) -> None:
    owner = Visitor(app)
    assert owner.log_in(code=totp.now()).status_code == 201
    for number in range(FREE * 2):
        Visitor(app, f"203.0.{number}.1").log_in(code="000000")
    refused = Visitor(app, ELSEWHERE).log_in(code="000000")
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
    later = totp.at(datetime.now(UTC) + timedelta(seconds=30))  # early, but valid
    assert owner.log_in(code=later).status_code == 201


def test_recovery_codes_are_slowed_down_like_others(
    app: Flask, totp: pyotp.TOTP
) -> None:
    guesser = Visitor(app)
    codes = [
        guesser.log_in(code=f"{secrets.token_hex(3)}-guess").status_code
        for _ in range(FREE + 1)
    ]
    assert codes == [401] * FREE + [429]


def test_a_new_password_ends_the_lockout_of_codes(app: Flask, totp: pyotp.TOTP) -> None:
    for number in range(FREE):
        Visitor(app, f"203.0.{number}.1").log_in(code="000000")
    assert Visitor(app, ELSEWHERE).log_in(code=totp.now()).status_code == 429
    new = "another correct horse"
    with app.app_context():
        session = db.session()
        start_writing(session)
        person = people.get_staff(session, LOGIN)
        credentials.set_password(session, person, new, now=datetime.now(UTC))
        session.commit()
    owner = Visitor(app, ELSEWHERE)
    assert owner.log_in(password=new, code=totp.now()).status_code == 201


@on_sqlite
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Try again in"), ("ar", "أعد المحاولة بعد")],
)
def test_the_page_says_how_long_to_wait(app: Flask, language: str, words: str) -> None:
    visitor = Visitor(app)
    visitor.fail(FREE)
    visitor.client.set_cookie("moderation_language", language, domain="desk.example")
    form = {"login": LOGIN, "password": PASSWORD}
    page = visitor.post("/console/login", data=form)
    assert page.status_code == 429
    assert words in page.text
    assert 1 <= int(page.headers["Retry-After"]) <= 60


@on_sqlite
def test_the_page_passes_from_a_known_device(app: Flask) -> None:
    owner, form = Visitor(app), {"login": LOGIN, "password": PASSWORD}
    assert owner.post("/console/login", data=form).status_code == 303
    Visitor(app).fail(FREE)
    assert Visitor(app).post("/console/login", data=form).status_code == 429
    assert owner.post("/console/login", data=form).status_code == 303


def test_log_lines_name_no_username_and_no_address(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "moderation")
    typed = "jane@mail.example"
    guesser = Visitor(app, ELSEWHERE)
    guesser.fail(FREE - 1, typed)
    guesser.fail(1)
    Visitor(app).log_in()
    lines = [record.getMessage() for record in caplog.records]
    text = "\n".join(lines)
    for secret in (typed, LOGIN, ELSEWHERE, HERE, "wrong password wrong", PASSWORD):
        assert secret not in text
    number = r"[0-9a-f]{16}"
    expected = [
        *[f"failed log-in of unknown username {number}: wrong password, .*"] * 2,
        rf"failed log-in of person \d+: wrong password, network {number}",
        rf"lockout: log-ins of person \d+ or from network {number} wait up to 60 s, .*",
        rf"log-in of person \d+, network {number}",
    ]
    ours = [line for line in lines if "log-in" in line]
    assert len(ours) == len(expected)
    for line, pattern in zip(ours, expected, strict=True):
        assert re.fullmatch(pattern, line)


def test_the_tables_hold_no_username_and_no_address(app: Flask) -> None:
    Visitor(app).fail(1)
    with app.app_context():
        rows = db.session().scalars(sa.select(FailedAttempts)).all()
    assert len(rows) == 3
    for row in rows:
        assert re.fullmatch(r"[0-9a-f]{8}\.[0-9a-f]{55}", row.key_hash)


@on_sqlite
def test_a_password_is_not_taken_over_plain_http(app: Flask) -> None:
    body = {"login": LOGIN, "password": PASSWORD}
    client = app.test_client()
    answer: Any = client.post(SESSION, json=body, base_url="http://desk.example")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert "https" in answer.json["message"]
    assert "Set-Cookie" not in answer.headers
