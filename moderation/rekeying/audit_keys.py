"""Older keys of the audit log, kept sealed: its old entries stay verifiable.

The log's key is derived from the secret key and tells nothing of it. It is sealed under
the secret key in use, with the last entry that it may have chained: an owner of an old
secret can't add an entry with it afterwards.
"""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Iterator

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy.orm import Session

from moderation.audit.verification import OlderAuditKey, read_head
from moderation.keyed_hashes import SEPARATOR, HashKey
from moderation.privacy import NONCE_BYTES
from moderation.rekeying.installed import InstallationKeys, KeyPurpose
from moderation.tables.keys import InstalledKey

logger = logging.getLogger(__name__)

PURPOSE = "audit"  # as in `audit.chain.derive_audit_key`
UNTIL_BYTES = 8


def keep(session: Session, keys: InstallationKeys, *, is_ending: bool = False) -> None:
    """Seal the audit keys of older secret keys under the one in use.

    Parameters
    ----------
    is_ending
        The older keys end: they have chained nothing after the newest entry.
    """
    current = keys.secrets.current
    accepted = {key.id: key for key in keys.secrets.keys[1:]}
    until = read_head(session).sequence if is_ending else 0
    for row in _rows(session):
        if row.key_id == current.id:
            continue
        if row.key_id in accepted and row.ended_at is None:
            key = accepted[row.key_id].derive(PURPOSE).secret
            row.sealed_audit_key = _seal(current, row.key_id, key, until)
        elif row.sealed_audit_key and not _is_under(current, row.sealed_audit_key):
            older = _open(keys, row)
            if older is not None:
                end = older.until or 0
                sealed = _seal(current, row.key_id, older.key, end)
                row.sealed_audit_key = sealed
    session.flush()


def list_older(session: Session, keys: InstallationKeys) -> list[OlderAuditKey]:
    """Return the keys that chained entries before the one in use."""
    older, kept = [], set()
    for row in _rows(session):
        found = _open(keys, row) if row.sealed_audit_key else None
        if found is not None:
            older.append(found)
            kept.add(row.key_id)
    older += [
        OlderAuditKey(key=key.derive(PURPOSE).secret)
        for key in keys.secrets.keys[1:]
        if key.id not in kept
    ]
    return older


def _rows(session: Session) -> Iterator[InstalledKey]:
    query = sa.select(InstalledKey).where(
        InstalledKey.purpose == KeyPurpose.SECRET.value
    )
    yield from session.scalars(query.order_by(InstalledKey.first_seen_at)).all()


def _is_under(key: HashKey, sealed: str) -> bool:
    return sealed.startswith(key.id + SEPARATOR)


def _seal(under: HashKey, key_id: str, key: bytes, until: int) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    plain = until.to_bytes(UNTIL_BYTES, "big") + key
    sealed = _cipher(under).encrypt(nonce, plain, key_id.encode())
    return f"{under.id}{SEPARATOR}{base64.b64encode(nonce + sealed).decode()}"


def _open(keys: InstallationKeys, row: InstalledKey) -> OlderAuditKey | None:
    under_id, _, body = (row.sealed_audit_key or "").partition(SEPARATOR)
    under = {key.id: key for key in keys.secrets.keys}.get(under_id)
    try:
        if under is None:
            raise ValueError("its key isn't accepted")
        sealed = base64.b64decode(body, validate=True)
        plain = _cipher(under).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], row.key_id.encode()
        )
    except (ValueError, InvalidTag):
        logger.error("the audit log's key %s can't be read", row.key_id)
        return None
    until = int.from_bytes(plain[:UNTIL_BYTES], "big")
    return OlderAuditKey(key=plain[UNTIL_BYTES:], until=until or None)


def _cipher(key: HashKey) -> AESGCMSIV:
    return AESGCMSIV(key.derive("audit keys").secret)
