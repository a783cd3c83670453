"""Counters of failures: some are free, then each next try waits longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moderation.errors import TooManyRequests
from moderation.tables.accounts import FailedAttempts

#: More doublings change nothing: a second has become more than thirty years.
MAX_DOUBLINGS = 30


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """The number of free failures, and the delays after them."""

    free_count: int  #: failures, 1 or more
    first_delay: timedelta
    max_delay: timedelta  #: at least the first one
    forget_after: timedelta  #: without a further failure, once the delay has passed

    def delay_after(self, failure_count: int) -> timedelta:
        """Return how long the next try waits; each further failure doubles it.

        >>> few = Tolerance(
        ...     free_count=3,
        ...     first_delay=timedelta(minutes=1),
        ...     max_delay=timedelta(minutes=15),
        ...     forget_after=timedelta(hours=1),
        ... )
        >>> [few.delay_after(count).seconds for count in (2, 3, 4, 5, 9)]
        [0, 60, 120, 240, 900]
        """
        if failure_count < self.free_count:
            return timedelta()
        doublings = min(failure_count - self.free_count, MAX_DOUBLINGS)
        seconds = self.first_delay.total_seconds() * 2**doublings
        return timedelta(seconds=min(seconds, self.max_delay.total_seconds()))


@dataclass(frozen=True, kw_only=True)
class FailureCounter:
    """A counter, and what it tolerates."""

    key_hash: str  #: 64 hexadecimal digits
    tolerance: Tolerance


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The one try that a counter allows after its delay."""

    counter: FailureCounter
    blocked_until: datetime  #: as read
    next_at: datetime  #: when the next try is allowed, while this one is under way


def find_turns(
    session: Session, counters: Sequence[FailureCounter], now: datetime
) -> list[Turn]:
    """Return the turns that a try has to take; none where failures are still free.

    Raises
    ------
    TooManyRequests
        If one of the counters allows no try yet.
    """
    by_key = {counter.key_hash: counter for counter in counters}
    rows = session.execute(
        sa.select(
            FailedAttempts.key_hash,
            FailedAttempts.failure_count,
            FailedAttempts.blocked_until,
        ).where(FailedAttempts.key_hash.in_(by_key), FailedAttempts.expires_at > now)
    ).all()
    blocked_until = max((row.blocked_until for row in rows), default=now)
    if blocked_until > now:
        raise TooManyRequests(retry_after=blocked_until - now)
    turns = []
    for row in sorted(rows, key=lambda row: row.key_hash):
        counter = by_key[row.key_hash]
        delay = counter.tolerance.delay_after(row.failure_count)
        if delay:
            turns.append(
                Turn(
                    counter=counter,
                    blocked_until=row.blocked_until,
                    next_at=now + delay,
                )
            )
    return turns


def take_turns(session: Session, turns: Sequence[Turn], now: datetime) -> None:
    """Take the turns, so that of many tries at the same moment one is allowed.

    Raises
    ------
    TooManyRequests
        If another try has taken one of them.
    """
    for turn in turns:
        taken = _move(session, turn, turn.blocked_until, turn.next_at)
        if not taken:
            raise TooManyRequests(retry_after=turn.next_at - now)


def return_turns(session: Session, turns: Sequence[Turn]) -> None:
    """Return the turns of a try that did not fail."""
    for turn in turns:
        _move(session, turn, turn.next_at, turn.blocked_until)


def record_failure(
    session: Session, counters: Sequence[FailureCounter], now: datetime
) -> timedelta:
    """Count a failure, in each counter, and return how long the next try waits."""
    longest = timedelta()
    # In one order everywhere: PostgreSQL locks the rows until the commit.
    for counter in sorted(counters, key=lambda counter: counter.key_hash):
        delay = counter.tolerance.delay_after(_increment(session, counter, now))
        kept = counter.tolerance.forget_after
        session.execute(
            sa.update(FailedAttempts)
            .where(FailedAttempts.key_hash == counter.key_hash)
            .values(blocked_until=now + delay, expires_at=now + delay + kept)
        )
        longest = max(longest, delay)
    return longest


def forget(session: Session, counters: Sequence[FailureCounter]) -> None:
    """Forget the failures that some counters have counted."""
    keys = [counter.key_hash for counter in counters]
    session.execute(sa.delete(FailedAttempts).where(FailedAttempts.key_hash.in_(keys)))


def delete_expired(session: Session, now: datetime) -> None:
    """Delete the counters whose failures are forgotten."""
    session.execute(sa.delete(FailedAttempts).where(FailedAttempts.expires_at <= now))


def _increment(session: Session, counter: FailureCounter, now: datetime) -> int:
    """Return the new count: one statement, so that no failure is lost."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    statement = insert(FailedAttempts).values(
        key_hash=counter.key_hash, failure_count=1, blocked_until=now, expires_at=now
    )
    is_forgotten = FailedAttempts.expires_at <= now
    count: int = session.execute(
        statement.on_conflict_do_update(
            index_elements=["key_hash"],
            set_={
                "failure_count": sa.case(
                    (is_forgotten, 1), else_=FailedAttempts.failure_count + 1
                )
            },
        ).returning(FailedAttempts.failure_count)
    ).scalar_one()
    return count


def _move(session: Session, turn: Turn, before: datetime, after: datetime) -> bool:
    """Set when the next try is allowed, if no one else did; tell whether it is set."""
    moved = session.scalar(
        sa.update(FailedAttempts)
        .where(
            FailedAttempts.key_hash == turn.counter.key_hash,
            FailedAttempts.blocked_until == before,
        )
        .values(blocked_until=after)
        .returning(FailedAttempts.key_hash)
    )
    return moved is not None
