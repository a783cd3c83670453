"""People behind an identity provider's accounts, and the roles of their groups."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.accounts import identities, memberships
from moderation.accounts.identities import ProviderIdentity
from moderation.accounts.staff import Role
from moderation.console import single_sign_on
from moderation.database import db, start_writing
from moderation.environment import GroupRole
from moderation.errors import (
    Conflict,
    InvalidFields,
    NotFound,
    StaffDisabled,
    UsernameTaken,
)
from moderation.review import access
from moderation.review.sign_on import sign_on
from moderation.tables.accounts import Staff, StaffIdentity
from moderation.tables.comments import Comment
from moderation.web.actors import act_as_provider
from tests.builders import ALL_HELD, NOW, Newsroom
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET
from tests.refusals import on_sqlite

ISSUER = "https://login.example"
DESK = GroupRole(group="desk", site="gazette", role="moderator")
CHIEFS = GroupRole(group="chiefs", site="gazette", role="lead")
OWNERS = GroupRole(group="owners", site="gazette", role="admin")
SPORT = GroupRole(group="sport", site="gazette", role="lead", section="Sport")
ABROAD = GroupRole(group="desk", site="herald", role="moderator")
ELSEWHERE = GroupRole(group="desk", site="nowhere", role="admin")
ALL = (DESK, CHIEFS, OWNERS, SPORT)


def grace(
    *groups: str, subject: str = "s-1", username: str = "grace"
) -> ProviderIdentity:
    return ProviderIdentity(
        issuer=ISSUER, subject=subject, username=username, groups=frozenset(groups)
    )


def come(
    session: Session,
    identity: ProviderIdentity,
    group_roles: tuple[GroupRole, ...] = ALL,
) -> Staff | None:
    start_writing(session)
    staff = sign_on(session, identity, group_roles, NOW)
    session.commit()
    return staff


def roles(session: Session, staff: Staff | None, site: Newsroom) -> dict[str, Role]:
    assert staff is not None
    return memberships.read_roles(session, staff.id, site.site_id)


def test_the_highest_role_of_all_groups_counts(
    session: Session, newsroom: Newsroom
) -> None:
    staff = come(session, grace("desk", "chiefs", "sport", "canteen"))
    assert roles(session, staff, newsroom) == {"": Role.LEAD, "Sport": Role.LEAD}
    again = come(session, grace("desk"))
    assert again is staff
    assert roles(session, again, newsroom) == {"": Role.MODERATOR}


def test_roles_at_other_sites_stay(
    session: Session, newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    staff = come(session, grace("desk"), (DESK, ABROAD))
    assert roles(session, staff, other_newsroom) == {"": Role.MODERATOR}
    come(session, grace("chiefs"), (CHIEFS,))
    assert roles(session, staff, newsroom) == {"": Role.LEAD}
    assert roles(session, staff, other_newsroom) == {"": Role.MODERATOR}


def test_who_leaves_all_groups_is_refused_and_loses_the_roles(
    session: Session, newsroom: Newsroom
) -> None:
    staff = come(session, grace("chiefs"))
    assert come(session, grace("canteen")) is None
    assert roles(session, staff, newsroom) == {}


@pytest.mark.usefixtures("newsroom")
def test_nobody_is_created_without_a_group(session: Session) -> None:
    assert come(session, grace("canteen")) is None
    assert identities.find_by_identity(session, ISSUER, "s-1") is None


def test_the_last_admin_of_a_site_is_kept(
    session: Session, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    staff = come(session, grace("owners"))
    start_writing(session)
    admin = session.get_one(Staff, newsroom.staff_ids[Role.ADMIN])
    access.disable(session, admin, NOW)
    session.commit()
    assert come(session, grace("desk")) is staff
    assert roles(session, staff, newsroom) == {"": Role.ADMIN}
    assert "has no other one" in caplog.text
    assert come(session, grace()) is None
    assert roles(session, staff, newsroom) == {"": Role.ADMIN}


def test_a_site_that_is_not_here_is_logged(
    session: Session, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    staff = come(session, grace("desk"), (DESK, ELSEWHERE))
    assert roles(session, staff, newsroom) == {"": Role.MODERATOR}
    assert "names the site nowhere" in caplog.text


def test_claims_end_with_a_role_and_stay_without_a_change(
    session: Session, newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    staff = come(session, grace("desk"))
    assert staff is not None
    start_writing(session)
    session.execute(
        sa.update(Comment).values(
            claimed_by=staff.id, claimed_until=NOW + timedelta(days=9), claimed_at=NOW
        )
    )
    session.commit()
    holder = sa.select(Comment.claimed_by)
    come(session, grace("desk"))
    assert session.scalar(holder) == staff.id
    come(session, grace("chiefs"))
    assert session.scalar(holder) is None


@pytest.mark.usefixtures("newsroom")
def test_the_disabled_stay_out(session: Session) -> None:
    staff = come(session, grace("desk"))
    assert staff is not None
    start_writing(session)
    access.disable(session, staff, NOW)
    session.commit()
    with pytest.raises(StaffDisabled):
        come(session, grace("owners"))


@pytest.mark.usefixtures("newsroom")
def test_a_name_is_no_proof(session: Session) -> None:
    come(session, grace("desk"))
    for name in ("grace", "GRACE@news.example", "gazette-admin"):
        with pytest.raises(UsernameTaken):
            come(session, grace("desk", subject="s-2", username=name))
        session.rollback()


@pytest.mark.usefixtures("newsroom")
def test_a_person_is_linked_in_place_of_another_account(session: Session) -> None:
    start_writing(session)
    staff = session.scalars(sa.select(Staff).where(Staff.login == "gazette-lead")).one()
    identities.link_identity(session, staff, ISSUER, "old", NOW)
    identities.link_identity(session, staff, ISSUER, "new", NOW)
    identities.link_identity(session, staff, ISSUER, "new", NOW)
    identities.link_identity(session, staff, "https://other.example", "new", NOW)
    session.commit()
    assert identities.find_by_identity(session, ISSUER, "old") is None
    assert come(session, grace("desk", subject="new")) is staff
    start_writing(session)
    identities.unlink_identity(session, staff, ISSUER)
    with pytest.raises(NotFound):
        identities.unlink_identity(session, staff, ISSUER)
    assert identities.find_by_identity(session, ISSUER, "new") is None


@pytest.mark.usefixtures("newsroom")
def test_a_link_takes_nobody_elses_account(session: Session) -> None:
    come(session, grace("desk"))
    start_writing(session)
    staff = session.scalars(sa.select(Staff).where(Staff.login == "gazette-lead")).one()
    with pytest.raises(Conflict, match="linked to grace"):
        identities.link_identity(session, staff, ISSUER, "s-1", NOW)


@on_sqlite
@pytest.mark.parametrize("subject", ["", "s" * 256])
def test_a_subject_has_its_length(session: Session, subject: str) -> None:
    with pytest.raises(InvalidFields):
        identities.link_identity(session, Staff(id=1), ISSUER, subject, NOW)


@pytest.mark.parametrize(
    ("username", "login"),
    [
        ("Ada Lovelace", "ada-lovelace"),
        ("--.ada", "ada"),
        ("A" * 80, "a" * 63),
        ("domain\\ada", "domain-ada"),
        ("STRASSE-Straße", "strasse-strasse"),
    ],
)
def test_a_username_is_folded(username: str, login: str) -> None:
    assert identities.fold_username(grace(username=username)) == login


def test_a_nameless_person_gets_a_name_of_their_own() -> None:
    names = {
        identities.fold_username(grace(username=name, subject=subject))
        for name in ("", "@news.example", "..", "編集者")
        for subject in ("s-1", "s-2")
    }
    assert len(names) == 2
    assert all(name.startswith("sso-") for name in names)


def test_two_first_log_ins_at_the_same_moment_are_one_person(
    make_app: Callable[..., Flask], newsroom: Newsroom
) -> None:
    app = make_app(
        MODERATION_OIDC_ISSUER=ISSUER,
        MODERATION_OIDC_CLIENT_ID=CLIENT_ID,
        MODERATION_OIDC_CLIENT_SECRET=CLIENT_SECRET,
        MODERATION_OIDC_ROLES=f"desk={newsroom.name}:moderator",
    )
    count = 4
    barrier = Barrier(count)

    def let_in(_: int) -> int:
        with app.test_request_context():
            act_as_provider()
            barrier.wait()
            staff_id = single_sign_on._let_in(grace("desk")).id
            db.session.remove()
            return staff_id

    with ThreadPoolExecutor(count) as pool:
        ids = set(pool.map(let_in, range(count)))
    assert len(ids) == 1
    with app.app_context():
        rows = db.session.scalars(sa.select(StaffIdentity.staff_id)).all()
        db.session.remove()
    assert rows == list(ids)


def test_the_log_tells_ids_alone(
    session: Session, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "moderation")
    come(session, grace("desk", "secret-group"))
    assert "created person" in caplog.text
    for detail in ("grace", "s-1", "secret-group"):
        assert detail not in caplog.text
