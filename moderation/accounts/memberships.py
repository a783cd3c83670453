"""Staff's roles at sites and in sections: granted and revoked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.accounts import credentials, sessions
from moderation.accounts.staff import LEADING, Person, Role, create_staff
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    StaleSettings,
)
from moderation.tables.accounts import (
    Membership,
    SecondFactor,
    Staff,
    StaffIdentity,
    StaffLink,
    StaffToken,
)

WHOLE_SITE = ""  # instead of a section's name
MAX_SECTION_LENGTH = 100  # characters


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A role in the whole of a site, or in some of its sections."""

    role: Role
    sections: tuple[str, ...] = ()  #: empty: the whole site


@dataclass(frozen=True, kw_only=True)
class SiteMember:
    """A person who works at a site."""

    staff: Staff
    grants: Sequence[Grant]
    has_second_factor: bool
    last_active_at: datetime | None  #: the newest use of a session, to the minute
    has_identity: bool  #: an OpenID Connect provider lets them in
    invited_until: datetime | None  #: when an unused link to set a password expires


def list_members(session: Session, site_id: int, now: datetime) -> list[SiteMember]:
    """Return the people who work at a site, by username; the disabled ones, too."""
    rows = session.execute(
        sa.select(Staff, Membership.section, Membership.role)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Membership.site_id == site_id)
        .order_by(Staff.login, Membership.section)
    ).all()
    staff = {row[0].id: row[0] for row in rows}
    roles: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        roles[row[0].id].append((row[1], row[2]))
    used = _newest(session, StaffToken.last_used_at, StaffToken.staff_id.in_(staff))
    invited = _newest(
        session,
        StaffLink.expires_at,
        StaffLink.staff_id.in_(staff),
        StaffLink.used_at.is_(None),
        StaffLink.revoked_at.is_(None),
        StaffLink.expires_at > now,
    )
    with_factor = set(
        session.scalars(
            sa.select(SecondFactor.staff_id).where(
                SecondFactor.staff_id.in_(staff), SecondFactor.confirmed_at.is_not(None)
            )
        )
    )
    with_identity = set(
        session.scalars(
            sa.select(StaffIdentity.staff_id).where(StaffIdentity.staff_id.in_(staff))
        )
    )
    return [
        SiteMember(
            staff=person,
            grants=_grants(roles[staff_id]),
            has_second_factor=staff_id in with_factor,
            has_identity=staff_id in with_identity,
            last_active_at=used.get(staff_id),
            invited_until=invited.get(staff_id),
        )
        for staff_id, person in staff.items()
    ]


def _newest(
    session: Session,
    column: InstrumentedAttribute[Any],
    *conditions: sa.ColumnElement[bool],
) -> dict[int, datetime]:
    """Return the newest moment in a column of a table about staff, by their ID."""
    staff_id = column.class_.staff_id
    query = sa.select(staff_id, sa.func.max(column)).where(*conditions)
    return {row[0]: row[1] for row in session.execute(query.group_by(staff_id))}


def list_logins(session: Session, site_ids: Collection[int]) -> Sequence[str]:
    """Return the usernames of the people who work at some of the sites, in order."""
    return session.scalars(
        sa.select(Staff.login)
        .distinct()
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Membership.site_id.in_(site_ids))
        .order_by(Staff.login)
    ).all()


def find_member(
    session: Session, site_ids: Collection[int], login: str
) -> Staff | None:
    """Return the person of a username who works at one of the sites."""
    return session.scalar(
        sa.select(Staff)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Staff.login == login, Membership.site_id.in_(site_ids))
        .limit(1)
    )


def get_member(session: Session, site_id: int, login: str) -> Staff:
    """Return a person who works at a site.

    Raises
    ------
    NotFound
        If no one with this username does.
    """
    staff = find_member(session, [site_id], login)
    if staff is None:
        raise NotFound("There is no such person at the site.")
    return staff


def invite(
    session: Session,
    login: str,
    site_id: int,
    grants: Collection[Grant],
    now: datetime,
) -> Staff:
    """Add a person, who sets a password with a link, with roles at a site.

    Raises
    ------
    InvalidFields, Conflict
        As `create_staff` and `replace_grants`.
    """
    staff = create_staff(session, login, None, now)
    replace_grants(session, staff.id, site_id, grants)
    return staff


def update_role(
    session: Session, staff_id: int, site_id: int, role: Role, section: str = WHOLE_SITE
) -> None:
    """Set a person's role at a site, or in a section; other roles there stay."""
    session.merge(
        Membership(staff_id=staff_id, site_id=site_id, section=section, role=role.value)
    )
    _record_roles(session, staff_id, site_id, {section: role})


def _record_roles(
    session: Session, staff_id: int, site_id: int, roles: Mapping[str, Role]
) -> None:
    """Record a person's roles at a site, by section: `lead`, `moderator in Opinion`."""
    names = [
        f"{role} in {section}" if section else role.value
        for section, role in sorted(roles.items())
    ]
    target = (TargetKind.STAFF, staff_id)
    record(
        session,
        AuditAction.ROLE_CHANGED,
        target=target,
        site_id=site_id,
        roles=names,
    )


def read_roles(session: Session, staff_id: int, site_id: int) -> dict[str, Role]:
    """Return a person's roles at a site by section; the whole site is `WHOLE_SITE`."""
    rows = session.execute(
        sa.select(Membership.section, Membership.role).where(
            Membership.staff_id == staff_id, Membership.site_id == site_id
        )
    )
    return {section: Role(role) for section, role in rows}


