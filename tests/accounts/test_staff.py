"""Staff: passwords, tokens that expire and end, roles at sites."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from moderation.accounts import credentials, memberships, sessions
from moderation.accounts import staff as people
from moderation.accounts.sessions import TokenDraft
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.errors import Conflict, InvalidFields, Unauthenticated
from moderation.keyed_hashes import HashKeys
from moderation.sites import policies, sites
from moderation.tables.accounts import Staff, StaffToken
from tests.builders import NOTHING_HELD, NOW, PASSWORD, password_hash
from tests.refusals import on_sqlite

HASH_KEY = HashKeys.of([b"h" * 32])
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def ada(session: Session) -> Staff:
    start_writing(session)
    staff = Staff(login="ada", password_hash=password_hash(), created_at=NOW)
    session.add(staff)
    session.flush()
    return staff


def issue(session: Session, staff: Staff) -> tuple[str, StaffToken]:
    draft = TokenDraft(staff_id=staff.id, lasts=AN_HOUR)
    return sessions.issue_token(session, draft, hash_keys=HASH_KEY, now=NOW)


def find(
    session: Session, token: str, now: datetime, hash_keys: HashKeys = HASH_KEY
) -> people.Person | None:
    holder = sessions.find_by_token(session, token, hash_keys=hash_keys, now=now)
    return holder.person if holder else None


def test_a_person_is_found_by_login_and_password(session: Session, ada: Staff) -> None:
    assert people.find_by_password(session, "ada", PASSWORD).id == ada.id


@pytest.mark.parametrize(
    ("login", "password"),
    [("ada", "wrong"), ("ada", ""), ("ADA", PASSWORD), ("eve", PASSWORD)],
)
@pytest.mark.usefixtures("ada")
def test_wrong_credentials_are_refused_without_saying_which(
    session: Session, login: str, password: str
) -> None:
    with pytest.raises(Unauthenticated, match="Login or password is wrong"):
        people.find_by_password(session, login, password)


def test_a_disabled_person_has_no_password(session: Session, ada: Staff) -> None:
    ada.disabled_at = NOW
    session.flush()
    with pytest.raises(Unauthenticated):
        people.find_by_password(session, "ada", PASSWORD)


@on_sqlite
@pytest.mark.parametrize(
    "login", ["", "Ada", "a b", "-ada", "a" * 64, "ada@news.example", "ada\n", "ädä"]
)
def test_a_login_of_another_form_is_refused(session: Session, login: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        people.create_staff(session, login, PASSWORD, NOW)
    assert set(caught.value.fields) == {"login"}


def test_a_short_password_is_refused(session: Session) -> None:
    with pytest.raises(InvalidFields) as caught:
        people.create_staff(session, "ada", "p" * 11, NOW)
    assert set(caught.value.fields) == {"password"}


@pytest.mark.usefixtures("ada")
def test_a_taken_login_is_refused(session: Session) -> None:
    with pytest.raises(Conflict):
        people.create_staff(session, "ada", PASSWORD, NOW)


def test_a_password_is_stored_as_argon2(session: Session) -> None:
    start_writing(session)
    staff = people.create_staff(session, "grace", PASSWORD, NOW)
    assert staff.password_hash.startswith("$argon2id$")


def test_a_token_tells_who_holds_it_and_their_roles(
    session: Session, ada: Staff
) -> None:
    site = sites.create_site(
        session, "gazette", policies.default_policy(NOTHING_HELD), NOW
    )
    memberships.update_role(session, ada.id, site.id, Role.LEAD)
    token, row = issue(session, ada)
    person = find(session, token, NOW)
    assert person is not None
    assert row.expires_at == NOW + AN_HOUR
    assert (person.login, person.roles) == ("ada", {site.id: Role.LEAD})
    assert person.sites == {site.id: "gazette"}


@pytest.mark.parametrize(
    ("role", "asked", "may"),
    [
        (Role.MODERATOR, Role.MODERATOR, True),
        (Role.MODERATOR, Role.LEAD, False),
        (Role.LEAD, Role.MODERATOR, True),
        (Role.LEAD, Role.ADMIN, False),
        (Role.ADMIN, Role.ADMIN, True),
    ],
)
def test_a_role_includes_those_before_it(role: Role, asked: Role, may: bool) -> None:
    person = people.Person(
        id=1, login="ada", token_id=1, roles={7: role}, sites={7: "gazette"}
    )
    assert person.site_ids(asked) == ([7] if may else [])


@pytest.mark.parametrize(
    ("later", "is_valid"),
    [(AN_HOUR - timedelta(microseconds=1), True), (AN_HOUR, False)],
)
def test_a_token_ends_at_its_time(
    session: Session, ada: Staff, later: timedelta, is_valid: bool
) -> None:
    token, _ = issue(session, ada)
    found = find(session, token, NOW + later)
    assert (found is not None) is is_valid


def test_a_revoked_token_ends_at_once(session: Session, ada: Staff) -> None:
    token, _ = issue(session, ada)
    person = find(session, token, NOW)
    assert person is not None
    sessions.revoke_token(session, ada.id, person.token_id, NOW)
    assert find(session, token, NOW) is None


def test_the_token_of_a_disabled_person_ends_at_once(
    session: Session, ada: Staff
) -> None:
    token, _ = issue(session, ada)
    ada.disabled_at = NOW
    session.flush()
    assert find(session, token, NOW) is None


def test_another_password_ends_the_tokens_given_before(
    session: Session, ada: Staff
) -> None:
    token, _ = issue(session, ada)
    credentials.set_password(session, ada, "another password", now=NOW)
    session.expire_all()
    assert find(session, token, NOW) is None
    assert people.find_by_password(session, "ada", "another password").id == ada.id


def test_a_token_is_stored_as_a_keyed_hash(session: Session, ada: Staff) -> None:
    token, _ = issue(session, ada)
    session.flush()
    (row,) = session.query(StaffToken).filter_by(staff_id=ada.id)
    assert token not in row.token_hash
    assert len(row.token_hash) == 64


def test_a_token_under_another_key_is_nobodys(session: Session, ada: Staff) -> None:
    token, _ = issue(session, ada)
    assert find(session, token, NOW, HashKeys.of([b"x" * 32])) is None
