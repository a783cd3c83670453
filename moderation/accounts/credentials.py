"""Passwords: changed by their owner, or set by a one-time link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts import passwords, sessions
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound
from moderation.keyed_hashes import HashKeys
from moderation.tables.accounts import Staff, StaffLink

LINK_BYTES = 32


class LinkPurpose(StrEnum):
    """The purpose of a one-time link."""

    INVITATION = "invitation"  #: a first password
    RESET = "reset"  #: a new one


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """A one-time link, which can't be shown again."""

    token: str
    expires_at: datetime


def create_link(
    session: Session,
    staff: Staff,
    purpose: LinkPurpose,
    *,
    created_by: int | None,
    hash_keys: HashKeys,
    now: datetime,
    lasts: timedelta,
) -> NewLink:
    """Create a one-time link with which a person sets a password; older ones end.

    Raises
    ------
    Conflict
        If the person is disabled, or an invitation was accepted already.
    """
    if staff.disabled_at is not None:
        raise Conflict("The person is disabled.")
    if purpose is LinkPurpose.INVITATION and staff.password_hash:
        raise Conflict("The person has a password already; reset it instead.")
    revoke_links(session, staff.id, now)
    token = secrets.token_urlsafe(LINK_BYTES)
    expires_at = now + lasts
    session.add(
        StaffLink(
            staff_id=staff.id,
            token_hash=hash_keys.hash(_text(token)),
            purpose=purpose.value,
            created_at=now,
            created_by=created_by,
            expires_at=expires_at,
        )
    )
    session.flush()
    target = (TargetKind.STAFF, staff.id)
    record(session, AuditAction.LINK_CREATED, target=target, purpose=purpose.value)
    return NewLink(token=token, expires_at=expires_at)


def find_link(
    session: Session, token: str, *, hash_keys: HashKeys, now: datetime
) -> tuple[StaffLink, Staff]:
    """Return a link that still works, and whose it is.

    Raises
    ------
    NotFound
        If it is unknown, used, revoked, expired, or its person is disabled.
    """
    row = session.execute(
        sa.select(StaffLink, Staff)
        .join(Staff, Staff.id == StaffLink.staff_id)
        .where(
            StaffLink.token_hash.in_(hash_keys.list_hashes(_text(token))),
            StaffLink.used_at.is_(None),
            StaffLink.revoked_at.is_(None),
            StaffLink.expires_at > now,
            Staff.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        raise NotFound(
            "The link is unknown, was used, or has expired. Ask for another."
        )
    return row[0], row[1]


def use_link(
    session: Session, token: str, password: str, *, hash_keys: HashKeys, now: datetime
) -> Staff:
    """Set a person's password with a link, which works once.

    Raises
    ------
    NotFound
        As `find_link`.
    InvalidFields
        If the password is too short or too easy to guess; the link still works.
    """
    link, staff = find_link(session, token, hash_keys=hash_keys, now=now)
    _refuse_weak("password", password, staff.login)
    used_id = session.scalar(
        sa.update(StaffLink)
        .where(StaffLink.id == link.id, StaffLink.used_at.is_(None))
        .values(used_at=now)
        .returning(StaffLink.id)
    )
    if used_id is None:
        raise NotFound("The link was used.")
    set_password(session, staff, password, now=now)
    return staff


def change_password(
    session: Session,
    staff: Staff,
    new_password: str,
    *,
    token_id: int,
    now: datetime,
) -> None:
    """Change the password of a person who has given the old one.

    Every other session and token ends.

    Raises
    ------
    InvalidFields
        If the new one is too short or easy to guess.
    """
    _refuse_weak("new_password", new_password, staff.login)
    set_password(session, staff, new_password, now=now, kept_token_id=token_id)


def set_password(
    session: Session,
    staff: Staff,
    password: str,
    *,
    now: datetime,
    kept_token_id: int = 0,
) -> None:
    """Store a person's password; their sessions, tokens, and links end.

    Parameters
    ----------
    kept_token_id
        The session that goes on; 0: none does.
    """
    staff.password_hash = passwords.hash_password(password)
    sessions.revoke_all(session, staff.id, now, kept_token_id=kept_token_id)
    revoke_links(session, staff.id, now)
    session.flush()
    record(session, AuditAction.PASSWORD_CHANGED, target=(TargetKind.STAFF, staff.id))


def revoke_links(session: Session, staff_id: int, now: datetime) -> None:
    """Revoke a person's links that were not used."""
    session.execute(
        sa.update(StaffLink)
        .where(
            StaffLink.staff_id == staff_id,
            StaffLink.used_at.is_(None),
            StaffLink.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


def _refuse_weak(field: str, password: str, login: str) -> None:
    fault = passwords.find_fault(password, login)
    if fault is not None:
        raise InvalidFields({field: [fault]})


def _text(token: str) -> str:
    return f"link:{token}"
