"""Counts of rate limits in the database, where all processes share them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from limits.storage import SlidingWindowCounterSupport, Storage
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from moderation.database import brief_transaction
from moderation.privacy import keyed_hash
from moderation.tables.limits import RateCount

#: A process takes this share of a limit from the database by one statement, and counts
#: it down in memory: a limit of 6000 a minute is written once for 60 requests. Hits
#: that are left at the end of a window are lost, so that no one gets more than the
#: limit.
PORTION = 1 / 100
WAIT_SECONDS = 0.25  # for the database, before a count is given up
MAX_REFUSED_SECONDS = 1.0  # for which a refusal is remembered without asking again
MAX_REMEMBERED = 10_000  # counters in memory


class DatabaseCounters(Storage, SlidingWindowCounterSupport):
    """A storage of `limits` over our table, for sliding windows.

    Parameters
    ----------
    hash_key
        Hides in the table who is counted.
    engine
        Returns the engine; called within a request.
    clock
        Returns the seconds since 1970.
    wait_seconds
        For a locked database, before a count fails.
    """

    STORAGE_SCHEME = None

    def __init__(
        self,
        hash_key: bytes,
        engine: Callable[[], sa.Engine],
        clock: Callable[[], float] = time.time,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        super().__init__()
        self._wait_seconds = wait_seconds
        self._hash_key, self._engine, self._clock = hash_key, engine, clock
        self._lock = threading.Lock()
        #: counter and window → hits that this process may still let pass
        self._portions: dict[tuple[str, int], int] = {}
        #: counter → when to ask the database again, after a refusal
        self._refused_until: dict[str, float] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """The errors of a database that can't be reached or stays locked."""
        return SQLAlchemyError

    def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Count hits, if the limit allows them; tell whether it does.

        Parameters
        ----------
        limit
            Hits allowed within `expiry` seconds.
        """
        now = self._clock()
        window = int(now // expiry)
        if self._take_portion(key, window, amount):
            return True
        if self._refused_until.get(key, 0) > now:
            return False
        previous_weight = 1 - now % expiry / expiry
        portion = max(amount, int(limit * PORTION))
        with self._writing() as connection:
            previous = self._read(connection, key, window - 1)
            room = limit - int(previous * previous_weight)
            # Near the limit, where no portion is left, one by one.
            for count in sorted({portion, amount}, reverse=True):
                if self._add(connection, (key, window, expiry), count, room):
                    self._remember(key, window, count - amount)
                    return True
        window_now = self._window(key, expiry, now)
        pause = min(MAX_REFUSED_SECONDS, seconds_until_free(limit, expiry, window_now))
        with self._lock:
            self._bound(self._refused_until)
            self._refused_until[key] = now + pause
        return False

    def get_sliding_window(
        self, key: str, expiry: int
    ) -> tuple[int, float, int, float]:
        """Return the hits and seconds left of the previous and the current window."""
        return self._window(key, expiry, self._clock())

    def _window(
        self, key: str, expiry: int, now: float
    ) -> tuple[int, float, int, float]:
        window, rest = int(now // expiry), expiry - now % expiry
        with self._engine().connect() as connection:
            previous = self._read(connection, key, window - 1)
            current = self._read(connection, key, window)
        return previous, rest, current, rest + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget the hits of one counter."""
        hashed = self._hashed(key)
        with self._writing() as connection:
            connection.execute(sa.delete(RateCount).where(RateCount.key_hash == hashed))
        with self._lock:
            self._portions.clear()
            self._refused_until.clear()

    def check(self) -> bool:
        """Tell whether the table can be read."""
        try:
            with self._engine().connect() as connection:
                connection.execute(sa.select(RateCount.window).limit(1))
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget all hits; return how many counts there were."""
        with self._writing() as connection:
            deleted = connection.execute(sa.delete(RateCount)).rowcount
        with self._lock:
            self._portions.clear()
            self._refused_until.clear()
        return deleted

    def clear(self, key: str) -> None:
        """Refuse: a fixed window is not counted here."""
        raise NotImplementedError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Refuse: a fixed window is not counted here."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Refuse: a fixed window is not counted here."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Refuse: a fixed window is not counted here."""
        raise NotImplementedError

    def _take_portion(self, key: str, window: int, amount: int) -> bool:
        with self._lock:
            left = self._portions.get((key, window), 0)
            if left < amount:
                return False
            self._portions[key, window] = left - amount
            return True

    def _remember(self, key: str, window: int, count: int) -> None:
        if count:
            with self._lock:
                self._bound(self._portions)
                before = self._portions.get((key, window), 0)
                self._portions[key, window] = before + count
                self._portions.pop((key, window - 1), None)

    @staticmethod
    def _bound(remembered: dict[Any, Any]) -> None:
        """Forget all, where clients made up more names than memory should hold."""
        if len(remembered) >= MAX_REMEMBERED:
            remembered.clear()

    def _read(self, connection: sa.Connection, key: str, window: int) -> int:
        count = connection.scalar(
            sa.select(RateCount.hit_count).where(
                RateCount.key_hash == self._hashed(key), RateCount.window == window
            )
        )
        return count or 0

    def _add(
        self,
        connection: sa.Connection,
        place: tuple[str, int, int],
        count: int,
        room: int,
    ) -> bool:
        """Add hits by one guarded statement, if there is room for all of them."""
        if count > room:
            return False
        key, window, expiry = place
        is_sqlite = connection.dialect.name == "sqlite"
        insert = sqlite.insert if is_sqlite else postgresql.insert
        statement = insert(RateCount).values(
            key_hash=self._hashed(key),
            window=window,
            hit_count=count,
            # One window longer than it is the current one: it is weighed then.
            expires_at=datetime.fromtimestamp((window + 2) * expiry, UTC),
        )
        total = connection.scalar(
            statement.on_conflict_do_update(
                index_elements=["key_hash", "window"],
                set_={"hit_count": RateCount.hit_count + count},
                where=RateCount.hit_count + count <= room,
            ).returning(RateCount.hit_count)
        )
        return total is not None

    def _hashed(self, key: str) -> str:
        return keyed_hash(self._hash_key, f"limit:{key}")

    def _writing(self) -> AbstractContextManager[sa.Connection]:
        return brief_transaction(self._engine(), self._wait_seconds)


def delete_expired(session: Session, now: datetime) -> None:
    """Delete the counts of windows that no limit looks at any more."""
    session.execute(sa.delete(RateCount).where(RateCount.expires_at <= now))


def seconds_until_free(
    limit: int, expiry: int, window: tuple[int, float, int, float]
) -> float:
    """Return in how many seconds a sliding window has room for one more hit.

    The hits of the previous window weigh less from second to second.

    Parameters
    ----------
    limit, expiry
        Hits allowed within so many seconds.
    window
        As `limits` has it: hits and seconds left of the previous and of the current
        window; the latter is kept for a window more than it lasts.

    >>> seconds_until_free(10, 60, (10, 36.0, 5, 96.0))  # six of ten, and five
    6.0
    >>> seconds_until_free(10, 60, (0, 0.0, 10, 80.0))  # the window ends in 20 s
    20.0
    """
    previous, previous_rest, current, current_rest = window
    rest = current_rest - expiry if current else previous_rest
    room = limit - current
    if room <= 0:
        return rest + expiry * (1 - limit / current)
    return max(0.0, rest - expiry * room / previous) if previous else 0.0
