"""Known devices: browsers and programs that a person has logged in from before.

A device holds a random token in a cookie. What is stored about it is a keyed hash,
and a hash of the credentials that were given: a new password or second factor makes
all devices unknown.

Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies" (read 2026-11).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.keyed_hashes import HashKeys
from moderation.tables.accounts import KnownDevice, SecondFactor, Staff

TOKEN_BYTES = 32
DEVICE_LASTS = timedelta(days=180)  # after the last log-in from it
MAX_DEVICES = 20  # of one person; the oldest one is forgotten
#: Wrong passwords and codes in a row that make a device unknown: a thief of the device
#: can't guess for ever. No one else can add to them.
MAX_FAILURES = 20


def list_credentials_hashes(
    session: Session, staff: Staff, hash_keys: HashKeys
) -> tuple[str, ...]:
    """Return keyed hashes that a new password or second factor changes.

    The one under the key in use is the first; the others may be stored.
    """
    factor = session.get(SecondFactor, staff.id)
    confirmed_at = factor.confirmed_at if factor else None
    return hash_keys.list_hashes(
        f"credentials:{staff.id}:{staff.password_hash}:{confirmed_at}"
    )


def find_device(
    session: Session, login: str, token: str, hash_keys: HashKeys, now: datetime
) -> int | None:
    """Return the id of the device that a token belongs to, if it is this person's."""
    if not token:
        return None
    row = session.execute(
        sa.select(KnownDevice, Staff)
        .join(Staff, Staff.id == KnownDevice.staff_id)
        .where(
            KnownDevice.token_hash.in_(hash_keys.list_hashes(_text(token))),
            KnownDevice.expires_at > now,
            KnownDevice.failure_count < MAX_FAILURES,
            Staff.login == login,
            Staff.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    device, staff = row
    hashes = list_credentials_hashes(session, staff, hash_keys)
    is_same = device.credentials_hash in hashes
    return device.id if is_same else None


def create_device(
    session: Session,
    staff: Staff,
    replaced_token: str,
    hash_keys: HashKeys,
    now: datetime,
) -> tuple[str, datetime]:
    """Make a device known and return its token and when it expires.

    The token that it had, devices with earlier credentials, and the oldest ones above
    `MAX_DEVICES` end.
    """
    hashes = list_credentials_hashes(session, staff, hash_keys)
    of_person = KnownDevice.staff_id == staff.id
    newest = (
        sa.select(KnownDevice.id)
        .where(of_person, KnownDevice.credentials_hash.in_(hashes))
        .order_by(KnownDevice.id.desc())
        .limit(MAX_DEVICES - 1)
    )
    session.execute(
        sa.delete(KnownDevice).where(
            of_person,
            sa.or_(
                KnownDevice.token_hash.in_(
                    hash_keys.list_hashes(_text(replaced_token))
                ),
                KnownDevice.id.not_in(newest),
            ),
        )
    )
    token, expires_at = secrets.token_urlsafe(TOKEN_BYTES), now + DEVICE_LASTS
    session.add(
        KnownDevice(
            staff_id=staff.id,
            token_hash=hash_keys.hash(_text(token)),
            credentials_hash=hashes[0],
            failure_count=0,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token, expires_at


def record_device_failure(session: Session, device_id: int) -> None:
    """Count a wrong password or code from a device."""
    session.execute(
        sa.update(KnownDevice)
        .where(KnownDevice.id == device_id)
        .values(failure_count=KnownDevice.failure_count + 1)
    )


def delete_expired(session: Session, now: datetime) -> None:
    """Delete the devices from which no one has logged in for long."""
    session.execute(sa.delete(KnownDevice).where(KnownDevice.expires_at <= now))


def _text(token: str) -> str:
    return f"device:{token}"