def replace_grants(
    session: Session, staff_id: int, site_id: int, grants: Collection[Grant]
) -> None:
    """Replace all roles of a person at a site.

    Raises
    ------
    InvalidFields
        If a section is named twice or without a name, or an admin is limited to one.
    Conflict
        If the site would be left without an admin.
    """
    roles: dict[str, Role] = {}
    for grant in grants:
        for section in grant.sections or (WHOLE_SITE,):
            _refuse_invalid(grant, section, roles)
            roles[section] = grant.role
    if roles.get(WHOLE_SITE) is not Role.ADMIN:
        refuse_last_admin(session, staff_id, [site_id])
    session.execute(
        sa.delete(Membership).where(
            Membership.staff_id == staff_id, Membership.site_id == site_id
        )
    )
    session.add_all(
        Membership(staff_id=staff_id, site_id=site_id, section=section, role=role.value)
        for section, role in roles.items()
    )
    session.flush()
    _record_roles(session, staff_id, site_id, roles)


def refuse_stale(
    session: Session, staff_id: int, site_id: int, seen: Collection[Grant]
) -> None:
    """Refuse a change of roles that is based on older ones.

    Raises
    ------
    StaleSettings
        If the person's roles at the site aren't those that were seen.
    """
    before = {
        section: grant.role
        for grant in seen
        for section in grant.sections or (WHOLE_SITE,)
    }
    if before != read_roles(session, staff_id, site_id):
        raise StaleSettings


def disable(session: Session, staff: Staff, now: datetime) -> None:
    """Let a person in no more: sessions, tokens, and links end.

    Raises
    ------
    Conflict
        If the person is disabled already, or the last admin of a site.
    """
    if staff.disabled_at is not None:
        raise Conflict("The person is disabled already.")
    refuse_last_admin(session, staff.id, list_site_ids(session, staff.id))
    staff.disabled_at = now
    sessions.revoke_all(session, staff.id, now)
    credentials.revoke_links(session, staff.id, now)
    session.flush()
    record(session, AuditAction.STAFF_DISABLED, target=(TargetKind.STAFF, staff.id))


def enable(session: Session, staff: Staff) -> None:
    """Let a disabled person in again, with the password and roles of before.

    Raises
    ------
    Conflict
        If the person is not disabled.
    """
    if staff.disabled_at is None:
        raise Conflict("The person is not disabled.")
    staff.disabled_at = None
    session.flush()
    record(session, AuditAction.STAFF_ENABLED, target=(TargetKind.STAFF, staff.id))


def list_site_ids(session: Session, staff_id: int) -> Sequence[int]:
    """Return the sites where a person has a role."""
    return session.scalars(
        sa.select(Membership.site_id)
        .distinct()
        .where(Membership.staff_id == staff_id)
        .order_by(Membership.site_id)
    ).all()


def leads_anywhere(session: Session, staff_id: int) -> bool:
    """Return whether a person is a lead or an admin somewhere, be it of a section."""
    role = sa.select(Membership.role).where(
        Membership.staff_id == staff_id, Membership.role.in_(LEADING)
    )
    return session.scalar(role.limit(1)) is not None


def refuse_last_admin(
    session: Session, staff_id: int, site_ids: Collection[int]
) -> None:
    """Refuse to take the last active admin from a site.

    Raises
    ------
    Conflict
        If the person is the only active admin of one of the sites.
    """
    admin_at = _admin_site_ids(site_ids).where(Staff.id == staff_id)
    others = _admin_site_ids(site_ids).where(Staff.id != staff_id)
    # Locked, so that two admins can't remove each other at the same time.
    session.execute(
        sa.select(Membership.staff_id)
        .where(Membership.site_id.in_(site_ids), Membership.role == Role.ADMIN.value)
        .with_for_update()
    )
    if set(session.scalars(admin_at)) - set(session.scalars(others)):
        raise Conflict("A site needs an active admin. Add another one first.")


def refuse_strangers_staff(session: Session, staff_id: int, admin: Person) -> None:
    """Refuse to act on an account of which a part belongs to other sites' admins.

    Raises
    ------
    Forbidden
        If the person works at a site where this one is no admin.
    """
    if set(list_site_ids(session, staff_id)) - set(admin.whole_site_ids(Role.ADMIN)):
        raise Forbidden(
            "The person also works at another site: only who is an admin of all their "
            "sites may do this. You can take their role at yours."
        )


def _admin_site_ids(site_ids: Collection[int]) -> sa.Select[int]:
    return (
        sa.select(Membership.site_id)
        .join(Staff, Staff.id == Membership.staff_id)
        .where(
            Membership.site_id.in_(site_ids),
            Membership.section == WHOLE_SITE,
            Membership.role == Role.ADMIN.value,
            Staff.disabled_at.is_(None),
        )
    )


def _refuse_invalid(grant: Grant, section: str, roles: Collection[str]) -> None:
    fault = None
    if section in roles:
        fault = "Must name each section once, and the whole site once."
    elif section != WHOLE_SITE and grant.role is Role.ADMIN:
        fault = "An admin works for the whole site."
    elif len(section) > MAX_SECTION_LENGTH or section.strip() != section:
        fault = f"Must be a section's name of up to {MAX_SECTION_LENGTH} characters."
    if fault is not None:
        raise InvalidFields({"sections": [fault]})


def _grants(roles: Sequence[tuple[str, str]]) -> list[Grant]:
    """Return the grants that some rows stand for: the whole site first."""
    whole = [Grant(role=Role(role)) for section, role in roles if not section]
    named: dict[str, list[str]] = defaultdict(list)
    for section, role in roles:
        if section:
            named[role].append(section)
    return whole + [
        Grant(role=Role(role), sections=tuple(names)) for role, names in named.items()
    ]
