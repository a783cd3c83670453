"""The keys that stored things were made with: their ids, and what still needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.keyed_hashes import HashKey, HashKeys
from moderation.privacy import Privacy
from moderation.tables.keys import InstalledKey


class KeyPurpose(StrEnum):
    """The purpose of an installation's key."""

    EMAIL = "email"  #: encrypts addresses and secrets
    EMAIL_INDEX = "email_index"  #: finds addresses, authors, and repetitions
    SECRET = "secret"  # noqa: S105 - a name; hashes credentials and IP addresses


#: The settings that keys come from: the one in use, and the others that are accepted.
SETTINGS_OF = {
    KeyPurpose.EMAIL: "MODERATION_EMAIL_KEYS",
    KeyPurpose.EMAIL_INDEX: (
        "MODERATION_EMAIL_INDEX_KEY and MODERATION_EMAIL_INDEX_KEYS_ACCEPTED"
    ),
    KeyPurpose.SECRET: "MODERATION_SECRET_KEY and MODERATION_SECRET_KEYS_ACCEPTED",
}


@dataclass(frozen=True, kw_only=True)
class InstallationKeys:
    """All keys of the installation, as the settings give them."""

    privacy: Privacy
    secrets: HashKeys

    def list_keys(self, purpose: KeyPurpose) -> tuple[HashKey, ...]:
        """Return the keys for a purpose, the one in use first."""
        if purpose is KeyPurpose.EMAIL:
            named = self.privacy.email_keys.items()
            return tuple(HashKey(id=key_id, secret=key) for key_id, key in named)
        if purpose is KeyPurpose.EMAIL_INDEX:
            return self.privacy.index_keys.keys
        return self.secrets.keys

    def current_id(self, purpose: KeyPurpose) -> str:
        """Return the id of the key in use."""
        return self.list_keys(purpose)[0].id


def list_installed(session: Session) -> Sequence[InstalledKey]:
    """Return the keys that were ever in use, in the order in which they came."""
    return session.scalars(
        sa.select(InstalledKey).order_by(
            InstalledKey.purpose, InstalledKey.first_seen_at, InstalledKey.key_id
        )
    ).all()


def has_unknown(session: Session, keys: InstallationKeys) -> bool:
    """Return whether a key in the settings isn't recorded yet, or was ended."""
    known = {
        (row.purpose, row.key_id)
        for row in list_installed(session)
        if row.ended_at is None
    }
    return any(
        (purpose.value, key.id) not in known
        for purpose in KeyPurpose
        for key in keys.list_keys(purpose)
    )


def record_keys(session: Session, keys: InstallationKeys, now: datetime) -> None:
    """Record the keys in the settings; one that was ended may come back."""
    known = {(row.purpose, row.key_id): row for row in list_installed(session)}
    for purpose in KeyPurpose:
        for key in keys.list_keys(purpose):
            row = known.get((purpose.value, key.id))
            if row is None:
                session.add(
                    InstalledKey(
                        purpose=purpose.value,
                        key_id=key.id,
                        check=_check_of(key),
                        first_seen_at=now,
                    )
                )
            elif row.check == _check_of(key):
                row.ended_at = None
    session.flush()


def list_missing(session: Session, keys: InstallationKeys) -> list[str]:
    """Return what is wrong with the keys in the settings, a sentence each.

    A key that something stored may need is missing, or another one has its id.
    """
    faults = []
    for row in list_installed(session):
        purpose = KeyPurpose(row.purpose)
        found = {key.id: key for key in keys.list_keys(purpose)}.get(row.key_id)
        if row.ended_at is None and found is None:
            faults.append(f"{SETTINGS_OF[purpose]}: the key {row.key_id} is missing")
        elif found is not None and row.check != _check_of(found):
            faults.append(
                f"{SETTINGS_OF[purpose]}: another key has the id {row.key_id}"
            )
    return faults


def _check_of(key: HashKey) -> str:
    return key.derive("check").hash("check")
