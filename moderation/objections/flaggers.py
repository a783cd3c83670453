"""Trusted flaggers: entered by an admin with their award; a token marks their notices.

Awarded by Digital Services Coordinators; the Commission publishes the list (DSA Art.
22). The service asks no list: an admin enters the reference.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import NotFound
from moderation.keyed_hashes import HashKeys
from moderation.tables.legal import TrustedFlagger

TOKEN_PREFIX = "flagger_"  # noqa: S105 - a name, no secret
TOKEN_BYTES = 24
MAX_LISTED = 200


def create(
    session: Session,
    site_id: int,
    *,
    name: str,
    reference: str,
    staff_id: int,
    hash_keys: HashKeys,
    now: datetime,
) -> tuple[TrustedFlagger, str]:
    """Add a trusted flagger; return it with its token, which is shown once."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = TrustedFlagger(
        site_id=site_id,
        name=name,
        reference=reference,
        token_hash=hash_keys.hash(token),
        created_at=now,
        staff_id=staff_id,
    )
    session.add(row)
    session.flush()
    _record(session, row)
    return row, token


def list_of_site(session: Session, site_id: int) -> Sequence[TrustedFlagger]:
    """Return a site's trusted flaggers, the newest first."""
    return session.scalars(
        sa.select(TrustedFlagger)
        .where(TrustedFlagger.site_id == site_id)
        .order_by(TrustedFlagger.id.desc())
        .limit(MAX_LISTED)
    ).all()


def set_suspended(
    session: Session, site_id: int, flagger_id: int, now: datetime, *, is_on: bool
) -> TrustedFlagger:
    """Let a flagger's token mark no notices, or let it do so again.

    Raises
    ------
    NotFound
        If there is no such flagger at the site.
    """
    row = session.scalar(
        sa.select(TrustedFlagger)
        .where(TrustedFlagger.id == flagger_id, TrustedFlagger.site_id == site_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound("There is no such trusted flagger.")
    if (row.suspended_at is not None) is not is_on:
        row.suspended_at = now if is_on else None
        _record(session, row)
    return row


def find_by_token(
    session: Session, site_id: int, token: str, hash_keys: HashKeys
) -> TrustedFlagger | None:
    """Return the flagger of a token, unless suspended."""
    return session.scalar(
        sa.select(TrustedFlagger).where(
            TrustedFlagger.site_id == site_id,
            TrustedFlagger.token_hash.in_(hash_keys.list_hashes(token)),
            TrustedFlagger.suspended_at.is_(None),
        )
    )


def _record(session: Session, row: TrustedFlagger) -> None:
    record(
        session,
        AuditAction.FLAGGER_CHANGED,
        target=(TargetKind.FLAGGER, row.id),
        site_id=row.site_id,
        is_suspended=row.suspended_at is not None,
    )
