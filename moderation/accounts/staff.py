"""Staff: logging in, tokens that can be revoked, roles at sites."""

from __future__ import annotations

import functools
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from moderation.errors import Conflict, InvalidFields, Unauthenticated
from moderation.privacy import keyed_hash
from moderation.tables.accounts import Membership, SecondFactor, Staff, StaffToken
from moderation.tables.sites import Site

TOKEN_PREFIX = "staff_"  # noqa: S105 - tells it from a site key, is no secret
TOKEN_BYTES = 32
MIN_PASSWORD_LENGTH = 12  # characters; NIST SP 800-63B asks for 8 and favours length
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class Role(StrEnum):
    """The roles at a site; each includes the previous ones."""

    MODERATOR = "moderator"  #: decides comments
    LEAD = "lead"  #: also sees how the team works
    ADMIN = "admin"  #: also sets the policy, retrains and promotes


ROLE_ORDER = list(Role)
LEADING = [role.value for role in ROLE_ORDER[ROLE_ORDER.index(Role.LEAD) :]]


@dataclass(frozen=True, kw_only=True)
class Person:
    """A logged-in person and their roles."""

    id: int
    login: str
    token_id: int
    roles: dict[int, Role]  #: site id to role
    sites: dict[int, str]  #: site id to name
    has_second_factor: bool = False  #: a code is asked for at log-in

    def site_ids(self, role: Role) -> list[int]:
        """Return the sites where the person has this role or a higher one."""
        least = ROLE_ORDER.index(role)
        return [
            site for site, has in self.roles.items() if ROLE_ORDER.index(has) >= least
        ]

    def lacks_second_factor(self, required_of: Role | None) -> bool:
        """Return whether the person must first set up a second factor.

        Parameters
        ----------
        required_of
            The least role, at any site, that needs one; None: no role does.
        """
        if self.has_second_factor or required_of is None:
            return False
        return bool(self.site_ids(required_of))


@functools.cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id, RFC 9106's second recommendation


@functools.cache
def _nobodys_hash() -> str:
    """Return a hash to check for unknown usernames, in equal time."""
    return _hasher().hash(secrets.token_hex())


def create_staff(session: Session, login: str, password: str, now: datetime) -> Staff:
    """Add a person.

    Raises
    ------
    InvalidFields
        If the login is not 1 to 63 of a-z, 0-9, dot, hyphen and underscore, or the
        password is shorter than 12 characters.
    Conflict
        If the login is taken.
    """
    faults = {}
    if not LOGIN.fullmatch(login):
        faults["login"] = ["Must be 1 to 63 of a-z, 0-9, '.', '-' and '_'."]
    if len(password) < MIN_PASSWORD_LENGTH:
        faults["password"] = [f"Must have {MIN_PASSWORD_LENGTH} characters or more."]
    if faults:
        raise InvalidFields(faults)
    if session.scalar(sa.select(Staff.id).where(Staff.login == login)) is not None:
        raise Conflict("A person with this login exists.")
    staff = Staff(login=login, password_hash=_hasher().hash(password), created_at=now)
    session.add(staff)
    session.flush()
    return staff


def update_password(session: Session, login: str, password: str) -> None:
    """Change a person's password and delete their tokens."""
    staff = session.scalars(sa.select(Staff).where(Staff.login == login)).one()
    staff.password_hash = _hasher().hash(password)
    session.execute(sa.delete(StaffToken).where(StaffToken.staff_id == staff.id))


def update_role(session: Session, staff_id: int, site_id: int, role: Role) -> None:
    """Set a person's role at a site."""
    session.merge(Membership(staff_id=staff_id, site_id=site_id, role=role.value))


def has_other_lead(session: Session, site_id: int, staff_id: int) -> bool:
    """Return whether a site has another active lead."""
    lead_id = session.scalar(
        sa.select(Staff.id)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(
            Membership.site_id == site_id,
            Membership.role.in_(LEADING),
            Staff.id != staff_id,
            Staff.disabled_at.is_(None),
        )
        .limit(1)
    )
    return lead_id is not None


def find_by_password(session: Session, login: str, password: str) -> Staff:
    """Return the person with these credentials. Slow by design (CPU).

    Raises
    ------
    Unauthenticated
        If there is none; it doesn't tell which of the two is wrong.
    """
    staff = session.scalar(
        sa.select(Staff).where(Staff.login == login, Staff.disabled_at.is_(None))
    )
    try:
        _hasher().verify(staff.password_hash if staff else _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        staff = None
    if staff is None:
        raise Unauthenticated("Login or password is wrong.")
    return staff


def issue_token(
    session: Session, staff_id: int, hash_key: bytes, now: datetime, lasts: timedelta
) -> tuple[str, datetime]:
    """Return a new token and when it expires."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = now + lasts
    session.add(
        StaffToken(
            staff_id=staff_id,
            token_hash=keyed_hash(hash_key, token),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token, expires_at


def find_by_token(
    session: Session, token: str, hash_key: bytes, now: datetime
) -> Person | None:
    """Return the person with a valid token."""
    row = session.execute(
        sa.select(Staff.id, Staff.login, StaffToken.id, SecondFactor.confirmed_at)
        .join(Staff, Staff.id == StaffToken.staff_id)
        .outerjoin(SecondFactor, SecondFactor.staff_id == Staff.id)
        .where(
            StaffToken.token_hash == keyed_hash(hash_key, token),
            StaffToken.revoked_at.is_(None),
            StaffToken.expires_at > now,
            Staff.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    staff_id, login, token_id, factor_since = row
    memberships = session.execute(
        sa.select(Membership.site_id, Membership.role, Site.name)
        .join(Site, Site.id == Membership.site_id)
        .where(Membership.staff_id == staff_id)
    ).all()
    return Person(
        id=staff_id,
        login=login,
        token_id=token_id,
        roles={site_id: Role(role) for site_id, role, _ in memberships},
        sites={site_id: name for site_id, _, name in memberships},
        has_second_factor=factor_since is not None,
    )


def find_login(session: Session, staff_id: int | None) -> str | None:
    """Return a person's username; None for the command line."""
    staff = None if staff_id is None else session.get(Staff, staff_id)
    return staff.login if staff else None


def revoke_other_tokens(
    session: Session, staff_id: int, token_id: int, now: datetime
) -> None:
    """Revoke all tokens of a person except one (0: no exception)."""
    session.execute(
        sa.update(StaffToken)
        .where(
            StaffToken.staff_id == staff_id,
            StaffToken.id != token_id,
            StaffToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


def revoke_token(session: Session, token_id: int, now: datetime) -> None:
    """Revoke a token."""
    session.execute(
        sa.update(StaffToken).where(StaffToken.id == token_id).values(revoked_at=now)
    )
