"""Sessions and personal API tokens: issued, found, listed, and revoked."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Person, Role, TokenScope
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, NotFound
from moderation.keyed_hashes import HashKeys
from moderation.tables.accounts import (
    Membership,
    SecondFactor,
    Staff,
    StaffLink,
    StaffToken,
)
from moderation.tables.sites import Site

TOKEN_PREFIX = "staff_"  # noqa: S105 - tells it from a site key, is no secret
TOKEN_BYTES = 32
MAX_TOKENS = 50  # personal tokens of a person
ENDED_KEPT = timedelta(days=90)  # who was logged in; the audit log knows it longer
USE_RECORDED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class TokenDraft:
    """A token to issue."""

    staff_id: int
    lasts: timedelta
    client: str | None = None  #: the program that logs in, up to 63 characters
    name: str | None = None  #: of a personal API token; None: a session
    scopes: Collection[TokenScope] = ()  #: of a personal API token
    is_single_sign_on: bool = False  #: whether an identity provider let them in


@dataclass(frozen=True, kw_only=True)
class TokenHolder:
    """The holder of a valid token, and the time of its last recorded use."""

    person: Person
    last_used_at: datetime | None
    is_session: bool


def issue_token(
    session: Session, draft: TokenDraft, *, hash_keys: HashKeys, now: datetime
) -> tuple[str, StaffToken]:
    """Return a new token and its record; the token can't be shown again.

    Raises
    ------
    Conflict
        If the person has too many personal tokens, or one of this name.
    """
    if draft.name is not None:
        _refuse_further(session, draft.staff_id, draft.name, now)
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = StaffToken(
        staff_id=draft.staff_id,
        token_hash=hash_keys.hash(token),
        created_at=now,
        expires_at=now + draft.lasts,
        name=draft.name,
        scopes=None if draft.name is None else " ".join(sorted(draft.scopes)),
        last_used_at=None if draft.name else now,
        client=draft.client,
        is_single_sign_on=draft.is_single_sign_on,
    )
    session.add(row)
    session.flush()
    target = (TargetKind.STAFF, draft.staff_id)
    if draft.name is None:
        record(
            session,
            AuditAction.LOGGED_IN,
            target=target,
            single_sign_on=draft.is_single_sign_on,
        )
    else:
        scopes = sorted(scope.value for scope in draft.scopes)
        record(session, AuditAction.TOKEN_CREATED, target=target, scopes=scopes)
    return token, row


def find_by_token(
    session: Session,
    token: str,
    *,
    hash_keys: HashKeys,
    now: datetime,
    idle: timedelta | None = None,
) -> TokenHolder | None:
    """Return who holds a valid token.

    Parameters
    ----------
    idle
        How long a session may go unused; None: until it expires.
    """
    row = session.execute(
        sa.select(Staff.id, Staff.login, StaffToken, SecondFactor.confirmed_at)
        .join(Staff, Staff.id == StaffToken.staff_id)
        .outerjoin(SecondFactor, SecondFactor.staff_id == Staff.id)
        .where(
            StaffToken.token_hash.in_(hash_keys.list_hashes(token)),
            is_valid(now),
            Staff.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    staff_id, login, found, factor_since = row
    is_session = found.scopes is None
    used_at = found.last_used_at or found.created_at
    if is_session and idle is not None and used_at + idle < now:
        return None
    # What a second factor is worth, the identity provider has asked for by itself.
    has_factor = factor_since is not None or found.is_single_sign_on
    person = _person(session, staff_id, login, found.id, has_factor)
    if found.scopes is not None:
        person = person.with_token(frozenset(map(TokenScope, found.scopes.split())))
    return TokenHolder(
        person=person, last_used_at=found.last_used_at, is_session=is_session
    )


def _person(
    session: Session, staff_id: int, login: str, token_id: int, has_factor: bool
) -> Person:
    roles: dict[int, Role] = {}
    section_roles: dict[int, dict[str, Role]] = {}
    sites: dict[int, str] = {}
    memberships = session.execute(
        sa.select(Membership.site_id, Membership.section, Membership.role, Site.name)
        .join(Site, Site.id == Membership.site_id)
        .where(Membership.staff_id == staff_id)
        .order_by(Membership.site_id, Membership.section)
    )
    for site_id, section, role, name in memberships:
        sites[site_id] = name
        if section:
            section_roles.setdefault(site_id, {})[section] = Role(role)
        else:
            roles[site_id] = Role(role)
    return Person(
        id=staff_id,
        login=login,
        token_id=token_id,
        roles=roles,
        section_roles=section_roles,
        sites=sites,
        has_second_factor=has_factor,
    )


def find_person(session: Session, staff_id: int) -> Person | None:
    """Return an active staff member as a worker acts for them, without a token."""
    query = sa.select(Staff.login).where(
        Staff.id == staff_id, Staff.disabled_at.is_(None)
    )
    login = session.scalar(query)
    return _person(session, staff_id, login, 0, False) if login else None


def is_single_sign_on(session: Session, token_id: int) -> bool:
    """Return whether single sign-on stands behind a session or token."""
    row = session.get(StaffToken, token_id)
    return row is not None and row.is_single_sign_on


def is_valid(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a token is neither revoked nor expired."""
    return sa.and_(StaffToken.revoked_at.is_(None), StaffToken.expires_at > now)


