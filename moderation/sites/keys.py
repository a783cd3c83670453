"""The keys that sites authenticate with."""

from __future__ import annotations

import secrets
import string
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.privacy import keyed_hash
from moderation.tables.sites import SiteKey

KEY_LENGTH = 12  # what the Akismet plugin of WordPress accepts; 62 bits
KEY_ALPHABET = string.ascii_lowercase + string.digits


def issue_key(session: Session, site_id: int, hash_key: bytes, now: datetime) -> str:
    """Create a key for a site and return it; it can't be shown again."""
    key = "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))
    row = SiteKey(site_id=site_id, key_hash=keyed_hash(hash_key, key), created_at=now)
    session.add(row)
    session.flush()
    target = (TargetKind.SITE_KEY, row.id)
    record(session, AuditAction.KEY_CREATED, target=target, site_id=site_id)
    return key


def rotate_key(
    session: Session, site_id: int, hash_key: bytes, now: datetime, overlap: timedelta
) -> str:
    """Create a key and return it; older keys expire after the overlap."""
    session.execute(
        sa.update(SiteKey)
        .where(
            SiteKey.site_id == site_id, is_unrevoked(SiteKey.revoked_at, now + overlap)
        )
        .values(revoked_at=now + overlap)
    )
    hours = overlap // timedelta(hours=1)
    record(session, AuditAction.KEYS_EXPIRED, site_id=site_id, overlap_hours=hours)
    return issue_key(session, site_id, hash_key, now)


def is_key_format(text: str) -> bool:
    """Return whether a credential has the format of a site key."""
    return len(text) == KEY_LENGTH and set(text) <= set(KEY_ALPHABET)


def is_unrevoked(
    revoked_at: InstrumentedAttribute[datetime | None],
    now: datetime | sa.BindParameter[Any],
) -> sa.ColumnElement[bool]:
    """Return the condition that a key or secret is valid at a time."""
    return sa.or_(revoked_at.is_(None), revoked_at > now)
