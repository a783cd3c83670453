"""Turns at work that one worker does at a time, on any machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from moderation.database import Sessions, start_writing
from moderation.jobs import LeaseLost
from moderation.tables.jobs import Heartbeat

#: A killed worker's turn waits as long for another one. 500 comments, between which a
#: turn is renewed, take some seconds.
TURN_LASTS = timedelta(minutes=5)


class WorkTurn:
    """A turn that this worker has, or would take.

    It saves work, and guards nothing: what is stored must be right if two workers
    believe that they have the turn.
    """

    def __init__(self, sessions: Sessions, name: str) -> None:
        self._sessions = sessions
        self._name = name
        self._beaten_at: datetime | None = None  #: None: this worker doesn't have it

    def take(self, now: datetime | None = None) -> bool:
        """Take the turn if no other worker has it; tell whether this one has it now."""
        moment = now or datetime.now(UTC)
        with self._sessions() as session:
            start_writing(session)
            is_sqlite = session.get_bind().dialect.name == "sqlite"
            insertion = (sqlite.insert if is_sqlite else postgresql.insert)(Heartbeat)
            taken = session.scalar(
                insertion.values(name=self._name, beaten_at=moment)
                .on_conflict_do_update(
                    index_elements=["name"],
                    set_={"beaten_at": moment},
                    where=Heartbeat.beaten_at < moment - TURN_LASTS,
                )
                .returning(Heartbeat.name)
            )
            session.commit()
        self._beaten_at = moment if taken else None
        return taken is not None

    def renew(self, now: datetime | None = None) -> None:
        """Keep the turn for longer.

        Raises
        ------
        LeaseLost
            If another worker has it.
        """
        moment = now or datetime.now(UTC)
        with self._sessions() as session:
            start_writing(session)
            renewed = session.scalar(
                sa.update(Heartbeat)
                .where(*self._is_ours())
                .values(beaten_at=moment)
                .returning(Heartbeat.name)
            )
            session.commit()
        self._beaten_at = moment if renewed else None
        if renewed is None:
            raise LeaseLost

    def end(self) -> None:
        """Let another worker take the turn, if this one has it."""
        if self._beaten_at is None:
            return
        with self._sessions() as session:
            start_writing(session)
            session.execute(sa.delete(Heartbeat).where(*self._is_ours()))
            session.commit()
        self._beaten_at = None

    def _is_ours(self) -> tuple[sa.ColumnElement[bool], ...]:
        return Heartbeat.name == self._name, Heartbeat.beaten_at == self._beaten_at
