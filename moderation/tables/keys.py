"""The installation's keys by their ids, and how far their replacement is."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class InstalledKey(Table):
    """A key that something stored was made with, by its id; never the key itself."""

    __tablename__ = "installed_keys"

    #: `moderation.rekeying.installed.KeyPurpose`
    purpose: Mapped[str] = mapped_column(sa.String(15), primary_key=True)
    key_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    #: keyed hash of a constant: another key under the same id shows
    check: Mapped[str] = mapped_column("check_hash", sa.String(64))
    first_seen_at: Mapped[datetime]
    #: nothing stored needs it since then; None: something may
    ended_at: Mapped[datetime | None]
    #: the audit log's key, sealed under the secret key in use
    sealed_audit_key: Mapped[str | None] = mapped_column(sa.Text())


class Rekeying(Table):
    """The progress of one part of stored data towards the key in use."""

    __tablename__ = "rekeyings"

    #: name of a `moderation.rekeying.parts.KeyedPart`
    part: Mapped[str] = mapped_column(sa.String(63), primary_key=True)
    #: of the key in use
    key_id: Mapped[str] = mapped_column(sa.String(64))
    #: of the last row that was gone through; 0: none yet
    last_id: Mapped[int] = mapped_column(sa.BigInteger())
    changed_count: Mapped[int]
    #: rows that keep what an older key has made, as it can't be made again
    remaining_count: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