def is_use_due(holder: TokenHolder, now: datetime) -> bool:
    """Return whether the use of a token is to be recorded again."""
    last = holder.last_used_at
    return last is None or now - last >= USE_RECORDED_EVERY


def use_of(token_id: int, token_hash: str, now: datetime) -> sa.Update:
    """Return the statement that stores when a token was last used, and its hash.

    `token_hash` is made by the key in use: an older one can be replaced then.
    """
    return (
        sa.update(StaffToken)
        .where(StaffToken.id == token_id)
        .values(last_used_at=now, token_hash=token_hash)
    )


def list_tokens(
    session: Session, staff_id: int, now: datetime, *, personal: bool
) -> Sequence[StaffToken]:
    """Return a person's valid sessions, or personal API tokens, the newest first."""
    is_personal = StaffToken.name.is_not(None)
    return session.scalars(
        sa.select(StaffToken)
        .where(
            StaffToken.staff_id == staff_id,
            is_valid(now),
            is_personal if personal else ~is_personal,
        )
        .order_by(StaffToken.id.desc())
    ).all()


def revoke_token(
    session: Session, staff_id: int, token_id: int, now: datetime
) -> StaffToken:
    """Revoke a person's session or personal API token.

    Raises
    ------
    NotFound
        If the person has no valid one of this ID.
    """
    row: StaffToken | None = session.scalar(
        sa.update(StaffToken)
        .where(
            StaffToken.id == token_id, StaffToken.staff_id == staff_id, is_valid(now)
        )
        .values(revoked_at=now)
        .returning(StaffToken)
    )
    if row is None:
        raise NotFound("There is no such session or token.")
    is_session = row.name is None
    action = AuditAction.LOGGED_OUT if is_session else AuditAction.TOKEN_REVOKED
    record(session, action, target=(TargetKind.STAFF, staff_id))
    return row


def revoke_all(
    session: Session,
    staff_id: int,
    now: datetime,
    *,
    kept_token_id: int = 0,
    personal: bool = True,
) -> int:
    """Revoke a person's sessions, and personal API tokens; return how many ended.

    Parameters
    ----------
    kept_token_id
        The one that goes on; 0: none does.
    personal
        Whether personal API tokens end, too.
    """
    conditions: list[Any] = [
        StaffToken.staff_id == staff_id,
        StaffToken.id != kept_token_id,
        is_valid(now),
    ]
    if not personal:
        conditions.append(StaffToken.name.is_(None))
    revoked = session.scalars(
        sa.update(StaffToken)
        .where(*conditions)
        .values(revoked_at=now)
        .returning(StaffToken.id)
        .execution_options(synchronize_session=False)
    ).all()
    target = (TargetKind.STAFF, staff_id)
    record(session, AuditAction.TOKENS_REVOKED, target=target, count=len(revoked))
    return len(revoked)


def _refuse_further(session: Session, staff_id: int, name: str, now: datetime) -> None:
    names = [row.name for row in list_tokens(session, staff_id, now, personal=True)]
    if name in names:
        raise Conflict("You have a token of this name.")
    if len(names) >= MAX_TOKENS:
        raise Conflict(f"You have {MAX_TOKENS} tokens; revoke one first.")


def delete_ended(session: Session, now: datetime) -> None:
    """Delete sessions, API tokens, and password links that ended long ago."""
    before = now - ENDED_KEPT
    for table in (StaffToken, StaffLink):
        ended = sa.or_(table.expires_at < before, table.revoked_at < before)
        session.execute(sa.delete(table).where(ended))
