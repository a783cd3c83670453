"""Rate limits, counted in memory or in Redis."""

from __future__ import annotations

from flask import Flask, current_app
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from moderation.errors import TooManyRequests


def init_limits(app: Flask, storage: str) -> None:
    """Open the counters; `storage` is `memory://` or `redis://…`."""
    app.extensions["limits"] = SlidingWindowCounterRateLimiter(
        storage_from_string(storage)
    )


def allow(limit: str, *who: str) -> None:
    """Count one try of somebody.

    Raises
    ------
    TooManyRequests
        If it is one too many; `limit` is as "10 per minute".
    """
    limiter: SlidingWindowCounterRateLimiter = current_app.extensions["limits"]
    if not limiter.hit(parse(limit), *who):
        raise TooManyRequests
