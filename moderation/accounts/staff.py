"""Staff: who they are, and what they may do where."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts import passwords
from moderation.accounts.scope import Scope
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound, Unauthenticated
from moderation.tables.accounts import Membership, Staff

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class Role(StrEnum):
    """The roles at a site; each includes the previous ones."""

    MODERATOR = "moderator"  #: decides comments
    LEAD = "lead"  #: also sees how the team works
    ADMIN = "admin"  #: also sets the policy, retrains and promotes


ROLE_ORDER = list(Role)
LEADING = [role.value for role in ROLE_ORDER[ROLE_ORDER.index(Role.LEAD) :]]


class TokenScope(StrEnum):
    """The scope of a personal API token."""

    READ = "read"  #: to read what a lead may read
    MODERATE = "moderate"  #: to decide, claim, and note, too
    MANAGE = "manage"  #: also what only an admin may read and change


TOKEN_SCOPE_ORDER = list(TokenScope)


def allows(scopes: Collection[TokenScope], needed: TokenScope) -> bool:
    """Return whether a token's scopes, each of which includes the ones before, do."""
    least = TOKEN_SCOPE_ORDER.index(needed)
    return any(TOKEN_SCOPE_ORDER.index(scope) >= least for scope in scopes)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A logged-in person and their roles."""

    id: int
    login: str
    token_id: int
    roles: dict[int, Role]  #: site ID to the role in the whole site
    sites: dict[int, str]  #: site ID to name, also where only sections are theirs
    #: site ID to section to role, where a section has a role of its own
    section_roles: Mapping[int, Mapping[str, Role]] = field(default_factory=dict)
    #: a code is asked for at log-in, or the identity provider has let them in
    has_second_factor: bool = False
    #: what a personal API token allows; None: a session, which allows all
    token_scopes: frozenset[TokenScope] | None = None

    def scope(self, role: Role) -> Scope:
        """Return where the person has this role or a higher one."""
        sections: dict[int, frozenset[str] | None] = {}
        for site_id in self.sites:
            if _includes(self.roles.get(site_id), role):
                sections[site_id] = None
                continue
            own = self.section_roles.get(site_id, {})
            names = frozenset(name for name in own if _includes(own[name], role))
            if names:
                sections[site_id] = names
        return Scope(sections=sections)

    def site_ids(self, role: Role) -> list[int]:
        """Return the sites where the person has a role, be it in a section alone."""
        return self.scope(role).site_ids

    def whole_site_ids(self, role: Role) -> list[int]:
        """Return the sites where the person has a role in the whole site."""
        return self.scope(role).whole_site_ids

    def with_token(self, scopes: frozenset[TokenScope]) -> Person:
        """Return the person as a personal API token lets them act.

        Without `manage`, an admin acts as a lead.
        """
        if TokenScope.MANAGE in scopes:
            return replace(self, token_scopes=scopes)
        roles = {
            site: min(role, Role.LEAD, key=ROLE_ORDER.index)
            for site, role in self.roles.items()
        }
        return replace(self, roles=roles, token_scopes=scopes)

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


def _includes(has: Role | None, role: Role) -> bool:
    return has is not None and ROLE_ORDER.index(has) >= ROLE_ORDER.index(role)


def create_staff(
    session: Session, login: str, password: str | None, now: datetime
) -> Staff:
    """Add a person.

    Parameters
    ----------
    password
        None: the person sets one with an invitation.

    Raises
    ------
    InvalidFields
        If the login is not 1 to 63 of a-z, 0-9, dot, hyphen and underscore, or the
        password is too short or too easy to guess.
    Conflict
        If the login is taken.
    """
    faults = {}
    if not LOGIN.fullmatch(login):
        faults["login"] = ["Must be 1 to 63 of a-z, 0-9, '.', '-' and '_'."]
    if password is not None and (fault := passwords.find_fault(password, login)):
        faults["password"] = [fault]
    if faults:
        raise InvalidFields(faults)
    if find_staff(session, login) is not None:
        raise Conflict("A person with this login exists.")
    password_hash = "" if password is None else passwords.hash_password(password)
    staff = Staff(login=login, password_hash=password_hash, created_at=now)
    session.add(staff)
    session.flush()
    record(session, AuditAction.STAFF_ADDED, target=(TargetKind.STAFF, staff.id))
    return staff


def find_staff(session: Session, login: str) -> Staff | None:
    """Return the person with a username."""
    return session.scalar(sa.select(Staff).where(Staff.login == login))


def get_staff(session: Session, login: str) -> Staff:
    """Return the person with a username.

    Raises
    ------
    NotFound
        If there is none.
    """
    staff = find_staff(session, login)
    if staff is None:
        raise NotFound(f"There is no person {login!r}.")
    return staff


def has_other_lead(
    session: Session, site_id: int, section: str | None, staff_id: int
) -> bool:
    """Return whether another active person leads a section of a site, or all of it."""
    lead_id = session.scalar(
        sa.select(Staff.id)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(
            Membership.site_id == site_id,
            Membership.section.in_(["", section or ""]),
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
    if not passwords.is_right(staff.password_hash if staff else "", password):
        staff = None
    if staff is None:
        raise Unauthenticated("Login or password is wrong.")
    return staff


def list_logins(session: Session, staff_ids: Collection[int]) -> dict[int, str]:
    """Return usernames by the ids of staff."""
    query = sa.select(Staff.id, Staff.login).where(Staff.id.in_(staff_ids))
    return {row.id: row.login for row in session.execute(query)}


def find_login(session: Session, staff_id: int | None) -> str | None:
    """Return a person's username; None for the command line."""
    staff = None if staff_id is None else session.get(Staff, staff_id)
    return staff.login if staff else None
