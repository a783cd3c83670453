"""Refuse clients that try too often."""

from __future__ import annotations

from moderation.errors import TooManyRequests
from moderation.web.services import services


def allow(limit: str, *who: str) -> None:
    """Count one try of someone.

    Call it before the request begins to write: on SQLite the count is written by
    another connection.

    Raises
    ------
    TooManyRequests
        If it is one too many; `limit` is as "10 per minute".
    """
    retry_after = services().limiter.hit(limit, *who)
    if retry_after is not None:
        raise TooManyRequests(retry_after=retry_after)
