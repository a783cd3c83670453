"""Signed links with which a person sees what a site holds of them."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import NotFound
from moderation.privacy import derive_key, keyed_hash
from moderation.subjects.person import DataSubject
from moderation.tables.subjects import PersonLink

PATH = "/person/"  # of the page
SIGNATURE_LENGTH = 64  # hexadecimal digits: it opens a whole person's data
LASTS = timedelta(days=7)
MAX_DAYS = 30


def derive_link_key(secret: str) -> bytes:
    """Return the key that signs links. `secret` is `MODERATION_SECRET_KEY`."""
    return derive_key(secret, "person links")


def create(
    session: Session, subject: DataSubject, key: bytes, lasts: timedelta, now: datetime
) -> tuple[PersonLink, str]:
    """Return a new link and its path, which is shown once and opens all of the data."""
    row = PersonLink(
        id=identifiers.new_id(),
        site_id=subject.site_id,
        subject=subject.as_json(),
        created_at=now,
        expires_at=now + lasts,
    )
    session.add(row)
    session.flush()
    author_id = next(iter(subject.author_ids), None)
    record(
        session,
        AuditAction.PERSON_LINK_CREATED,
        target=None if author_id is None else (TargetKind.AUTHOR, author_id),
        site_id=subject.site_id,
        days=lasts.days,
    )
    public_id = identifiers.encode(row.id)
    return row, f"{PATH}{public_id}{_signature(key, public_id)}"


def open_link(
    session: Session, token: str, keys: Sequence[bytes], now: datetime
) -> DataSubject:
    """Return whose link it is.

    Parameters
    ----------
    keys
        Any of which may have signed it.

    Raises
    ------
    NotFound
        If it isn't ours, or has expired.
    """
    public_id = token[: identifiers.ENCODED_LENGTH]
    given = token[identifiers.ENCODED_LENGTH :]
    if not token.isascii() or not any(
        hmac.compare_digest(given, _signature(key, public_id)) for key in keys
    ):
        raise NotFound("There is no such page.")
    row = session.get(PersonLink, identifiers.decode(public_id))
    if row is None or row.expires_at <= now:
        raise NotFound("There is no such page.")
    return DataSubject.of_json(row.site_id, row.subject)


def delete_expired(session: Session, now: datetime) -> None:
    """Delete links that have expired."""
    session.execute(sa.delete(PersonLink).where(PersonLink.expires_at <= now))


def _signature(key: bytes, public_id: str) -> str:
    return keyed_hash(key, public_id)[:SIGNATURE_LENGTH]
