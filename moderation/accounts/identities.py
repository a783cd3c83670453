"""Staff as an OpenID Connect provider knows them: found, created, linked."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import create_staff, find_staff
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound, UsernameTaken
from moderation.tables.accounts import Staff, StaffIdentity

MAX_SUBJECT_LENGTH = 255  # OpenID Connect Core 1.0, section 2: ASCII characters
MAX_LOGIN_LENGTH = 63
NAMELESS = "sso-"  # before a part of a hash, where the provider gives no usable name
HASH_DIGITS = 12  # of 64 hexadecimal ones: 48 bits
NOT_IN_LOGINS = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, kw_only=True)
class ProviderIdentity:
    """A person as the provider has vouched for them."""

    issuer: str
    subject: str  #: 1 to 255 characters; unique at the issuer, and never reassigned
    username: str  #: `preferred_username`; empty if there is none
    groups: frozenset[str]


def find_by_identity(session: Session, issuer: str, subject: str) -> Staff | None:
    """Return the person with an account at a provider."""
    return session.scalar(
        sa.select(Staff)
        .join(StaffIdentity, StaffIdentity.staff_id == Staff.id)
        .where(StaffIdentity.issuer == issuer, StaffIdentity.subject == subject)
    )


def create_by_identity(
    session: Session, identity: ProviderIdentity, now: datetime
) -> Staff:
    """Add a person who logs in with the provider alone.

    Raises
    ------
    UsernameTaken
        If someone has the username already: the same name is no proof that it is
        the same person.
    """
    login = fold_username(identity)
    if find_staff(session, login) is not None:
        raise UsernameTaken
    staff = create_staff(session, login, None, now)
    _add(session, staff, identity.issuer, identity.subject, now)
    return staff


def link_identity(
    session: Session, staff: Staff, issuer: str, subject: str, now: datetime
) -> None:
    """Let a person log in with an account at a provider, in place of another one.

    Raises
    ------
    InvalidFields
        If the subject is empty or too long.
    Conflict
        If the account is linked to another person.
    """
    if not 1 <= len(subject) <= MAX_SUBJECT_LENGTH:
        complaint = f"Must be 1 to {MAX_SUBJECT_LENGTH} characters."
        raise InvalidFields({"subject": [complaint]})
    holder = find_by_identity(session, issuer, subject)
    if holder is not None and holder.id != staff.id:
        raise Conflict(f"The subject is linked to {holder.login}; unlink it first.")
    _delete(session, staff, issuer)
    _add(session, staff, issuer, subject, now)


def unlink_identity(session: Session, staff: Staff, issuer: str) -> None:
    """Let a person no more log in with their account at a provider.

    Raises
    ------
    NotFound
        If they have none.
    """
    if not _delete(session, staff, issuer):
        raise NotFound("The person has no account at the provider.")
    target = (TargetKind.STAFF, staff.id)
    record(session, AuditAction.IDENTITY_UNLINKED, target=target)


def record_refusal(session: Session, identity: ProviderIdentity, why: str) -> None:
    """Record that a person whom the provider let in was refused here.

    Parameters
    ----------
    why
        Code of the error.
    """
    staff = find_by_identity(session, identity.issuer, identity.subject)
    target = None if staff is None else (TargetKind.STAFF, staff.id)
    record(session, AuditAction.SIGN_ON_REFUSED, target=target, why=why)


def fold_username(identity: ProviderIdentity) -> str:
    """Return a username of the form that is allowed here.

    Of an email address it is the part before the at sign: a username is shown to
    colleagues. Without a usable letter it comes from the subject.

    >>> def fold(name):
    ...     return fold_username(
    ...         ProviderIdentity(
    ...             issuer="https://login.example",
    ...             subject="248289761001",
    ...             username=name,
    ...             groups=frozenset(),
    ...         )
    ...     )
    >>> [fold(name) for name in ("Zoë.O'Neil@news.example", "ada", "آدا")]
    ['zoe.o-neil', 'ada', 'sso-8540f4d8f10f']
    """
    local_part = identity.username.partition("@")[0].casefold()
    plain = unicodedata.normalize("NFKD", local_part)
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    login = NOT_IN_LOGINS.sub("-", letters).strip("._-")[:MAX_LOGIN_LENGTH]
    if login:
        return login
    named = f"{identity.issuer}\n{identity.subject}"
    return NAMELESS + hashlib.sha256(named.encode()).hexdigest()[:HASH_DIGITS]


def _add(
    session: Session, staff: Staff, issuer: str, subject: str, now: datetime
) -> None:
    session.add(
        StaffIdentity(issuer=issuer, subject=subject, staff_id=staff.id, created_at=now)
    )
    session.flush()
    record(session, AuditAction.IDENTITY_LINKED, target=(TargetKind.STAFF, staff.id))


def _delete(session: Session, staff: Staff, issuer: str) -> bool:
    subject = session.scalar(
        sa.delete(StaffIdentity)
        .where(StaffIdentity.staff_id == staff.id, StaffIdentity.issuer == issuer)
        .returning(StaffIdentity.subject)
    )
    return subject is not None
