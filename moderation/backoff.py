"""Pure: when what could not be sent is sent again, and when no more."""

from __future__ import annotations

from datetime import timedelta

LEASE_LASTS = timedelta(minutes=2)  # another worker tries again after a crash

#: After each failed attempt. The last one is about a day after the first.
#: Source: the schedule of Standard Webhooks, section "Deliverability and reliability"
#: (https://github.com/standard-webhooks/standard-webhooks, read 2026-11-25), cut there.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=7),
    timedelta(hours=9),
)
MAX_ATTEMPTS = len(PAUSES) + 1
TRIED_FOR = timedelta(days=1)  # what waited longer behind a dead receiver is given up

MIN_REST = timedelta(seconds=5)  # of a receiver after its first failure: doubled
MAX_REST = timedelta(minutes=10)  # after each further one, up to this
SPREAD = 0.2  # of a pause, either way: not all come back at once


def pause_after(attempt: int, chance: float) -> timedelta | None:
    """Return how long to wait after a failed attempt; None: it was the last one.

    Parameters
    ----------
    attempt : 1 for the first
    chance : 0 to 1, drawn at random

    >>> pause_after(1, 0.5), pause_after(8, 0.5)
    (datetime.timedelta(seconds=5), None)
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    return _spread(PAUSES[attempt - 1], chance)


def rest_after(failures: int, chance: float) -> timedelta:
    """Return how long a receiver is left alone after failures in a row.

    Parameters
    ----------
    failures : 1 or more
    chance : 0 to 1, drawn at random

    >>> rest_after(1, 0.5), rest_after(100, 0.5)
    (datetime.timedelta(seconds=5), datetime.timedelta(seconds=600))
    """
    doubled = MIN_REST * 2 ** min(failures - 1, 16)
    return _spread(min(doubled, MAX_REST), chance)


def _spread(pause: timedelta, chance: float) -> timedelta:
    return pause * (1 + SPREAD * (2 * chance - 1))
