"""Rate limits: counted in the database, in Redis, or in memory."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from datetime import timedelta
from typing import cast

import sqlalchemy as sa
from limits import RateLimitItem, parse
from limits.storage import (
    MemoryStorage,
    SlidingWindowCounterSupport,
    Storage,
    storage_from_string,
)
from limits.strategies import SlidingWindowCounterRateLimiter

from moderation.web.counters import WAIT_SECONDS, DatabaseCounters, seconds_until_free

logger = logging.getLogger(__name__)

#: For which a process counts by itself, after its storage has failed.
APART_SECONDS = 5.0


class Limiter:
    """Counts hits in a storage, and in memory while that fails.

    A failing counter never refuses a request that its limit allows.
    """

    def __init__(
        self, storage: Storage, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared = SlidingWindowCounterRateLimiter(storage)
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._clock = clock
        self._apart_until = -math.inf

    def hit(self, limit: str, *who: str) -> timedelta | None:
        """Count one hit; return how long it is refused, or None if it is allowed."""
        item = parse(limit)
        if self._clock() >= self._apart_until:
            try:
                return _hit(self._shared, item, who)
            except self._shared.storage.base_exceptions as error:
                logger.error(
                    "rate limits are counted in memory: %s", type(error).__name__
                )
                self._apart_until = self._clock() + APART_SECONDS
        return _hit(self._own, item, who)


def open_limiter(
    storage: str, hash_key: bytes, engine: Callable[[], sa.Engine]
) -> Limiter:
    """Return a rate limiter.

    Parameters
    ----------
    storage
        `database://`, `memory://`, or `redis://…`
    hash_key, engine
        Of the counts in the database.
    """
    if storage.startswith("database://"):
        return Limiter(DatabaseCounters(hash_key, engine))
    waits = {}
    if storage.startswith("redis"):
        waits = {"socket_timeout": WAIT_SECONDS, "socket_connect_timeout": WAIT_SECONDS}
    return Limiter(cast(Storage, storage_from_string(storage, **waits)))


def _hit(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, who: tuple[str, ...]
) -> timedelta | None:
    if limiter.hit(item, *who):
        return None
    storage = cast(SlidingWindowCounterSupport, limiter.storage)
    expiry = item.get_expiry()
    window = storage.get_sliding_window(item.key_for(*who), expiry)
    return timedelta(seconds=seconds_until_free(item.amount, expiry, window))
