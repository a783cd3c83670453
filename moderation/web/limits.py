"""Rate limits, counted in memory or in Redis."""

from __future__ import annotations

from limits import parse
from limits.storage import storage_from_string
from limits.strategies import RateLimiter, SlidingWindowCounterRateLimiter

from moderation.errors import TooManyRequests
from moderation.web.services import services


def open_limiter(storage: str) -> RateLimiter:
    """Return a rate limiter; `storage` is `memory://` or `redis://…`."""
    return SlidingWindowCounterRateLimiter(storage_from_string(storage))


def allow(limit: str, *who: str) -> None:
    """Count one try of somebody.

    Raises
    ------
    TooManyRequests
        If it is one too many; `limit` is as "10 per minute".
    """
    if not services().limiter.hit(parse(limit), *who):
        raise TooManyRequests
