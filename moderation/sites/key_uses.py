"""The last use of each site key, recorded at most once a minute."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import sqlalchemy as sa

from moderation.sites.keys import KeyContext
from moderation.tables.sites import SiteKey

RECORDED_EVERY = timedelta(minutes=1)  # per key and process


class KeyUses:
    """Key uses that this process has recorded recently; thread-safe."""

    def __init__(self) -> None:
        self._recorded_at: dict[int, datetime] = {}
        self._lock = threading.Lock()

    def is_due(self, key: KeyContext, now: datetime) -> bool:
        """Return whether to record a use now; the next one is due a minute later.

        It isn't due where another process has recorded a use in the last minute.
        """
        newest = self._recorded_at.get(key.id) or key.last_used_at
        if newest is not None and now - newest < RECORDED_EVERY:
            return False
        with self._lock:
            if self._recorded_at.get(key.id, newest) != newest:
                return False  # another thread's
            self._recorded_at[key.id] = now
        return True


def use_of(key_id: int, key_hash: str, now: datetime) -> sa.Update:
    """Return the statement that stores when a key was last used, and its hash.

    `key_hash` is made by the key in use: an older one can be replaced then.
    """
    return (
        sa.update(SiteKey)
        .where(
            SiteKey.id == key_id,
            sa.or_(SiteKey.last_used_at.is_(None), SiteKey.last_used_at < now),
        )
        .values(last_used_at=now, key_hash=key_hash)
    )
