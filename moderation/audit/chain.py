"""The chain: how an entry is hashed, and which one it hangs on."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moderation.privacy import derive_key, keyed_hash
from moderation.tables.audit import AuditEntry

GENESIS = "0" * 64  # the hash before the first entry
HEAD_ID = 1  # of the one row of `audit_head`

#: All that an entry says, as its columns are named.
COLUMNS = tuple(
    column.name for column in AuditEntry.__table__.columns if column.name != "hash"
)


def derive_audit_key(secret: str) -> bytes:
    """Return the key of the chain of an installation, 32 bytes."""
    return derive_key(secret, "audit")


def derive_head_secret(secret: str) -> str:
    """Return the secret that signs the head on its way, as Standard Webhooks write it.

    Source: https://github.com/standard-webhooks/standard-webhooks, read 2026-11-29.
    """
    drawn = base64.b64encode(derive_key(secret, "audit head")).decode()
    return f"whsec_{drawn}"


def hash_entry(key: bytes, fields: Mapping[str, Any]) -> str:
    """Return the hash of an entry: HMAC-SHA-256, 64 hexadecimal digits.

    Parameters
    ----------
    fields
        Every one of `COLUMNS`, with its value.
    """
    return keyed_hash(key, _canonical({name: fields[name] for name in COLUMNS}))


def _canonical(fields: Mapping[str, Any]) -> str:
    """Return the one way to write an entry: sorted, in ASCII, without spaces."""
    return _ENCODER.encode(fields)


def _write_moment(value: object) -> str:
    """Return a moment in UTC with its microseconds, alike from both databases."""
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in an entry")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


_ENCODER = json.JSONEncoder(
    sort_keys=True,
    ensure_ascii=True,
    allow_nan=False,
    separators=(",", ":"),
    default=_write_moment,
)
