"""The second factor: what passes, what passes once, and what never does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from moderation.accounts import credentials, second_factor, staff
from moderation.accounts.staff import Role
from moderation.cli.main import main
from moderation.database import db, start_writing
from moderation.errors import Conflict, SecondFactorNeeded, Unauthenticated
from moderation.keyed_hashes import HashKeys
from moderation.privacy import Privacy, UnreadableEmail
from moderation.tables.accounts import RecoveryCode, SecondFactor
from moderation.web.auth import CONSOLE_HEADER
from moderation.web.services import services_of
from tests.builders import NOW, PASSWORD, Caller, Newsroom, open_newsroom
from tests.refusals import assert_refused, on_sqlite

SESSION = "/api/v1/session"
LOGIN = "gazette-moderator"
FORM = {"login": LOGIN, "password": PASSWORD}
OURS = {CONSOLE_HEADER: "1"}
HALF_A_MINUTE = timedelta(seconds=30)
KEY = HashKeys.of([b"k" * 32])


@pytest.fixture
def privacy(app: Flask) -> Privacy:
    return services_of(app).privacy


@pytest.fixture
def staff_id(newsroom: Newsroom) -> int:
    return newsroom.staff_ids[Role.MODERATOR]


@pytest.fixture
def enrolled(
    session: Session, staff_id: int, privacy: Privacy
) -> tuple[pyotp.TOTP, list[str]]:
    """A person with a second factor, which a code of an hour ago switched on."""
    return enrol(session, staff_id, privacy, KEY, NOW - timedelta(hours=1))


def enrol(
    session: Session, staff_id: int, privacy: Privacy, key: HashKeys, now: datetime
) -> tuple[pyotp.TOTP, list[str]]:
    start_writing(session)
    made = second_factor.create_factor(session, staff_id, LOGIN, privacy, now)
    session.flush()
    totp = pyotp.TOTP(made.secret)
    codes = second_factor.confirm_factor(
        session, staff_id, totp.at(now), privacy=privacy, hash_keys=key, now=now
    )
    session.commit()
    return totp, codes


def check(session: Session, staff_id: int, code: str | None, privacy: Privacy) -> None:
    second_factor.verify_code(
        session, staff_id, code, privacy=privacy, hash_keys=KEY, now=NOW
    )


def test_who_has_none_needs_no_code(
    session: Session, staff_id: int, privacy: Privacy
) -> None:
    check(session, staff_id, None, privacy)
    assert not second_factor.is_on(session, staff_id)


def test_a_secret_counts_only_when_a_code_was_shown(
    session: Session, staff_id: int, privacy: Privacy
) -> None:
    start_writing(session)
    made = second_factor.create_factor(session, staff_id, LOGIN, privacy, NOW)
    session.flush()
    check(session, staff_id, None, privacy)
    with pytest.raises(Unauthenticated):
        second_factor.confirm_factor(
            session, staff_id, "000000", privacy=privacy, hash_keys=KEY, now=NOW
        )
    found = second_factor.find_pending(session, staff_id, LOGIN, privacy)
    assert found == made
    assert made.address.startswith("otpauth://totp/Comment%20desk:gazette-moderator?")


def test_a_second_one_is_refused(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
) -> None:
    with pytest.raises(Conflict):
        second_factor.create_factor(session, staff_id, LOGIN, privacy, NOW)
    assert second_factor.find_pending(session, staff_id, LOGIN, privacy) is None


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_passes_though_a_clock_is_half_a_minute_off(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
    steps: int,
) -> None:
    check(session, staff_id, enrolled[0].at(NOW + steps * HALF_A_MINUTE), privacy)


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_time_does_not_pass(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
    steps: int,
) -> None:
    with pytest.raises(Unauthenticated):
        check(session, staff_id, enrolled[0].at(NOW + steps * HALF_A_MINUTE), privacy)


def test_a_code_passes_once_and_then_none_before_it(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
) -> None:
    totp, _ = enrolled
    check(session, staff_id, totp.at(NOW), privacy)
    for code in (totp.at(NOW), totp.at(NOW - HALF_A_MINUTE)):
        with pytest.raises(Unauthenticated):
            check(session, staff_id, code, privacy)


@pytest.mark.parametrize("code", [None, ""])
def test_a_missing_code_is_asked_for(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
    code: str | None,
) -> None:
    with pytest.raises(SecondFactorNeeded):
        check(session, staff_id, code, privacy)


@pytest.mark.parametrize(
    "code", ["12345", "1234567", "１２３４５６", "-", "aaaaa-aaaaa"]
)
def test_what_is_no_code_does_not_pass(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
    code: str,
) -> None:
    with pytest.raises(Unauthenticated):
        check(session, staff_id, code, privacy)


def test_a_recovery_code_passes_once(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
) -> None:
    _, codes = enrolled
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    start_writing(session)
    check(session, staff_id, f" {codes[0].upper()} ", privacy)
    with pytest.raises(Unauthenticated):
        check(session, staff_id, codes[0], privacy)
    left = second_factor.count_recovery_codes(session, staff_id)
    assert left == second_factor.RECOVERY_CODES - 1


def test_new_recovery_codes_end_the_old_ones(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
) -> None:
    start_writing(session)
    fresh = second_factor.renew_recovery_codes(session, staff_id, KEY)
    with pytest.raises(Unauthenticated):
        check(session, staff_id, enrolled[1][0], privacy)
    check(session, staff_id, fresh[0], privacy)


def test_nothing_stored_tells_the_secret_or_a_code(
    session: Session,
    staff_id: int,
    privacy: Privacy,
    enrolled: tuple[pyotp.TOTP, list[str]],
) -> None:
    totp, codes = enrolled
    factor = session.get_one(SecondFactor, staff_id)
    assert totp.secret not in factor.sealed_secret
    assert privacy.open_factor(factor.sealed_secret, staff_id) == totp.secret
    with pytest.raises(UnreadableEmail):
        privacy.open_factor(factor.sealed_secret, staff_id + 1)
    hashes = " ".join(session.scalars(sa.select(RecoveryCode.code_hash)))
    assert not any(code in hashes for code in codes)


# -- over the API -----------------------------------------------------------------


@pytest.fixture
def guarded(newsroom: Newsroom, session: Session, privacy: Privacy) -> pyotp.TOTP:
    """The moderator has a second factor, switched on an hour ago."""
    key = services_of(newsroom.app).token_key
    earlier = datetime.now(UTC) - timedelta(hours=1)
    staff_id = newsroom.staff_ids[Role.MODERATOR]
    return enrol(session, staff_id, privacy, key, earlier)[0]


@on_sqlite
def test_the_api_asks_for_the_code(newsroom: Newsroom, guarded: pyotp.TOTP) -> None:
    caller = Caller(newsroom.app.test_client(), "")
    answer = caller.post(SESSION, FORM)
    assert_refused(answer, 401)
    assert answer.json["code"] == "second_factor_needed"
    assert_refused(caller.post(SESSION, {**FORM, "code": "000000"}), 401)
    code = guarded.now()
    assert caller.post(SESSION, {**FORM, "code": code}).status_code == 201
    assert_refused(caller.post(SESSION, {**FORM, "code": code}), 401)


@on_sqlite
def test_a_wrong_password_is_told_alike_with_and_without(
    newsroom: Newsroom, guarded: pyotp.TOTP
) -> None:
    caller = Caller(newsroom.app.test_client(), "")
    wrong = {**FORM, "password": "wrong", "code": guarded.now()}
    answers = [
        caller.post(SESSION, {**wrong, "login": login})
        for login in (LOGIN, "gazette-lead", "nobody")
    ]
    assert len({(each.status_code, each.text) for each in answers}) == 1


@on_sqlite
def test_guessing_codes_ends(newsroom: Newsroom, guarded: pyotp.TOTP) -> None:
    caller = Caller(newsroom.app.test_client(), "")
    for _ in range(20):
        assert_refused(caller.post(SESSION, {**FORM, "code": "000000"}), 401)
    assert_refused(caller.post(SESSION, {**FORM, "code": guarded.now()}), 429)


@on_sqlite
@pytest.mark.parametrize("code", ["\x00", "9" * 65, 123456])
def test_a_hostile_code_is_refused(
    newsroom: Newsroom, guarded: pyotp.TOTP, code: object
) -> None:
    caller = Caller(newsroom.app.test_client(), "")
    assert_refused(caller.post(SESSION, {**FORM, "code": code}), 422, "code")


@on_sqlite
@pytest.mark.parametrize(
    ("required", "refused"),
    [
        ("none", set()),
        ("admins", {Role.ADMIN}),
        ("leads", {Role.LEAD, Role.ADMIN}),
        ("all", set(Role)),
    ],
)
def test_who_must_have_one_gets_nothing_before(
    make_app: Callable[..., Flask], required: str, refused: set[Role]
) -> None:
    app = make_app(MODERATION_REQUIRE_TOTP=required)
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        for role in Role:
            caller = newsroom.as_staff(role)
            assert caller.get(SESSION).status_code == 200
            queue = caller.get("/api/v1/queue")
            if role in refused:
                assert_refused(queue, 403)
                assert queue.json["code"] == "second_factor_required"
            else:
                assert queue.status_code == 200


# -- in the console ---------------------------------------------------------------


def ticket_of(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


@on_sqlite
def test_the_console_asks_for_the_code(
    guarded: pyotp.TOTP, client: FlaskClient
) -> None:
    page = client.post("/console/login", data=FORM)
    assert "Set-Cookie" not in page.headers
    assert PASSWORD not in page.text
    form = {"ticket": ticket_of(page.text), "code": "000 000"}
    again = client.post("/console/login/code", data=form)
    assert again.status_code == 401
    assert "The code is wrong" in again.text
    form = {"ticket": ticket_of(again.text), "code": guarded.now()}
    assert client.post("/console/login/code", data=form).status_code == 303
    assert client.get("/api/v1/queue", headers=OURS).status_code == 200


@on_sqlite
@pytest.mark.parametrize("ticket", ["", "made-up", "WzFd.aaaa.bbbb"])
def test_a_code_without_a_password_opens_nothing(
    guarded: pyotp.TOTP, client: FlaskClient, ticket: str
) -> None:
    form = {"ticket": ticket, "code": guarded.now()}
    answer = client.post("/console/login/code", data=form)
    assert answer.headers["Location"] == "/console/login"
    assert client.get("/api/v1/queue", headers=OURS).status_code == 401


@on_sqlite
def test_a_changed_password_ends_the_way_to_the_code(
    newsroom: Newsroom, guarded: pyotp.TOTP, client: FlaskClient
) -> None:
    ticket = ticket_of(client.post("/console/login", data=FORM).text)
    start_writing(db.session())
    person = staff.get_staff(db.session(), LOGIN)
    credentials.set_password(
        db.session(), person, "another long password", now=datetime.now(UTC)
    )
    db.session.commit()
    form = {"ticket": ticket, "code": guarded.now()}
    answer = client.post("/console/login/code", data=form)
    assert answer.headers["Location"] == "/console/login"


@on_sqlite
def test_a_person_switches_it_on_and_off(
    newsroom: Newsroom, client: FlaskClient
) -> None:
    client.post("/console/login", data=FORM)
    refused = client.post("/console/account/second-factor", data={"password": "no"})
    assert refused.status_code == 401
    client.post("/console/account/second-factor", data={"password": PASSWORD})
    page = client.get("/console/account").text
    assert "<svg" in page
    found = re.search(r'class="secret">(\w+)<', page)
    assert found is not None
    totp, path = pyotp.TOTP(found.group(1)), "/console/account/second-factor"
    wrong = client.post(f"{path}/confirm", data={"code": "000000"})
    assert wrong.status_code == 401
    shown = client.post(f"{path}/confirm", data={"code": totp.now()}).text
    codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", shown)
    assert len(codes) == second_factor.RECOVERY_CODES
    assert newsroom.as_staff().get(SESSION).status_code == 401  # an older token
    fresh = client.post(f"{path}/recovery", data={"code": codes[0]}).text
    newer = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", fresh)
    assert client.post(f"{path}/remove", data={"code": codes[1]}).status_code == 401
    assert client.post(f"{path}/remove", data={"code": newer[0]}).status_code == 303
    assert "Off: your password alone" in client.get("/console/account").text


@on_sqlite
@pytest.mark.parametrize("what", ["", "/confirm", "/recovery", "/remove"])
def test_the_account_is_changed_by_its_person_only(
    newsroom: Newsroom, client: FlaskClient, what: str
) -> None:
    path = f"/console/account/second-factor{what}"
    stranger = client.post(path, data={"code": "1"})
    assert stranger.headers["Location"] == "/console/login"
    client.post("/console/login", data=FORM)
    foreign = client.post(
        path, data={"code": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403


@on_sqlite
def test_who_must_have_one_is_led_there(make_app: Callable[..., Flask]) -> None:
    app = make_app(MODERATION_REQUIRE_TOTP="all")
    with app.app_context():
        open_newsroom(app, "gazette")
        client = app.test_client()
        client.post("/console/login", data=FORM)
        assert client.get("/console/").headers["Location"] == "/console/account"
        assert "Your role needs two-factor" in client.get("/console/account").text


def test_an_operator_switches_it_off(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    newsroom: Newsroom,
    guarded: pyotp.TOTP,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    db.session.remove()
    result = CliRunner().invoke(main, ["reset-second-factor", LOGIN])
    assert result.exit_code == 0, result.output
    assert "password alone" in result.output
    caller = Caller(newsroom.app.test_client(), "")
    assert caller.post(SESSION, FORM).status_code == 201
    assert CliRunner().invoke(main, ["reset-second-factor", "nobody"]).exit_code == 1
